using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Tokens;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Tokens;

public sealed class SourceChoiceTests
{
    [Fact]
    public void Further_sources_are_sorted_and_none_are_wanted_by_default()
    {
        var choice = SourceChoice.Read(null, null, out var faults);
        faults.ShouldBeEmpty();
        (choice.Primary, choice.Also.Count).ShouldBe(("GraphAlerts", 0));
        SourceChoice.Read("AlertExporter", ["GraphIncidents", "DefenderAlerts"], out _).Also.ShouldBe(["DefenderAlerts", "GraphIncidents"]);
    }

    [Theory]
    [InlineData("GraphIncidents", null, "source")]
    [InlineData("Nothing", null, "source")]
    [InlineData("GraphAlerts", "Nothing", "also")]
    [InlineData("GraphAlerts", "GraphAlerts", "also")]
    [InlineData("GraphAlerts", "GraphIncidents,GraphIncidents", "also")]
    [InlineData("GraphAlerts", "GraphIncidents,", "also")]
    public void A_wish_that_cannot_be_met_names_its_field(string primary, string? also, string field)
    {
        SourceChoice.Read(primary, also?.Split(','), out var faults);
        faults.ShouldHaveSingleItem().Field.ShouldBe(field);
    }

    [Fact]
    public void The_names_are_those_of_the_sources_and_so_are_their_planes()
    {
        SourceChoice.Further.ShouldBe(AlertSources.All, ignoreOrder: true);
        SourceChoice.Primaries.ShouldBe(AlertSources.All.Where(source => AlertSources.KindOf(source) != RecordKind.Incident));
        foreach (var source in SourceCatalog.Sources) SourceChoice.AudienceOf(source.Name).ShouldBe(source.Audience);
    }
}
