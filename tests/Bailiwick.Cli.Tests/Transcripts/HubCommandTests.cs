using Microsoft.AspNetCore.Http;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Transcripts;

public sealed class HubCommandTests : IAsyncLifetime
{
    private static readonly TenantId Fabrikam = new(Guid.Parse("11111111-2222-4333-8444-555555555555"));
    private static readonly CustomerId Owner = new(Guid.Parse("0198aaaa-0000-7000-8000-000000000001"));
    private static readonly DateTimeOffset At = new(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
    private readonly TempDirectory _temp = new();
    private StubHub _hub = null!;

    public async Task InitializeAsync() => _hub = await StubHub.StartAsync();

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Status_shows_hub_sinks_and_tenants()
    {
        LayOutStatus();
        var told = await Transcript.OfAsync(["status"], _hub);
        told.ShouldSatisfyAllConditions(
            () => told.Code.ShouldBe(ExitCodes.Ok),
            () => told.Out.ShouldContain("Hub 0.1.0, demo, ready"),
            () => told.Out.ShouldContain("1 customers, 1 tenants: 1 connected, 0 need attention; 42 alert versions"),
            () => told.Out.ShouldMatch(@"siem\s+hec\s+confirmed\s+failing since 2026-03-11 08:00:00Z\s+40\s+2\s+0\s+503"),
            () => told.Out.ShouldMatch(@"Fabrikam\s+11111111-2222-4333-8444-555555555555\s+connected\s+GraphAlerts\s+2026-03-11 08:00:00Z\s+90s\s+42"),
            () => told.Error.ShouldBeEmpty());
    }

    [Theory]
    [InlineData(null, false, ConnectionState.Connected, false)]
    [InlineData("2026-03-11T08:00:00Z", false, ConnectionState.Connected, true)]
    [InlineData(null, true, ConnectionState.Connected, true)]
    [InlineData(null, false, ConnectionState.NeedsAttention, true)]
    [InlineData(null, false, ConnectionState.NotConnected, false)]
    public async Task Troubled_are_tenants_that_fail_or_wait_for_a_person(string? failingSince, bool needsPerson, ConnectionState connection, bool shown)
    {
        LayOutStatus();
        var since = failingSince is null ? (DateTimeOffset?)null : DateTimeOffset.Parse(failingSince, System.Globalization.CultureInfo.InvariantCulture);
        var tenant = new TenantStatus(new TenantId(Guid.NewGuid()), Owner, "Fabrikam", connection, null, null, null, 0, null, since, null, needsPerson);
        _hub.Answers("GET", Routes.StatusTenants, new Page<TenantStatus>([tenant]));
        var told = await Transcript.OfAsync(["status", "--troubled"], _hub);
        told.Out.Contains("Fabrikam", StringComparison.Ordinal).ShouldBe(shown);
        told.Out.Contains("No tenant is in trouble.", StringComparison.Ordinal).ShouldBe(!shown);
    }

    [Fact]
    public async Task The_roles_in_the_help_are_the_roles()
    {
        var help = (await Transcript.OfAsync(["key", "add", "--help"])).Out;
        foreach (var role in Enum.GetNames<Hub.Operators.Role>()) help.ShouldContain(JsonNamingPolicy.CamelCase.ConvertName(role), Case.Sensitive);
    }

    [Fact]
    public async Task Json_output_is_one_json_value_and_nothing_else()
    {
        LayOutStatus();
        var told = await Transcript.OfAsync(["status", "--output", "json"], _hub);
        using var document = JsonDocument.Parse(told.Out);
        document.RootElement.GetProperty("tenants")[0].GetProperty("logHead").GetInt64().ShouldBe(42);
        told.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_follows_every_cursor()
    {
        _hub.Answers(
            "GET",
            Routes.Customers,
            context => context.Response.WriteAsJsonAsync(
                context.Request.Query.ContainsKey("cursor")
                    ? new Page<Customer>([new Customer(Owner, "Second", At, [])])
                    : new Page<Customer>([new Customer(Owner, "First", At, [])], "more"),
                ApiJson.Strict,
                "application/json"),
            "application/json");
        var told = await Transcript.OfAsync(["customer", "list"], _hub);
        told.Out.ShouldContain("First");
        told.Out.ShouldContain("Second");
    }

    [Fact]
    public async Task A_feed_is_added_for_a_customer_by_name_and_listed()
    {
        var feed = new Feed("siem", "raw", [Owner], 12, At);
        _hub.Answers("GET", Routes.Customers, new Page<Customer>([new Customer(Owner, "Fabrikam", At, [])]));
        _hub.Answers("POST", Routes.Feeds, feed);
        _hub.Answers("GET", Routes.Feeds, new Page<Feed>([feed, new Feed("all", "ecs", null, 0, At)]));
        var added = await Transcript.OfAsync(["feed", "add", "siem", "--customer", "fabrikam", "--format", "raw", "--from-now"], _hub);
        added.Out.ShouldBe("Added siem (raw). Read it at /api/v1/feeds/siem/next.\n");
        var listed = await Transcript.OfAsync(["feed", "list"], _hub);
        listed.Out.ShouldMatch(@"siem\s+raw\s+1\s+12\s+2026-03-11 08:00:00Z");
        listed.Out.ShouldMatch(@"all\s+ecs\s+all\s+0");
    }

    [Fact]
    public async Task Text_from_alerts_cannot_drive_the_terminal()
    {
        _hub.Answers("GET", Routes.Alerts, new Page<Alert>([
            new Alert(Fabrikam, Owner, "Fabrikam", "GraphAlerts", "da1", "\u001b]0;owned\a bad\r\nline \u202Eevil \u009B31m", "high", "new", null, At, At, 7, new string('a', 64))]));
        var told = await Transcript.OfAsync(["alerts", "list"], _hub);
        told.Out.ShouldContain(@"\x1B]0;owned\x07 bad\x0D\x0Aline \u202Eevil \x9B31m");
        told.Out.Any(c => char.IsControl(c) && c != '\n').ShouldBeFalse();
    }

    [Fact]
    public async Task Raw_is_written_byte_for_byte()
    {
        const string Raw = "{ \"title\":\"\u202Eå\",\r\n\t\"x\":1.10 }";
        _hub.Answers("GET", Routes.Alert, new AlertDetail(
            new Alert(Fabrikam, Owner, "Fabrikam", "GraphAlerts", "a/b?c", "t", "high", "new", null, At, At, 7, "k"),
            [new AlertVersionInfo(7, At, At, "k", Raw.Length)]));
        _hub.Answers("GET", Routes.Fill(Routes.AlertRaw, Fabrikam.ToString(), "7"), context => context.Response.WriteAsync(Raw), "application/json");
        var told = await Transcript.OfAsync(["alerts", "raw", Fabrikam.ToString(), "a/b?c"], _hub);
        told.Out.ShouldBe(Raw);
        _hub.Requests.First().Query.ShouldContain("id=a%2Fb%3Fc");
    }

    [Fact]
    public async Task The_key_of_the_key_file_is_sent_as_bearer()
    {
        _hub.Answers("GET", Routes.Sinks, new Page<Sink>([]));
        var told = await Transcript.OfAsync(["sink", "list", "--key-file", _temp.File("k.key", "bwk_abc\n")], _hub);
        told.Code.ShouldBe(ExitCodes.Ok);
        _hub.Requests.Single().Authorization.ShouldBe("Bearer bwk_abc");
    }

    [Theory]
    [InlineData("bwk_abc", UnixFileMode.UserRead | UnixFileMode.OtherRead, "chmod 600")]
    [InlineData("two words", UnixFileMode.UserRead, "does not hold one API key")]
    public async Task An_unusable_key_file_is_one_sentence_and_sends_nothing(string content, UnixFileMode mode, string sentence)
    {
        var told = await Transcript.OfAsync(["sink", "list", "--key-file", _temp.File("k.key", content, mode)], _hub);
        told.Code.ShouldBe(ExitCodes.DataDirectory);
        told.Error.ShouldContain(sentence);
        told.Error.ShouldNotContain(content);
        _hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_key_file_is_one_sentence()
    {
        var told = await Transcript.OfAsync(["status", "--key-file", Path.Combine(_temp.Path, "none")], _hub);
        told.Code.ShouldBe(ExitCodes.DataDirectory);
        told.Error.Trim().Split('\n').Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("invalid-input", ExitCodes.Usage)]
    [InlineData("rule-broken", ExitCodes.Usage)]
    [InlineData("unauthenticated", ExitCodes.NotAuthorized)]
    [InlineData("forbidden", ExitCodes.NotAuthorized)]
    [InlineData("not-found", ExitCodes.NotFound)]
    [InlineData("conflict", ExitCodes.Conflict)]
    [InlineData("locked", ExitCodes.NotNow)]
    [InlineData("sealed", ExitCodes.NotNow)]
    [InlineData("unavailable", ExitCodes.NotNow)]
    [InlineData("storage-full", ExitCodes.NotNow)]
    [InlineData("internal", ExitCodes.Unexpected)]
    public async Task Every_refusal_has_its_exit_code(string name, int code)
    {
        _hub.Refuses("GET", Routes.Sinks, Problems.All.Single(type => type.Name == name), "Because of this.");
        var told = await Transcript.OfAsync(["sink", "list"], _hub);
        told.Code.ShouldBe(code);
        told.Error.ShouldContain("Because of this.");
        told.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_where_nothing_listens_is_one_sentence()
    {
        var told = await Transcript.OfAsync(["status", "--hub", "http://127.0.0.1:1"]);
        told.Code.ShouldBe(ExitCodes.Unreachable);
        told.Error.ShouldStartWith("Nothing answers at http://127.0.0.1:1/");
    }

    [Fact]
    public async Task A_web_server_that_is_no_hub_is_told_apart()
    {
        _hub.Answers("GET", Routes.Status, context => context.Response.WriteAsync("<html>hello</html>"), "text/html");
        var told = await Transcript.OfAsync(["status"], _hub);
        told.Code.ShouldBe(ExitCodes.Unreachable);
        told.Error.ShouldContain("is not a Bailiwick hub");
    }

    [Fact]
    public async Task The_key_never_travels_over_plain_http_to_another_machine()
    {
        var told = await Transcript.OfAsync(["status", "--hub", "http://hub.example:8480"]);
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Error.ShouldContain("use https");
    }

    [Fact]
    public async Task An_app_secret_comes_from_standard_input_and_is_never_shown()
    {
        var client = Guid.Parse("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
        _hub.Answers("POST", Routes.Applications, new Application("provider", client, ApplicationCredential.Secret, null, At));
        var told = await Transcript.OfAsync(["app", "add", "provider", "--client-id", client.ToString(), "--secret-file", "-"], _hub, input: "s3cr3t-value\n");
        told.Code.ShouldBe(ExitCodes.Ok);
        using var sent = JsonDocument.Parse(_hub.Requests.Single().Body);
        sent.RootElement.GetProperty("secret").GetString().ShouldBe("s3cr3t-value");
        (told.Out + told.Error).ShouldNotContain("s3cr3t");
    }

    [Fact]
    public async Task Sink_settings_keep_their_types()
    {
        using var settings = JsonDocument.Parse("{}");
        _hub.Answers("POST", Routes.Sinks, new Sink("siem", "syslog", "sent", settings.RootElement, false, false, At, new SinkRouting()));
        var told = await Transcript.OfAsync(["sink", "add", "siem", "--kind", "syslog", "--set", "address=127.0.0.1:6514", "--set", "tls=true", "--set", "port=6514", "--set", "id=\"5\""], _hub);
        told.Code.ShouldBe(ExitCodes.Ok);
        using var sent = JsonDocument.Parse(_hub.Requests.Single().Body);
        sent.RootElement.GetProperty("settings").GetRawText().ShouldBe("""{"address":"127.0.0.1:6514","tls":true,"port":6514,"id":"5"}""");
    }

    [Fact]
    public async Task Connecting_all_goes_in_portions_and_names_each_failure()
    {
        var tenants = Enumerable.Range(1, 45).Select(i => new TenantId(new Guid(i, 1, 1, [1, 2, 3, 4, 5, 6, 7, 8]))).ToList();
        _hub.Answers("GET", Routes.Connections, new Page<Connection>(
            [.. tenants.Select((tenant, i) => new Connection(tenant, Owner, "C", null, null, null, i == 0 ? ConnectionState.Connected : ConnectionState.NotConnected, null, null, null, null))]));
        _hub.Answers(
            "POST",
            Routes.ConnectAppOnly,
            context =>
            {
                var asked = JsonSerializer.Deserialize<ConnectAppOnly>(_hub.Requests.Last().Body, ApiJson.Strict)!;
                return context.Response.WriteAsJsonAsync(
                    new ConnectOutcomes([.. asked.Tenants.Select(tenant => tenant == tenants[7]
                        ? new ConnectOutcome(tenant, "Contoso", false, "unauthorized_client", "The customer's administrator has not consented yet.")
                        : new ConnectOutcome(tenant, "C", true))]),
                    ApiJson.Strict,
                    "application/json");
            },
            "application/json");
        var told = await Transcript.OfAsync(["connect", "app-only", "--all"], _hub);
        told.Code.ShouldBe(ExitCodes.PartlyFailed);
        told.Out.ShouldContain("Connected 43 of 44 tenants.");
        told.Error.ShouldContain("has not consented yet");
        _hub.Requests.Count(request => request.Method == "POST").ShouldBe(3);
    }

    [Fact]
    public async Task A_new_key_goes_into_an_owner_only_file_and_nowhere_else()
    {
        _hub.Answers("POST", Routes.Keys, new CreatedApiKey(new ApiKey("k1", "ci", "reader", null, null, At, At, null), "bwk_12_secret"));
        var path = Path.Combine(_temp.Path, "ci.key");
        var told = await Transcript.OfAsync(["key", "add", "ci", "--role", "reader", "--out", path, "-o", "json"], _hub);
        told.Code.ShouldBe(ExitCodes.Ok);
        (await File.ReadAllTextAsync(path)).ShouldBe("bwk_12_secret\n");
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (told.Out + told.Error).ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_refused_key_leaves_no_file()
    {
        _hub.Refuses("POST", Routes.Keys, Problems.Forbidden, "Your key is no owner's.");
        var path = Path.Combine(_temp.Path, "ci.key");
        (await Transcript.OfAsync(["key", "add", "ci", "--role", "owner", "--out", path], _hub)).Code.ShouldBe(ExitCodes.NotAuthorized);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_broken_audit_chain_has_an_exit_code_of_its_own()
    {
        _hub.Answers("GET", Routes.AuditVerify, new AuditVerification(false, 12, 0, 9, "The MAC of record 9 is wrong."));
        var told = await Transcript.OfAsync(["audit", "verify"], _hub);
        told.Code.ShouldBe(ExitCodes.CheckFailed);
        told.Out.ShouldContain("BROKEN at record 9");
    }

    [Fact]
    public async Task Replay_wants_one_id_or_a_selection()
    {
        _hub.Answers("POST", Routes.DeadLettersReplay, new DeadLetterCount(3));
        (await Transcript.OfAsync(["deadletter", "replay"], _hub)).Code.ShouldBe(ExitCodes.Usage);
        (await Transcript.OfAsync(["deadletter", "replay", "5", "--all"], _hub)).Code.ShouldBe(ExitCodes.Usage);
        var told = await Transcript.OfAsync(["deadletter", "replay", "--sink", "siem"], _hub);
        told.Out.ShouldBe("3 will be delivered again.\n");
        _hub.Requests.Single().Body.ShouldContain("\"sink\":\"siem\"");
    }

    [Fact]
    public async Task What_would_be_replayed_can_be_listed_first()
    {
        _hub.Answers("GET", Routes.DeadLetters, new Page<DeadLetter>([]));
        var told = await Transcript.OfAsync(["deadletter", "list", "--sink", "siem", "--reason", "rejected", "--from", "2026-03-11", "--state", "waiting"], _hub);
        told.Out.ShouldBe("No dead letters.\n");
        _hub.Requests.Single().Query.ShouldBe("?sink=siem&reason=rejected&from=2026-03-11T00%3A00%3A00.0000000Z&state=waiting&limit=1000");
    }

    [Fact]
    public async Task A_selection_by_reason_and_time_is_discarded_with_the_reason_why()
    {
        _hub.Answers("POST", Routes.DeadLettersDiscard, new DeadLetterCount(2));
        var silent = await Transcript.OfAsync(["deadletter", "discard", "--reason", "rejected"], _hub);
        (silent.Code, silent.Error.Contains("--why", StringComparison.Ordinal)).ShouldBe((ExitCodes.Usage, true));
        var told = await Transcript.OfAsync(["deadletter", "discard", "--reason", "rejected", "--from", "2026-03-11T08:00:00Z", "--why", "Index was mended."], _hub);
        told.Out.ShouldBe("2 discarded.\n");
        _hub.Requests.Single().Body.ShouldBe("""{"selection":{"sink":null,"tenant":null,"reason":"rejected","from":"2026-03-11T08:00:00+00:00","to":null,"all":false},"why":"Index was mended."}""");
    }

    [Fact]
    public async Task A_sink_is_added_with_what_it_gets_and_shown_with_it()
    {
        var customer = new CustomerId(Guid.NewGuid());
        var routing = new SinkRouting([customer], ["high", "medium"], null, ["incident"], ["userPrincipalName"]);
        var sink = new Sink("soc", "jsonlines", "confirmed", JsonSerializer.SerializeToElement(new { directory = "/var" }), HasSecret: false, Parked: false, default, routing);
        _hub.Answers("POST", Routes.Sinks, sink);
        _hub.Answers("GET", Routes.Sinks, new Page<Sink>([sink]));
        var told = await Transcript.OfAsync(
            ["sink", "add", "soc", "--kind", "jsonlines", "--set", "directory=/var", "--start-at", "2026-03-01T00:00:00Z", "--customer", customer.ToString(), "--severity", "high", "--severity", "medium", "--record", "incident", "--redact", "userPrincipalName"],
            _hub);
        told.Out.ShouldBe("Added soc (jsonlines, confirmed).\n");
        var body = _hub.Requests.Single().Body;
        body.ShouldContain("\"startAt\":\"2026-03-01T00:00:00+00:00\"");
        body.ShouldContain($$"""{"customers":["{{customer}}"],"severities":["high","medium"],"sources":null,"kinds":["incident"],"redact":["userPrincipalName"]}""");
        (await Transcript.OfAsync(["sink", "list"], _hub)).Out.ShouldContain("1 customer, high/medium, incident, 1 field blanked");
    }

    [Fact]
    public async Task A_time_is_UTC_unless_it_says_otherwise_and_what_is_none_is_said_in_one_sentence()
    {
        _hub.Answers("POST", Routes.DeadLettersReplay, new DeadLetterCount(0));
        var told = await Transcript.OfAsync(["deadletter", "replay", "--from", "yesterday"], _hub);
        (told.Code, told.Error.Split('\n')[0]).ShouldBe((ExitCodes.Usage, "--from yesterday is no time: write it as 2026-03-11T08:00:00Z or 2026-03-11."));
        await Transcript.OfAsync(["deadletter", "replay", "--from", "2026-03-11", "--to", "2026-03-11T10:00+02:00"], _hub);
        _hub.Requests.Single().Body.ShouldContain("\"from\":\"2026-03-11T00:00:00+00:00\",\"to\":\"2026-03-11T08:00:00+00:00\"");
    }

    [Fact]
    public async Task An_unknown_word_is_a_usage_error()
    {
        var told = await Transcript.OfAsync(["frobnicate"]);
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Error.ShouldBe("Unrecognized command or argument 'frobnicate'." + Environment.NewLine + "See: bailiwick --help" + Environment.NewLine);
    }

    [Fact]
    public async Task A_throttled_request_is_sent_again_after_the_named_wait()
    {
        var first = true;
        _hub.Answers(
            "GET",
            Routes.Sinks,
            context =>
            {
                if (!first) return context.Response.WriteAsJsonAsync(new Page<Sink>([]), ApiJson.Strict, "application/json");
                first = false;
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "1";
                return Task.CompletedTask;
            },
            "application/json");
        (await Transcript.OfAsync(["sink", "list"], _hub)).Code.ShouldBe(ExitCodes.Ok);
        _hub.Requests.Count.ShouldBe(2);
    }

    private void LayOutStatus()
    {
        _hub.Answers("GET", Routes.Status, new FleetStatus(
            new HubStatus("0.1.0", "demo", At, true, []),
            new FleetTotals(1, 1, 1, 0, 42, 0),
            [new SinkStatus("siem", "hec", "confirmed", false, 40, 2, At, "receiverError", "503", 0)]));
        _hub.Answers("GET", Routes.StatusTenants, new Page<TenantStatus>([new TenantStatus(Fabrikam, Owner, "Fabrikam", ConnectionState.Connected, "GraphAlerts", At, 90, 42, null, null, null, false)]));
    }
}
