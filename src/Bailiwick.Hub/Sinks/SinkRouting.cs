using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Sinks;

/// <summary>Which versions a sink gets, and what is taken out of them before. Whatever is not narrowed lets everything through.</summary>
public sealed class SinkRouting
{
    /// <summary>The most entries in one list.</summary>
    public const int MaxEntries = 1000;

    private readonly HashSet<CustomerId>? _customers;
    private readonly HashSet<AlertSeverity>? _severities;
    private readonly HashSet<string>? _sources;
    private readonly HashSet<RecordKind>? _kinds;
    private readonly Redaction? _redaction;

    private SinkRouting(V1.SinkRouting wish)
    {
        Wish = wish;
        _customers = wish.Customers?.ToHashSet();
        _severities = wish.Severities?.Select(word => Enum.Parse<AlertSeverity>(word, ignoreCase: true)).ToHashSet();
        _sources = wish.Sources?.ToHashSet(StringComparer.Ordinal);
        _kinds = wish.Kinds?.Select(word => Enum.Parse<RecordKind>(word, ignoreCase: true)).ToHashSet();
        _redaction = wish.Redact is { Count: > 0 } paths ? new Redaction(paths) : null;
    }

    /// <summary>Everything, unchanged.</summary>
    public static SinkRouting Everything { get; } = new(new V1.SinkRouting());

    /// <summary>As an operator wrote it.</summary>
    public V1.SinkRouting Wish { get; }

    /// <summary>Checks what an operator wrote.</summary>
    /// <param name="wish">Null for everything.</param>
    /// <param name="faults">Every fault, by member; empty when the routing can be used.</param>
    public static SinkRouting Read(V1.SinkRouting? wish, out IReadOnlyList<(string Field, string Sentence)> faults)
    {
        var found = new List<(string, string)>();
        faults = found;
        if (wish is null) return Everything;
        Check(wish.Customers, "customers", _ => true, "", found);
        Check(wish.Severities, "severities", Knows<AlertSeverity>, WordsOf<AlertSeverity>(), found);
        Check(wish.Sources, "sources", AlertSources.All.Contains, string.Join(", ", AlertSources.All), found);
        Check(wish.Kinds, "kinds", Knows<RecordKind>, WordsOf<RecordKind>(), found);
        Check(wish.Redact, "redact", Redaction.IsPath, "a field's name, or names joined by dots", found);
        return found.Count == 0 ? new SinkRouting(wish) : Everything;
    }

    /// <summary>As stored; <c>{}</c> for everything.</summary>
    public string ToJson() => JsonSerializer.Serialize(Wish, ApiJson.Strict.GetTypeInfo(typeof(V1.SinkRouting)));

    /// <summary>Reads a stored one.</summary>
    /// <exception cref="JsonException">The text is not one.</exception>
    public static SinkRouting FromJson(string text)
    {
        var wish = (V1.SinkRouting?)JsonSerializer.Deserialize(text, ApiJson.Strict.GetTypeInfo(typeof(V1.SinkRouting)));
        var routing = Read(wish, out var faults);
        return faults.Count == 0 ? routing : throw new JsonException(faults[0].Sentence);
    }

    /// <summary>Whether this customer's versions may go to the sink at all.</summary>
    public bool Wants(CustomerId customer) => _customers is null || _customers.Contains(customer);

    /// <summary>Those of a tenant's versions that go to the sink, as it gets them.</summary>
    public IReadOnlyList<AlertVersion> Select(IReadOnlyList<AlertVersion> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        return _severities is null && _sources is null && _kinds is null && _redaction is null ? versions : [.. versions.Where(Wants).Select(Redact)];
    }

    /// <summary>Whether this version goes to the sink. One whose severity cannot be read counts as unknown.</summary>
    private bool Wants(AlertVersion version)
    {
        if (_sources is not null && !_sources.Contains(version.Source)) return false;
        if (_kinds is not null && !_kinds.Contains(AlertSources.KindOf(version.Source))) return false;
        return _severities is null || _severities.Contains(SeverityOf(version));
    }

    /// <summary>The version as the sink gets it: its key stays, the fields named are blanked.</summary>
    public AlertVersion Redact(AlertVersion version) => _redaction is null ? version : _redaction.Apply(version);

    private static AlertSeverity SeverityOf(AlertVersion version)
    {
        try
        {
            using var view = AlertView.Rent(version.Raw);
            return view.Severity;
        }
        catch (UnreadableAlertException)
        {
            return AlertSeverity.Unknown;
        }
    }

    private static void Check<T>(IReadOnlyList<T>? entries, string field, Func<T, bool> knows, string known, List<(string, string)> faults)
    {
        if (entries is null) return;
        if (entries.Count is 0 or > MaxEntries) faults.Add((field, $"'{field}' has 1 to {MaxEntries} entries; leave it out for everything."));
        else if (entries.Distinct().Count() != entries.Count) faults.Add((field, $"'{field}' names something twice."));
        else if (!entries.All(knows)) faults.Add((field, $"'{field}' has an entry that is not one of: {known}."));
    }

    private static bool Knows<T>(string word)
        where T : struct, Enum => Enum.GetNames<T>().Any(name => Camel(name) == word);

    private static string WordsOf<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(Camel));

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

/// <summary>Where a new sink begins in the logs.</summary>
/// <param name="FromNow">True: behind everything that is there.</param>
/// <param name="At">Else the first instant of collection that it gets; null for everything in the logs.</param>
public readonly record struct SinkStart(bool FromNow, DateTimeOffset? At)
{
    /// <summary>Everything in the logs.</summary>
    public static SinkStart Beginning => default;

    /// <summary>Only what is collected from now on.</summary>
    public static SinkStart Now => new(true, null);
}
