using System.Globalization;
using System.Net;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class CollectorTests : IAsyncLifetime
{
    private static readonly TenantId Tenant = new(Guid.Parse("11111111-2222-3333-4444-555555555555"));
    private static readonly Uri Plane = new("https://plane.example/");
    private readonly ManualTime _time = new();
    private readonly CollectorOptions _options = new() { KeepRequestLimits = false, Retention = TimeSpan.FromDays(1) };
    private TempDatabase _temp = null!;
    private FakePlane _plane = null!;
    private UpstreamClient _upstream = null!;
    private AlertLog _log = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempDatabase.CreateAsync();
        _plane = new FakePlane(_time);
        _log = new AlertLog(_temp.Database, _time);
        _upstream = new UpstreamClient(
            new Dictionary<string, HttpClient> { ["public"] = new(_plane, disposeHandler: true) },
            (_, _, _, _) => Task.FromResult<TokenResult>(new TokenResult.Acquired("token", DateTimeOffset.MaxValue)),
            TimeProvider.System,
            new UpstreamOptions());
    }

    public async Task DisposeAsync()
    {
        _upstream.Dispose();
        await _temp.DisposeAsync();
    }

    [Fact]
    public async Task A_record_that_becomes_visible_late_is_found_and_widens_the_look_back()
    {
        var collector = Collect(AlertSources.GraphAlerts);
        await CleanAsync(collector);
        for (var minute = 0; minute < 50; minute++) await StepAsync(collector);
        _plane.Add("late", _time.GetUtcNow().AddMinutes(-40), visible: _time.GetUtcNow());
        for (var minute = 0; minute < 12; minute++) await StepAsync(collector); // the hourly sweep finds it
        (await IdsAsync()).ShouldBe(["late"]);
        await StepAsync(collector);
        collector.Checkpoint!.LateBy.ShouldBeInRange(TimeSpan.FromMinutes(40), TimeSpan.FromMinutes(60));

        _plane.Add("again", _time.GetUtcNow().AddMinutes(-45), visible: _time.GetUtcNow());
        await StepAsync(collector);
        (await IdsAsync()).ShouldBe(["late", "again"], "the next late one does not wait for the sweep");
    }

    [Fact]
    public async Task The_lateness_learned_is_still_known_after_a_restart()
    {
        await The_lateness_is_learned();
        var again = Collect(AlertSources.GraphAlerts);
        await CleanAsync(again);
        again.Checkpoint!.LateBy.ShouldBeGreaterThan(TimeSpan.FromMinutes(9));
    }

    [Fact]
    public async Task Detections_of_the_exporter_are_read_by_window_and_named_by_content_when_they_have_no_id()
    {
        var at = _time.GetUtcNow().AddHours(-3);
        _plane.Add("da1:ioc", at, extra: ",\"AlertId\":\"da1\"");
        _plane.Add("", at, extra: ",\"AlertId\":\"da2\"");
        var collector = Collect(AlertSources.AlertExporter);
        await CleanAsync(collector);
        var ids = await IdsAsync(AlertSources.AlertExporter);
        ids.Count.ShouldBe(2);
        ids.ShouldContain("da1:ioc");
        ids.ShouldContain(id => id.StartsWith("content:", StringComparison.Ordinal));
        _plane.Requests.ShouldAllBe(request => request.StartsWith("/api/alerts?sinceTimeUtc=", StringComparison.Ordinal) && !request.Contains("limit", StringComparison.Ordinal));
        await StepAsync(collector);
        (await IdsAsync(AlertSources.AlertExporter)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_incident_that_another_was_merged_into_is_fetched_with_all_it_was_merged_into()
    {
        var old = _time.GetUtcNow().AddDays(-90); // beyond what this collector walks
        _plane.Add("2", old, extra: ",\"status\":\"redirected\",\"redirectIncidentId\":\"3\"");
        _plane.Add("3", old, extra: ",\"status\":\"active\"");
        _plane.Add("1", _time.GetUtcNow().AddMinutes(-30), extra: ",\"status\":\"redirected\",\"redirectIncidentId\":\"2\"");
        _plane.Add("9", _time.GetUtcNow().AddMinutes(-20), extra: ",\"status\":\"redirected\",\"redirectIncidentId\":\"gone\"");
        var collector = Collect(AlertSources.GraphIncidents);
        await CleanAsync(collector);
        (await IdsAsync(AlertSources.GraphIncidents)).Order().ShouldBe(["1", "2", "3", "9"]);
        var before = _plane.Requests.Count;
        await StepAsync(collector);
        _plane.Requests.Skip(before).ShouldAllBe(request => request.Contains("$filter", StringComparison.Ordinal) || request.Contains("%24filter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_redirect_that_cannot_be_followed_now_keeps_the_checkpoint_where_it_was()
    {
        _plane.Add("1", _time.GetUtcNow().AddMinutes(-30), extra: ",\"status\":\"redirected\",\"redirectIncidentId\":\"2\"");
        _plane.Instead = address => address.AbsolutePath.EndsWith("/2", StringComparison.Ordinal) ? FakePlane.Json("{}", HttpStatusCode.ServiceUnavailable) : null;
        var collector = Collect(AlertSources.GraphIncidents);
        (await collector.RunOnceAsync(CancellationToken.None)).ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.ServerError);
        collector.Checkpoint.ShouldBeNull();
        (await IdsAsync(AlertSources.GraphIncidents)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task Alerts_that_two_walks_in_a_row_do_not_show_any_more_are_gone()
    {
        var collector = Collect(AlertSources.GraphAlerts);
        _plane.Add("a", _time.GetUtcNow().AddMinutes(-10));
        _plane.Add("b", _time.GetUtcNow().AddMinutes(-11));
        await CleanAsync(collector);
        _plane.Remove("a");
        await StepAsync(collector);
        collector.Gone.ShouldBe(0, "it may have changed meanwhile");
        await StepAsync(collector);
        collector.Gone.ShouldBe(1);
        _plane.Add("a", _time.GetUtcNow().AddMinutes(-12));
        await StepAsync(collector);
        collector.Gone.ShouldBe(0);
    }

    [Fact]
    public async Task A_record_that_makes_every_page_fail_is_set_aside_after_three_walks_and_the_rest_arrives()
    {
        var collector = Collect(AlertSources.GraphAlerts);
        for (var i = 0; i < 20; i++) _plane.Add($"a{i}", _time.GetUtcNow().AddMinutes(-i - 6));
        var broken = _time.GetUtcNow().AddMinutes(-7.5);
        _plane.Add("broken", broken, extra: ",\"title\":");
        for (var failures = 0; failures < _options.NarrowAfter; failures++)
        {
            (await collector.RunOnceAsync(CancellationToken.None)).ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.Torn);
        }

        await CleanAsync(collector);
        await StepAsync(collector);
        (await IdsAsync()).Order().ShouldBe(Enumerable.Range(0, 20).Select(i => $"a{i}").Order());
        var letters = await new DeadLetters(_temp.Database).ListAsync([1], null, null, null, 10, CancellationToken.None);
        letters.Single().Reason.ShouldBe("unlistable", "walked twice, set aside once");
        (await new DeadLetters(_temp.Database).ReadRawAsync(letters[0].Id, CancellationToken.None))!.Length.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_detection_that_cannot_be_listed_holds_nothing_up_where_bounds_are_read_by_the_millisecond()
    {
        var at = _time.GetUtcNow().AddHours(-3); // a whole millisecond: the windows before and after it both meet the record
        _plane.Add("broken", at, extra: ",\"AlertTitle\":");
        for (var i = 0; i < 5; i++) _plane.Add($"d{i}", at.AddMinutes(i + 1));
        var collector = Collect(AlertSources.AlertExporter);
        for (var failures = 0; failures < _options.NarrowAfter; failures++) (await collector.RunOnceAsync(CancellationToken.None)).ShouldBeOfType<WalkResult.Stopped>();
        await CleanAsync(collector);
        (await IdsAsync(AlertSources.AlertExporter)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_failure_that_passes_while_the_exporter_is_narrowed_sets_nothing_aside()
    {
        _plane.Add("d", _time.GetUtcNow().AddHours(-3));
        var isDown = true;
        _plane.Instead = address =>
        {
            var query = System.Web.HttpUtility.ParseQueryString(address.Query);
            var width = DateTime.Parse(query["untilTimeUtc"]!, CultureInfo.InvariantCulture) - DateTime.Parse(query["sinceTimeUtc"]!, CultureInfo.InvariantCulture);
            var fails = isDown;
            if (_plane.Requests.Count > 20 && width <= TimeSpan.FromMilliseconds(1)) isDown = false; // the last request of the way down
            return fails ? FakePlane.Json("{}", HttpStatusCode.InternalServerError) : null;
        };
        var collector = Collect(AlertSources.AlertExporter);
        for (var runs = 0; runs < _options.NarrowAfter + 1; runs++) await collector.RunOnceAsync(CancellationToken.None);
        await CleanAsync(collector);
        isDown.ShouldBeFalse();
        (await IdsAsync(AlertSources.AlertExporter)).ShouldBe(["d"]);
        (await new DeadLetters(_temp.Database).ListAsync(null, null, null, null, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_record_that_cannot_be_stored_is_set_aside_once_however_it_is_spelled()
    {
        var collector = Collect(AlertSources.GraphAlerts);
        var spellings = new Queue<string>([",\"tenantId\":\"other\",\"title\":\"x\"", ", \"title\": \"x\", \"tenantId\": \"other\""]);
        var at = _time.GetUtcNow().AddMinutes(-2);
        while (spellings.TryDequeue(out var spelling))
        {
            _plane.Remove("foreign");
            _plane.Add("foreign", at, extra: spelling);
            await StepAsync(collector);
        }

        (await new DeadLetters(_temp.Database).ListAsync([1], null, null, null, 10, CancellationToken.None)).Count.ShouldBe(1);
    }

    private async Task The_lateness_is_learned()
    {
        var collector = Collect(AlertSources.GraphAlerts);
        await CleanAsync(collector);
        _plane.Add("late", _time.GetUtcNow().AddMinutes(-10), visible: _time.GetUtcNow().AddSeconds(30));
        await StepAsync(collector);
        await StepAsync(collector);
        (await IdsAsync()).ShouldBe(["late"]);
    }

    private Collector Collect(string source) => new(
        new CollectorTarget(1, Tenant, source, "public", Plane),
        SourceCatalog.Find(source)!,
        _options,
        _upstream,
        _log,
        new Checkpoints(_temp.Database),
        new CoverageLedger(_temp.Database),
        new RequestBudget(new RequestLimits(100, null), _time),
        _time);

    private async Task StepAsync(Collector collector)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        await CleanAsync(collector);
    }

    private static async Task CleanAsync(Collector collector)
    {
        var result = await collector.RunOnceAsync(CancellationToken.None);
        result.ShouldBeOfType<WalkResult.Clean>(result.ToString());
    }

    private async Task<List<string>> IdsAsync(string source = AlertSources.GraphAlerts) =>
        [.. (await _log.ReadAsync(1, Tenant, 0, 1000, int.MaxValue, CancellationToken.None)).Where(version => version.Source == source).Select(version => version.AlertId)];
}
