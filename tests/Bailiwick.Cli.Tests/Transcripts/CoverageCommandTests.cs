using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Transcripts;

public sealed class CoverageCommandTests : IAsyncLifetime
{
    private static readonly TenantId Fabrikam = new(Guid.Parse("11111111-2222-4333-8444-555555555555"));
    private static readonly CustomerId Owner = new(Guid.Parse("0198aaaa-0000-7000-8000-000000000001"));
    private static readonly DateTimeOffset At = new(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
    private StubHub _hub = null!;

    public async Task InitializeAsync() => _hub = await StubHub.StartAsync();

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task A_hole_is_one_line_with_cause_hours_and_sentence()
    {
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([Broken]));
        var told = await Transcript.OfAsync(["coverage"], _hub);
        told.Code.ShouldBe(ExitCodes.Ok);
        told.Out.ShouldMatch(
            @"Fabrikam\s+11111111-2222-4333-8444-555555555555\s+GraphAlerts\s+2026-03-11 10:00:00Z\s+2026-03-11 10:00:00Z\s+throttled\s+2026-03-11 10:02:00Z\s+2h\s+2h\s+20h\s+42\s+graph asks for a pause \(429\)\.");
        told.Out.ShouldMatch(@"Fabrikam\s+GraphAlerts\s+siem\s+2026-03-11 09:00:00Z\s+7\s+unreachable\s+2026-03-11 09:30:00Z\s+No connection\.");
        told.Out.ShouldNotContain("FROM", customMessage: "spans are for one tenant");
    }

    [Fact]
    public async Task One_tenant_shows_its_spans_and_every_sink()
    {
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([Broken]));
        var told = await Transcript.OfAsync(["coverage", "--tenant", Fabrikam.ToString(), "--from", "2026-03-10T12:00:00Z"], _hub);
        told.Out.ShouldMatch(@"GraphAlerts\s+2026-03-10 12:00:00Z\s+2026-03-11 08:00:00Z\s+proven\s+40");
        told.Out.ShouldMatch(@"GraphAlerts\s+2026-03-11 10:00:00Z\s+2026-03-11 12:00:00Z\s+open\s+0");
        told.Out.ShouldMatch(@"files\s+2026-03-11 10:00:00Z\s+0\s+-");
        _hub.Requests.Single().Query.ShouldBe($"?tenant={Fabrikam}&from=2026-03-10T12%3A00%3A00.0000000Z");
    }

    [Fact]
    public async Task Silence_that_is_unusual_is_a_cause_of_its_own()
    {
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([Broken with { HoleSince = null, Trouble = null, Silence = new CoverageSilence(true, At, 3) }]));
        (await Transcript.OfAsync(["coverage"], _hub)).Out.ShouldMatch(@"\s-\s+quiet\s+2026-03-11 08:00:00Z.*Nothing came for longer than usual: until now 3 h at most\.");
    }

    [Fact]
    public async Task Without_a_hole_one_sentence_says_so()
    {
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([]));
        (await Transcript.OfAsync(["coverage", "--holes"], _hub)).Out.ShouldBe("Nothing is missing.\n");
        _hub.Requests.Single().Query.ShouldBe("?holes=true");
    }

    [Fact]
    public async Task Json_is_the_answer_as_it_came()
    {
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([Broken]));
        using var json = JsonDocument.Parse((await Transcript.OfAsync(["coverage", "-o", "json"], _hub)).Out);
        json.RootElement.GetProperty("items")[0].GetProperty("trouble").GetProperty("cause").GetString().ShouldBe("throttled");
    }

    [Fact]
    public async Task A_pause_is_given_by_its_end_or_its_length()
    {
        var path = Routes.Fill(Routes.CustomerPause, Owner.ToString());
        _hub.Answers("POST", path, new Customer(Owner, "Fabrikam", At, [], new CustomerPause("Migration", "key:1", At, At.AddHours(8))));
        var told = await Transcript.OfAsync(["customer", "pause", Owner.ToString(), "--reason", "Migration", "--until", "2026-03-11T16:00:00Z"], _hub);
        told.Out.ShouldBe("Fabrikam is paused until 2026-03-11 16:00:00Z; what is missed is collected then.\n");
        JsonSerializer.Deserialize<PauseCustomer>(_hub.Requests.Single().Body, ApiJson.Strict).ShouldBe(new PauseCustomer("Migration", At.AddHours(8)));
        (await Transcript.OfAsync(["customer", "pause", Owner.ToString(), "--reason", "Migration", "--for", "8h"], _hub)).Code.ShouldBe(ExitCodes.Ok);
    }

    [Theory]
    [InlineData("--for", "8h", "--until", "2026-03-11T16:00:00Z")]
    [InlineData("--for", "eight hours")]
    [InlineData("--for", "0h")]
    [InlineData("--for", "8w")]
    [InlineData]
    public async Task A_pause_without_a_clear_end_is_refused_and_sends_nothing(params string[] end)
    {
        var told = await Transcript.OfAsync(["customer", "pause", Owner.ToString(), "--reason", "Migration", .. end], _hub);
        told.Code.ShouldBe(ExitCodes.Usage);
        _hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Resuming_says_that_the_customer_is_collected_and_show_names_a_pause()
    {
        _hub.Answers("POST", Routes.Fill(Routes.CustomerResume, Owner.ToString()), new Customer(Owner, "Fabrikam", At, []));
        (await Transcript.OfAsync(["customer", "resume", Owner.ToString()], _hub)).Out.ShouldBe("Fabrikam is collected.\n");
        _hub.Answers("GET", Routes.Fill(Routes.Customer, Owner.ToString()), new Customer(Owner, "Fabrikam", At, [], new CustomerPause("Migration", "key:1", At, At.AddHours(8))));
        (await Transcript.OfAsync(["customer", "show", Owner.ToString()], _hub)).Out.ShouldContain("until 2026-03-11 16:00:00Z by key:1 since 2026-03-11 08:00:00Z: Migration");
    }

    [Fact]
    public async Task Further_sources_are_sent_and_shown()
    {
        _hub.Answers("POST", Routes.ConnectAppOnly, new ConnectOutcomes([new ConnectOutcome(Fabrikam, "Fabrikam", Connected: true)]));
        var told = await Transcript.OfAsync(["connect", "app-only", Fabrikam.ToString(), "--source", "AlertExporter", "--also", "GraphIncidents", "--also", "GraphAlerts"], _hub);
        told.Code.ShouldBe(ExitCodes.Ok);
        var sent = JsonSerializer.Deserialize<ConnectAppOnly>(_hub.Requests.Single().Body, ApiJson.Strict)!;
        (sent.Source, string.Join(',', sent.Also!)).ShouldBe(("AlertExporter", "GraphIncidents,GraphAlerts"));
        _hub.Answers("GET", Routes.Connections, new Page<Connection>(
            [new Connection(Fabrikam, Owner, "Fabrikam", ConnectionKind.AppOnly, "a", "GraphAlerts", ConnectionState.Connected, "all", null, null, At, ["GraphIncidents"])]));
        (await Transcript.OfAsync(["connect", "list"], _hub)).Out.ShouldContain("GraphAlerts + GraphIncidents");
    }

    [Fact]
    public async Task Differences_are_counted_in_the_answer_and_named_on_request()
    {
        var whole = Broken with { HoleSince = null, Trouble = null, Comparisons = [new CoverageComparison("DefenderAlerts", At, 2, null, null)] };
        _hub.Answers("GET", Routes.Coverage, new Page<Coverage>([whole]));
        (await Transcript.OfAsync(["coverage"], _hub)).Out.ShouldMatch(@"\sdifferences\s.*2 differences to DefenderAlerts: bailiwick coverage --differences\.");
        _hub.Answers("GET", Routes.CoverageDifferences, new Page<CoverageDifference>(
            [new CoverageDifference(Fabrikam, Owner, "Fabrikam", "GraphAlerts", "DefenderAlerts", "da1", "DefenderAlerts", At, At.AddHours(1), "Suppressed there.")]));
        (await Transcript.OfAsync(["coverage", "--differences"], _hub)).Out
            .ShouldMatch(@"Fabrikam\s+11111111-2222-4333-8444-555555555555\s+da1\s+GraphAlerts\s+DefenderAlerts\s+DefenderAlerts\s+2026-03-11 08:00:00Z\s+2026-03-11 09:00:00Z\s+Suppressed there\.");
        (await Transcript.OfAsync(["coverage", "--differences", "--holes"], _hub)).Code.ShouldBe(ExitCodes.Usage);
    }

    private static Coverage Broken => new(
        Fabrikam,
        Owner,
        "Fabrikam",
        "GraphAlerts",
        At.AddHours(-20),
        At.AddHours(4),
        At.AddHours(2),
        At.AddHours(2),
        new CoverageTrouble("throttled", "graph asks for a pause (429).", At.AddMinutes(122)),
        new CoverageSilence(false, At, 3),
        [
            new CoverageSpan(At.AddHours(-20), At, CoverageState.Proven, 40),
            new CoverageSpan(At, At.AddHours(2), CoverageState.Covered, 2),
            new CoverageSpan(At.AddHours(2), At.AddHours(4), CoverageState.Open, 0),
        ],
        [new CoverageReader("files", At.AddHours(2), 0, null, null, null), new CoverageReader("siem", At.AddHours(1), 7, "unreachable", "No connection.", At.AddMinutes(90))],
        []);
}
