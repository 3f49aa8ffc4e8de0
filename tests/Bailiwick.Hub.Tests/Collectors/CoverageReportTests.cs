using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class CoverageReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 11, 8, 30, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Since = Now.AddMinutes(-2);

    [Fact]
    public void A_collector_that_keeps_up_leaves_no_hole_though_the_present_hour_is_open()
    {
        var report = CoverageReport.Of(Healthy());
        (report.HoleSince, report.Trouble, report.CompleteThrough, report.IsWell).ShouldBe((null, null, Now.AddMinutes(-5), true));
        report.Spans[^1].Mark.ShouldBe(CoverageMark.Open);
        report.Spans[0].ShouldBe(new CoverageSpan(Now.AddDays(-1).AddMinutes(-30), Now.AddMinutes(-30), CoverageMark.Covered, 0));
    }

    [Fact]
    public void A_collector_further_behind_than_two_polls_explain_has_a_hole_from_its_cursor_on()
    {
        var cursor = Now.AddMinutes(-8);
        var report = CoverageReport.Of(Healthy() with { Checkpoint = At(cursor) });
        (report.HoleSince, report.CompleteThrough, report.Trouble!.Cause).ShouldBe((cursor, cursor, CoverageCause.CatchingUp));
    }

    [Fact]
    public void Hours_left_open_behind_the_cursor_are_a_hole()
    {
        var facts = Healthy();
        var report = CoverageReport.Of(facts with { Hours = [.. facts.Hours.Skip(3)] });
        (report.HoleSince, report.Trouble!.Cause).ShouldBe((report.From, CoverageCause.FirstRun));
    }

    [Fact]
    public void A_window_that_ended_before_the_hole_is_whole()
    {
        var report = CoverageReport.Of(Healthy() with { To = Now.AddHours(-3), Checkpoint = At(Now.AddHours(-2)) });
        (report.HoleSince, report.CompleteThrough).ShouldBe((null, Now.AddHours(-3)));
    }

    [Fact]
    public void Before_the_first_clean_walk_everything_is_a_hole()
    {
        var report = CoverageReport.Of(Healthy() with { Checkpoint = null, Hours = [] });
        (report.HoleSince, report.CompleteThrough, report.Trouble!.Cause).ShouldBe((report.From, report.From, CoverageCause.CatchingUp));
    }

    [Fact]
    public void What_the_source_has_forgotten_is_not_asked_for()
    {
        var report = CoverageReport.Of(Healthy() with { From = Now.AddDays(-400), Options = new CollectorOptions { Retention = TimeSpan.FromHours(10) } });
        report.From.ShouldBe(Now.AddHours(-10).AddMinutes(-30));
    }

    [Theory]
    [InlineData(nameof(UpstreamFailure.Throttled), CoverageCause.Throttled)]
    [InlineData(nameof(UpstreamFailure.ServerError), CoverageCause.SourceUnavailable)]
    [InlineData(nameof(UpstreamFailure.TimedOut), CoverageCause.SourceUnavailable)]
    [InlineData(nameof(UpstreamFailure.Partial), CoverageCause.PartialAnswers)]
    [InlineData(nameof(UpstreamFailure.Unauthorized), CoverageCause.ConsentRevoked)]
    [InlineData(nameof(UpstreamFailure.Forbidden), CoverageCause.PermissionMissing)]
    [InlineData(nameof(UpstreamFailure.NotLicensed), CoverageCause.LicenceMissing)]
    [InlineData(nameof(UpstreamFailure.CannotEnumerate), CoverageCause.CannotEnumerate)]
    [InlineData(nameof(UpstreamFailure.BadRequest), CoverageCause.RequestRefused)]
    [InlineData(HoldReasons.Disabled, CoverageCause.Disabled)]
    [InlineData(HoldReasons.NoAddress, CoverageCause.NoAddress)]
    [InlineData(HoldReasons.RowChanged, CoverageCause.RowChanged)]
    [InlineData(HoldReasons.HubFailed, CoverageCause.HubFailed)]
    public void A_failing_collector_names_its_cause_before_there_is_a_hole(string reason, CoverageCause cause)
    {
        var report = CoverageReport.Of(Healthy() with { State = new CollectorState(Now, Since, reason, "One sentence.", NeedsPerson: false) });
        (report.HoleSince, report.Trouble).ShouldBe((null, new CoverageTrouble(cause, "One sentence.", Since)));
    }

    [Theory]
    [InlineData("invalid_client", ConnectionFlow.AppOnly, CoverageCause.CredentialRefused)]
    [InlineData("unauthorized_client", ConnectionFlow.AppOnly, CoverageCause.ConsentRevoked)]
    [InlineData("invalid_resource", ConnectionFlow.AppOnly, CoverageCause.LicenceMissing)]
    [InlineData("invalid_grant", ConnectionFlow.AuthorizationCode, CoverageCause.SignInEnded)]
    [InlineData("consent_required", ConnectionFlow.AuthorizationCode, CoverageCause.ConsentRevoked)]
    public void A_refused_token_is_sorted_by_the_word_of_the_sign_in_service(string error, ConnectionFlow flow, CoverageCause cause)
    {
        var state = new CollectorState(Now, Since, nameof(UpstreamFailure.TokenRefused), "One sentence.", NeedsPerson: true);
        CoverageReport.Of(Healthy() with { State = state, Connection = Connected(flow) with { LastError = error } }).Trouble!.Cause.ShouldBe(cause);
    }

    [Theory]
    [InlineData(ConnectionFlow.AuthorizationCode, CoverageCause.RoleNarrowed)]
    [InlineData(ConnectionFlow.AppOnly, CoverageCause.AlertsGone)]
    public void Alerts_that_are_not_shown_any_more_are_named_though_the_ledger_is_whole(ConnectionFlow flow, CoverageCause cause)
    {
        var state = new CollectorState(Now, null, null, null, NeedsPerson: false) { Gone = 3, GoneSince = Since };
        var report = CoverageReport.Of(Healthy() with { State = state, Connection = Connected(flow) });
        (report.HoleSince, report.Trouble!.Cause, report.Trouble.Since, report.IsWell).ShouldBe((null, cause, Since, false));
    }

    [Fact]
    public void A_pause_stands_before_what_the_collector_last_said()
    {
        var pause = new CustomerPause(new CustomerId(Guid.NewGuid()), "Migration", "key:1", Since, Now.AddHours(2));
        var report = CoverageReport.Of(Healthy() with { Pause = pause, State = new CollectorState(Now, Since, "Throttled", "x", NeedsPerson: false) });
        report.Trouble.ShouldBe(new CoverageTrouble(CoverageCause.Paused, "Paused until 2026-03-11 10:30 UTC: Migration", Since));
    }

    [Fact]
    public void A_tenant_without_a_connection_is_a_hole_with_that_cause()
    {
        var report = CoverageReport.Of(Healthy() with { Connection = null, Checkpoint = null, Hours = [], State = null });
        (report.HoleSince, report.Trouble!.Cause).ShouldBe((report.From, CoverageCause.NotConnected));
    }

    [Fact]
    public void A_connection_that_was_refused_before_this_start_says_so_before_the_first_walk()
    {
        var refused = Connected(ConnectionFlow.AppOnly) with { State = ConnectionState.Refused, LastError = "invalid_client", LastDetail = "The secret ended." };
        CoverageReport.Of(Healthy() with { State = null, Connection = refused }).Trouble.ShouldBe(new CoverageTrouble(CoverageCause.CredentialRefused, "The secret ended.", Now.AddMinutes(-1)));
    }

    [Fact]
    public void A_reader_is_complete_up_to_the_hour_of_its_first_unread_version()
    {
        var report = CoverageReport.Of(Healthy());
        report.CompleteFor(null).ShouldBe(report.CompleteThrough);
        report.CompleteFor(CoverageLedger.HourOf(Now.AddHours(-4))).ShouldBe(Now.AddHours(-4).AddMinutes(-30));
    }

    private static CoverageFacts Healthy() => new()
    {
        From = Now.AddDays(-1),
        To = Now,
        Now = Now,
        Options = new CollectorOptions(),
        AddedAt = Now.AddDays(-30),
        Hours = [.. Enumerable.Range(0, 24).Select(hour => new CoverageHour { Hour = CoverageLedger.HourOf(Now.AddDays(-1)) + hour, Versions = 0, LastNumber = 0, CoveredAt = 1 })],
        Checkpoint = At(Now.AddMinutes(-5)),
        State = new CollectorState(Now, null, null, null, NeedsPerson: false),
        Connection = Connected(ConnectionFlow.AppOnly),
    };

    private static Checkpoint At(DateTimeOffset cursor) =>
        new() { Cursor = cursor, WalkedAt = Now.AddMinutes(-1), HourSweptAt = Now, DaySweptAt = Now, BackfilledTo = Now.AddDays(-1) };

    private static TenantConnection Connected(ConnectionFlow flow) => new(
        Guid.NewGuid(), new TenantId(Guid.NewGuid()), new Bailiwick.Hub.Tokens.ApplicationId(Guid.NewGuid()), flow, AlertSources.GraphAlerts, ConnectionState.Connected, "all", Now.AddDays(-30), null, null);
}
