using System.Text;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Upstream;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class ReconciliationTests
{
    private static readonly DateTimeOffset Eight = new(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeWindow Window = new(Eight.AddDays(-1), Eight);

    [Fact]
    public void Both_sides_are_named_and_what_both_show_is_not()
    {
        var found = Reconciliation.Compare(
            AlertSources.GraphAlerts, [At("both", -2), At("graph only", -3)], AlertSources.DefenderAlerts, [At("both", -2), At("defender only", -4)], Window);
        found.Select(one => (one.RecordId, one.MissingIn)).ShouldBe([("graph only", AlertSources.DefenderAlerts), ("defender only", AlertSources.GraphAlerts)]);
    }

    [Fact]
    public void An_alert_updated_between_the_two_lists_is_no_difference() =>
        Reconciliation.Compare(AlertSources.GraphAlerts, [At("a", -2)], AlertSources.DefenderAlerts, [At("a", 1)], Window).ShouldBeEmpty();

    [Fact]
    public void What_lies_outside_the_window_is_not_judged() =>
        Reconciliation.Compare(AlertSources.GraphAlerts, [At("settling", 0), At("old", -25)], AlertSources.DefenderAlerts, [], Window).ShouldBeEmpty();

    [Fact]
    public void An_old_alert_that_changes_needs_no_new_detection_and_a_new_one_does()
    {
        var changed = new ComparedRecord("changed", Eight.AddHours(-2), Eight.AddDays(-9));
        var born = new ComparedRecord("born", Eight.AddHours(-2), Eight.AddHours(-3));
        Reconciliation.Compare(AlertSources.GraphAlerts, [changed, born], AlertSources.AlertExporter, [], Window)
            .Select(one => (one.RecordId, one.MissingIn, one.RecordAt)).ShouldBe([("born", AlertSources.AlertExporter, Eight.AddHours(-3))]);
    }

    [Fact]
    public void Several_detections_of_one_alert_are_one_difference() =>
        Reconciliation.Compare(AlertSources.DefenderAlerts, [], AlertSources.AlertExporter, [At("a", -2), At("a", -3)], Window)
            .ShouldHaveSingleItem().ShouldBe(new Difference("a", AlertSources.DefenderAlerts, Eight.AddHours(-2), "DefenderAlerts shows it late or not at all: suppressed there, or beyond what the connection may see on that plane."));

    [Theory]
    [InlineData(AlertSources.DefenderAlerts, """{"incidentId":7}""", "id")]
    [InlineData(AlertSources.GraphAlerts, """{"serviceSource":"microsoftDefenderForEndpoint","providerAlertId":"provider"}""", "provider")]
    [InlineData(AlertSources.GraphAlerts, """{"serviceSource":"microsoftDefenderForEndpoint","providerAlertId":null}""", "id")]
    [InlineData(AlertSources.GraphAlerts, """{"serviceSource":"microsoftDefenderForOffice365","providerAlertId":"provider"}""", null)]
    [InlineData(AlertSources.AlertExporter, """{"AlertId":"named"}""", "named")]
    [InlineData(AlertSources.AlertExporter, """{"AlertId":""}""", null)]
    public void A_record_is_compared_by_what_both_sources_call_it(string source, string raw, string? key)
    {
        var alert = new UpstreamAlert("id", null, Eight, null, null, null, null, default, Encoding.UTF8.GetBytes(raw));
        Reconciliation.Read(source, alert)?.Key.ShouldBe(key);
        (Reconciliation.Read(source, alert) is null).ShouldBe(key is null);
    }

    [Fact]
    public void An_incident_that_was_not_collected_and_one_without_alerts_are_named()
    {
        var found = Reconciliation.CompareIncidents(
            [(At("a", -2), "1"), (At("b", -2), "2"), (At("c", -2), null)], new HashSet<string> { "1" }, [At("1", -2), At("9", -3)], new HashSet<string> { "1", "2" });
        found.Select(one => (one.RecordId, one.MissingIn)).ShouldBe([("b", AlertSources.GraphIncidents), ("9", "")]);
        found[0].Likely.ShouldContain("incident 2");
    }

    [Fact]
    public async Task What_is_looked_for_again_and_not_found_is_cleared_and_what_is_older_stays()
    {
        await using var temp = await TempDatabase.CreateAsync();
        var time = new ManualTime(Eight);
        var store = new Reconciliations(temp.Database, time);
        var inside = new Difference("inside", AlertSources.DefenderAlerts, Eight.AddHours(-2), "Why.");
        var older = inside with { RecordId = "older", RecordAt = Eight.AddDays(-3) };
        await store.StoreAsync(1, AlertSources.GraphAlerts, AlertSources.DefenderAlerts, time.GetUtcNow(), Window, [inside, older], CancellationToken.None);
        time.Advance(TimeSpan.FromHours(1));
        await store.StoreAsync(1, AlertSources.GraphAlerts, AlertSources.DefenderAlerts, time.GetUtcNow(), Window, [inside], CancellationToken.None);
        (await store.ListDifferencesAsync(null, null, 10, CancellationToken.None)).Select(one => (one.What.RecordId, one.FoundAt)).ShouldBe([("inside", Eight), ("older", Eight)]);
        (await store.FindOldestAsync(1, AlertSources.GraphAlerts, AlertSources.DefenderAlerts, CancellationToken.None)).ShouldBe(older.RecordAt);

        await store.StoreAsync(1, AlertSources.GraphAlerts, AlertSources.DefenderAlerts, time.GetUtcNow(), Window with { From = Eight.AddDays(-4) }, [], CancellationToken.None);
        (await store.ListDifferencesAsync([1], null, 10, CancellationToken.None)).ShouldBeEmpty();
        (await store.ListAsync([1], CancellationToken.None)).ShouldHaveSingleItem().ShouldBe(
            new Comparison(1, AlertSources.GraphAlerts, AlertSources.DefenderAlerts, Eight.AddHours(1), Eight.AddHours(1), 0, null, null));
        await store.KeepAsync([], CancellationToken.None);
        (await store.ListAsync(null, CancellationToken.None)).ShouldBeEmpty();
    }

    private static ComparedRecord At(string key, double hours) => new(key, Eight.AddHours(hours), Eight.AddHours(hours));
}
