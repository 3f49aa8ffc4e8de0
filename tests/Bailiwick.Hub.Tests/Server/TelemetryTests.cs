using Bailiwick.Hub.Telemetry;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class TelemetryTests
{
    [Fact]
    public void The_page_on_telemetry_names_every_instrument_with_its_unit_and_labels()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Bailiwick.slnx"))) root = Path.GetDirectoryName(root)!;
        var rows = File.ReadAllLines(Path.Combine(root, "docs", "telemetry.md")).Where(line => line.StartsWith("| `bailiwick.", StringComparison.Ordinal)).ToList();
        var expected = Instruments.All.Select(one =>
        {
            var labels = one.Labels.Length == 0 ? "-" : string.Join(", ", one.Labels.Select(label => $"`{label}`"));
            return $"| `{one.Name}` | {one.Kind.ToString().ToLowerInvariant()} | `{one.Unit}` | {labels} | {one.Description} |";
        });
        rows.ShouldBe(expected);
    }
}
