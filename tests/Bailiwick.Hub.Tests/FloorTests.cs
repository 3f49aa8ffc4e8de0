using System.Text.RegularExpressions;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests;

/// <summary>
/// A folder of the Hub uses only folders of lower floors, never a neighbour. The table is that of <c>docs/architecture.md</c>; a test keeps the two in step.
/// </summary>
public sealed partial class FloorTests
{
    private static readonly Dictionary<string, int> Floors = new(StringComparer.Ordinal)
    {
        ["Delivery"] = 7,
        ["Feeds"] = 7,
        ["Compat"] = 7,
        ["Collectors"] = 6,
        ["Sinks"] = 6,
        ["Alerts"] = 5,
        ["Upstream"] = 4,
        ["Tokens"] = 3,
        ["Customers"] = 2,
        ["Operators"] = 2,
        ["Audit"] = 1,
        ["Storage"] = 0,
        ["Telemetry"] = 0,
        ["Outbound"] = 0,
        ["Vault"] = 0,
        ["Web"] = 0,
    };

    /// <summary>Neighbours that one folder may use all the same, with the reason.</summary>
    private static readonly HashSet<(string From, string To)> Exceptions =
    [
        ("Vault", "Storage"), // envelopes are rows: the vault's store needs connections and the transaction of its caller
        ("Vault", "Telemetry"), // names of what is measured
        ("Storage", "Telemetry"),
        ("Outbound", "Telemetry"),
    ];

    [Fact]
    public void No_folder_uses_a_higher_floor_or_a_neighbour()
    {
        var faults = new List<string>();
        foreach (var file in Directory.EnumerateFiles(HubRoot(), "*.cs", SearchOption.AllDirectories))
        {
            if (FolderOf(file) is { } folder) faults.AddRange(FaultsOf(folder, Path.GetRelativePath(HubRoot(), file), File.ReadAllText(file)));
        }

        faults.ShouldBeEmpty();
    }

    [Fact]
    public void The_table_names_the_folders_that_are_there() =>
        Directory.EnumerateDirectories(HubRoot()).Select(path => Path.GetFileName(path)!).Where(name => name is not ("bin" or "obj")).ShouldBe(Floors.Keys, ignoreOrder: true);

    [Fact]
    public void The_table_of_the_documentation_is_this_one()
    {
        var page = File.ReadAllText(Repository.Path("docs", "architecture.md"));
        var written = TableRow().Matches(page)
            .SelectMany(row => Word().Matches(row.Groups["folders"].Value).Select(word => (Folder: word.Groups[1].Value, Floor: int.Parse(row.Groups["floor"].Value))))
            .ToDictionary(pair => pair.Folder, pair => pair.Floor, StringComparer.Ordinal);
        written.OrderBy(pair => pair.Key, StringComparer.Ordinal).ShouldBe(Floors.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Alerts", "using Bailiwick.Hub.Sinks;")]
    [InlineData("Sinks", "using Bailiwick.Hub.Collectors.GraphAlerts;")]
    [InlineData("Vault", "using static Bailiwick.Hub.Audit.AuditLog;")]
    [InlineData("Tokens", "class X { Bailiwick.Hub.Delivery.DeliveryWorker? worker; }")]
    [InlineData("Tokens", "using Worker = Bailiwick.Hub.Delivery.DeliveryWorker;")]
    [InlineData("Alerts", "class X { Hub.Sinks.ISink? sink; }")]
    [InlineData("Alerts", "using Bailiwick.Hub.Elsewhere;")]
    public void An_upward_sideways_or_unknown_use_is_seen(string folder, string text) => FaultsOf(folder, "X.cs", text).ShouldHaveSingleItem();

    [Theory]
    [InlineData("Sinks", "using Bailiwick.Hub.Alerts;")]
    [InlineData("Sinks", "using Bailiwick.Hub.Sinks.Splunk;")]
    [InlineData("Alerts", "// see Bailiwick.Hub.Delivery for the reader\n/// <see cref=\"Bailiwick.Hub.Delivery.DeliveryWorker\"/>")]
    [InlineData("Alerts", "using Bailiwick.Api;")]
    public void A_downward_use_its_own_folder_and_comments_are_fine(string folder, string text) => FaultsOf(folder, "X.cs", text).ShouldBeEmpty();

    private static IEnumerable<string> FaultsOf(string folder, string file, string text)
    {
        var code = Comment().Replace(text, "");
        foreach (var used in Mention().Matches(code).Select(match => match.Groups["folder"].Value).Distinct(StringComparer.Ordinal))
        {
            if (used == folder || Exceptions.Contains((folder, used))) continue;
            if (!Floors.TryGetValue(used, out var floor)) yield return $"{file} uses {used}, which has no floor.";
            else if (floor >= Floors.GetValueOrDefault(folder, -1)) yield return $"{file} (floor {Floors.GetValueOrDefault(folder, -1)}) uses {used} (floor {floor}).";
        }
    }

    private static string? FolderOf(string file)
    {
        var parts = Path.GetRelativePath(HubRoot(), file).Split(Path.DirectorySeparatorChar);
        return parts.Length < 2 || parts[0] is "bin" or "obj" ? null : parts[0];
    }

    private static string HubRoot() => Repository.Path("src", "Bailiwick.Hub");

    [GeneratedRegex(@"(?<!\bnamespace\s+Bailiwick\.)(?<![\w.])(?:Bailiwick\.)?Hub\.(?<folder>[A-Z]\w*)(?=\s*[.;])", RegexOptions.None, 5000)]
    private static partial Regex Mention();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|^\s*namespace[^\n]*", RegexOptions.Singleline | RegexOptions.Multiline, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\| (?<floor>[0-7]) \| (?<folders>[^|]*) \|", RegexOptions.Multiline, 5000)]
    private static partial Regex TableRow();

    [GeneratedRegex("`(\\w+)`", RegexOptions.None, 5000)]
    private static partial Regex Word();
}
