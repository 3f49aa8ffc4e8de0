using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Bailiwick.Cli.Local;
using Bailiwick.Cli.Output;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Transcripts;

public sealed class LocalCommandTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Serve_ends_without_a_fault_when_it_is_stopped_while_it_starts()
    {
        using var stop = new CancellationTokenSource();
        var running = Transcript.OfAsync(["serve", "--data", Data, "--urls", "http://127.0.0.1:0"], cancellationToken: stop.Token);
        await WaitForAsync(() => File.Exists(Path.Combine(Data, "bailiwick.db")) || running.IsCompleted);
        await stop.CancelAsync();
        var told = await running;
        told.Error.ShouldNotContain("fault");
        told.Code.ShouldBeOneOf(ExitCodes.Ok, ExitCodes.Stopped); // stopped before or after it listened
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        var told = await Transcript.OfAsync(["serve", "--data", Data, "--urls", url]);
        told.Code.ShouldBe(ExitCodes.PortInUse);
        told.Error.Trim().ShouldBe($"Another program listens on {url}: stop it, or choose another address with --urls.");
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_one_sentence()
    {
        var told = await Transcript.OfAsync(["serve", "--data", Path.Combine(_temp.File("f", "x"), "below")]);
        told.Code.ShouldBe(ExitCodes.DataDirectory);
        told.Error.Trim().Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_data_directory_open_to_others_is_refused()
    {
        Directory.CreateDirectory(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var told = await Transcript.OfAsync(["serve", "--data", Data]);
        told.Code.ShouldBe(ExitCodes.DataDirectory);
        told.Error.ShouldContain("chmod 700");
    }

    [Fact]
    public async Task A_broken_configuration_file_is_named_with_its_line()
    {
        var told = await Transcript.OfAsync(["serve", "--data", Data, "--config", _temp.File("c.json", "{\n  \"Profile\": \"test\",\n  oops\n}")]);
        told.Code.ShouldBe(ExitCodes.Configuration);
        told.Error.ShouldContain("is not valid JSON near line 3");
    }

    [Fact]
    public async Task Every_configuration_fault_is_named_at_once()
    {
        var told = await Transcript.OfAsync(
            ["serve", "--data", Data, "--urls", "http://0.0.0.0:8480", "--set", "Sources:GraphAlerts:PollInterval=0s", "--set", "Clouds:public:Graph=http://127.0.0.1:9"]);
        told.Code.ShouldBe(ExitCodes.Configuration);
        told.Error.Trim().Split('\n').Length.ShouldBe(3);
    }

    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time()
    {
        (await Transcript.OfAsync(["db", "migrate", "--data", Data])).Out.ShouldStartWith("Applied ");
        (await Transcript.OfAsync(["db", "migrate", "--data", Data])).Out.ShouldBe("The schema is current.\n");
        var told = await Transcript.OfAsync(["db", "status", "--data", Data, "-o", "json"]);
        using var status = JsonDocument.Parse(told.Out);
        status.RootElement.GetProperty("engine").GetString().ShouldBe("sqlite");
        status.RootElement.GetProperty("schema").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Looking_at_a_directory_that_is_not_there_makes_none()
    {
        (await Transcript.OfAsync(["db", "status", "--data", Data])).Code.ShouldBe(ExitCodes.DataDirectory);
        Directory.Exists(Data).ShouldBeFalse();
    }

    [Fact]
    public async Task An_empty_vault_without_its_key_is_not_called_unmade()
    {
        (await Transcript.OfAsync(["vault", "init", "--data", Data])).Code.ShouldBe(ExitCodes.Ok);
        File.Delete(Path.Combine(Data, "keys", "kek"));
        var told = await Transcript.OfAsync(["vault", "status", "--data", Data]);
        told.Code.ShouldBe(ExitCodes.DataDirectory);
        told.Out.ShouldContain("does NOT open");
        told.Out.ShouldNotContain("vault init");
    }

    [Fact]
    public async Task Rotating_the_key_leaves_a_record_in_the_audit_chain()
    {
        await Transcript.OfAsync(["vault", "init", "--data", Data]);
        (await Transcript.OfAsync(["vault", "rotate", "--data", Data])).Code.ShouldBe(ExitCodes.Ok);
        (await Transcript.OfAsync(["audit", "verify", "--offline", "--data", Data])).Out.ShouldBe("Intact: 1 records, 0 anchors fit.\n");
        await using var database = new Hub.Storage.SqliteDatabase(Path.Combine(Data, "bailiwick.db"));
        (await Hub.Audit.AuditLog.ListAsync(database, 0, 10, null, CancellationToken.None)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            record => record.Event.ShouldBe("vault.kek-rotated"), record => record.ActorKind.ShouldBe("cli"));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"origin":"x","size":1,"at":"2026-03-11T08:00:00Z"}""")]
    public async Task Damaged_anchors_are_a_failed_check_in_one_sentence(string line)
    {
        await Transcript.OfAsync(["vault", "init", "--data", Data]);
        await File.WriteAllTextAsync(Path.Combine(Data, "audit-anchors.jsonl"), line + "\n");
        var told = await Transcript.OfAsync(["audit", "verify", "--offline", "--data", Data]);
        told.Code.ShouldBe(ExitCodes.CheckFailed);
        told.Out.ShouldBe("BROKEN: Line 1 of the anchors' file audit-anchors.jsonl is not an anchor: it was damaged or changed.\n");
        told.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Demo_options_reach_the_demo()
    {
        var demo = new RecordingDemo();
        await Transcript.OfAsync(["demo", "--customers", "7", "--seed", "3", "--fresh"], demo: demo);
        demo.Request.ShouldBe(new DemoRequest(Path.Combine(".data", "demo"), "http://127.0.0.1:8480", 8490, 7, 3, true));
    }

    [Fact]
    public async Task A_file_for_the_twin_is_sent_as_it_is()
    {
        await using var control = await StubHub.StartAsync();
        const string Tenant = "11111111-2222-4333-8444-555555555555";
        control.Answers("POST", $"/tenants/{Tenant}/import", new Api.V1.DeadLetterCount(3));
        var told = await Transcript.OfAsync(["twin", "import", _temp.File("a.ndjson", "{\"id\":1}\n{\"id\":2}\n"), "--tenant", Tenant, "--retime", "--control", control.Address.ToString()]);
        told.Code.ShouldBe(ExitCodes.Ok);
        var seen = control.Requests.Single();
        (seen.Query, seen.Body).ShouldBe(("?keepTenant=false&retime=true", "{\"id\":1}\n{\"id\":2}\n"));
    }

    [Fact]
    public async Task The_twins_clock_is_shown_and_moved_on()
    {
        await using var control = await StubHub.StartAsync();
        control.Answers("GET", "/clock", context => context.Response.WriteAsync("""{"now":"2031-01-06T00:00:00+00:00"}"""), "application/json");
        control.Answers("POST", "/clock", context => context.Response.WriteAsync("""{"now":"2032-02-10T00:00:00+00:00","happened":3}"""), "application/json");

        var shown = await Transcript.OfAsync(["twin", "clock", "show", "--control", control.Address.ToString()]);
        (shown.Code, shown.Out).ShouldBe((ExitCodes.Ok, "It is 2031-01-06T00:00:00+00:00 in the twin.\n"));
        var moved = await Transcript.OfAsync(["twin", "clock", "advance", "400d", "--control", control.Address.ToString()]);
        (moved.Code, moved.Out).ShouldBe((ExitCodes.Ok, "It is 2032-02-10T00:00:00+00:00 in the twin. 3 things fell due on the way.\n"));
        control.Requests.Select(seen => seen.Body).ShouldBe(["", """{"advanceSeconds":34560000}"""]);

        var wrong = await Transcript.OfAsync(["twin", "clock", "advance", "soon", "--control", control.Address.ToString()]);
        wrong.Code.ShouldBe(ExitCodes.Usage);
        wrong.Error.ShouldContain("400d");
        control.Requests.Count.ShouldBe(2, "nothing was asked of the twin");
    }

    private string Data => Path.Combine(_temp.Path, "data");

    private static async Task WaitForAsync(Func<bool> happened)
    {
        for (var left = 600; left > 0 && !happened(); left--) await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        happened().ShouldBeTrue();
    }

    private sealed class RecordingDemo : IDemo
    {
        public DemoRequest? Request { get; private set; }

        public Task<int> RunAsync(DemoRequest request, Terminal terminal, CancellationToken cancellationToken)
        {
            Request = request;
            return Task.FromResult(ExitCodes.Ok);
        }
    }
}
