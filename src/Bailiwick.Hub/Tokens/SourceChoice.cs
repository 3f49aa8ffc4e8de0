namespace Bailiwick.Hub.Tokens;

/// <summary>The sources of a connection: one whose alerts are collected, and further ones.</summary>
/// <param name="Primary"><c>GraphAlerts</c>, <c>DefenderAlerts</c> or <c>AlertExporter</c>.</param>
/// <param name="Also">
/// Further sources, sorted: <c>GraphIncidents</c> is collected as well; another alert source is only compared with. Never the primary one.
/// </param>
public sealed record SourceChoice(string Primary, IReadOnlyList<string> Also)
{
    /// <summary>What a connection has when nobody says otherwise.</summary>
    public const string Default = "GraphAlerts";

    /// <summary>The sources that alerts can be collected from.</summary>
    public static IReadOnlyList<string> Primaries { get; } = ["GraphAlerts", "DefenderAlerts", "AlertExporter"];

    /// <summary>The sources that may stand beside another.</summary>
    public static IReadOnlyList<string> Further { get; } = ["AlertExporter", "DefenderAlerts", "GraphAlerts", "GraphIncidents"];

    /// <summary>The primary source and the further ones.</summary>
    public IEnumerable<string> All => [Primary, .. Also];

    /// <summary>The planes that tokens are needed for, the primary source's first.</summary>
    public IReadOnlyList<TokenAudience> Audiences => [.. All.Select(AudienceOf).Distinct()];

    /// <summary>Only a primary source.</summary>
    public static SourceChoice Of(string primary) => new(primary, []);

    /// <summary>Reads a wish.</summary>
    /// <param name="primary">Null for <see cref="Default"/>.</param>
    /// <param name="also">Null for none.</param>
    /// <param name="faults">Every fault, by member.</param>
    public static SourceChoice Read(string? primary, IReadOnlyList<string>? also, out IReadOnlyList<(string Field, string Fault)> faults)
    {
        var found = new List<(string, string)>();
        faults = found;
        var choice = new SourceChoice(primary ?? Default, [.. (also ?? []).Order(StringComparer.Ordinal)]);
        if (!Primaries.Contains(choice.Primary)) found.Add(("source", $"The source is one of {string.Join(", ", Primaries)}."));
        if (!choice.Also.All(Further.Contains)) found.Add(("also", $"A further source is one of {string.Join(", ", Further)}."));
        else if (choice.Also.Contains(choice.Primary) || choice.Also.Distinct().Count() < choice.Also.Count) found.Add(("also", "Name each source once: the primary one is no further one."));
        return choice;
    }

    /// <summary>The plane of a source.</summary>
    public static TokenAudience AudienceOf(string source) => source switch
    {
        "GraphAlerts" or "GraphIncidents" => TokenAudience.Graph,
        "DefenderAlerts" => TokenAudience.Defender,
        "AlertExporter" => TokenAudience.Exporter,
        _ => throw new ArgumentException($"There is no source '{source}'."),
    };
}
