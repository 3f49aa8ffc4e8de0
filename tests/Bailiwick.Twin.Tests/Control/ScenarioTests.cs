using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Control;

/// <summary>A run that is recorded on one twin and played on another: the second world answers the first one's bytes.</summary>
public sealed class ScenarioTests
{
    private static readonly DateTimeOffset Start = new(2031, 3, 4, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_recorded_run_played_on_another_twin_gives_the_same_bytes()
    {
        await using var first = await StartAsync(seed: 5);
        await RunAsync(first);
        var scenario = await first.Control.GetAsync<Scenario>("scenario", default);
        await using var second = await StartAsync(seed: 5);
        var played = await second.Control.PostAsync<PlayedScenario>("scenario", scenario, default);

        played.Refused.ShouldBeEmpty();
        played.Steps.ShouldBe(scenario.Steps.Count);
        played.Now.ShouldBe(Start.AddDays(2));
        var (one, two) = (await AnswersAsync(first), await AnswersAsync(second));
        one.Length.ShouldBeGreaterThan(3000);
        two.ShouldBe(one);
    }

    [Fact]
    public async Task A_run_of_another_seed_differs()
    {
        await using var first = await StartAsync(seed: 5);
        await RunAsync(first);
        await using var second = await StartAsync(seed: 6);
        await RunAsync(second);

        (await AnswersAsync(second)).ShouldNotBe(await AnswersAsync(first), "else the comparison above proves nothing");
    }

    [Theory]
    [InlineData("""{"seed":4,"startedAt":"2031-01-01T00:00:00Z","complete":true,"steps":[]}""", "--seed 4")]
    [InlineData("""{"seed":5,"startedAt":"2031-01-01T00:00:00Z","complete":false,"steps":[]}""", "not complete")]
    [InlineData("""{"seed":5,"startedAt":"2031-01-01T00:00:00Z","complete":true,"steps":[{"at":"2031-01-01T00:00:00Z","method":"POST","path":"/scenario"}]}""", "'/scenario' is not a step")]
    [InlineData("""{"seed":5,"complete":true}""", "no steps")]
    [InlineData("""{"seed":"five"}""", "JSON")]
    public async Task A_scenario_that_cannot_be_played_is_refused(string body, string part)
    {
        await using var twin = await StartAsync(seed: 5);
        using var client = new HttpClient { BaseAddress = twin.Host.ControlAddress };

        using var answer = await client.PostAsync("scenario", new StringContent(body, Encoding.UTF8, "application/json"));

        ((int)answer.StatusCode).ShouldBe(400);
        (await answer.Content.ReadFromJsonAsync<ControlError>())!.Error.ShouldContain(part);
    }

    [Fact]
    public async Task A_fault_strikes_in_its_span_of_virtual_time_only()
    {
        await using var twin = await StartAsync(seed: 1);
        await twin.Control.AddFaultAsync(new Bailiwick.Twin.Faults.TwinFault { Plane = "signin", Kind = Bailiwick.Twin.Faults.TwinFaultKind.Status, Value = 503, AfterSeconds = 3600, ForSeconds = 7200 }, default);
        using var client = twin.CreateClient();

        List<int> seen = [];
        foreach (var minutes in new[] { 0, 59, 2, 118, 2 })
        {
            await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = minutes * 60 }, default);
            using var answer = await client.GetAsync("/common/v2.0/.well-known/openid-configuration");
            seen.Add((int)answer.StatusCode);
        }

        seen.ShouldBe([200, 200, 503, 503, 200]);
    }

    private static async Task<RunningTwin> StartAsync(int seed)
    {
        var twin = await RunningTwin.StartAsync(new TwinOptions { Seed = seed }, [services => new AlertPlanes(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant)], empty: true);
        await twin.Control.ChangeClockAsync(new ClockChange { Frozen = true, To = Start }, default);
        return twin;
    }

    private static async Task RunAsync(RunningTwin twin)
    {
        var control = twin.Control;
        using var http = new HttpClient { BaseAddress = twin.Host.ControlAddress };
        using (await http.DeleteAsync("scenario")) await twin.PrepareAsync();
        var app = await twin.CreateAppAsync("Reader", app => app with
        {
            AppId = new Guid("7d1f0a11-1111-4111-8111-000000000001"),
            Secrets = [new NewSecret { Value = "known-secret-for-the-test" }],
            Permissions = [.. new[] { "User.Read.All", "Group.Read.All", "SecurityAlert.Read.All" }.Select(name => new Bailiwick.Twin.World.TwinPermission("https://graph.microsoft.com", name, true))],
        });
        await control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = app.AppId }, default);
        await control.CreateGroupAsync(twin.Alder.Id, new NewGroup("Tier 1 Analyst"), default);
        await control.PostAsync<JsonElement>($"tenants/{twin.Alder.Id}/alerts/generate", new { count = 5, from = Start.AddHours(-5), to = Start, seed = 3 }, default);
        await control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 86_400 }, default);
        await control.PostAsync<JsonElement>($"tenants/{twin.Alder.Id}/alerts/raise", new { title = "Raised on day two", seed = 9 }, default);
        await control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 86_400 }, default);
    }

    private static async Task<string> AnswersAsync(RunningTwin twin)
    {
        using var client = twin.CreateClient();
        var (_, token) = await twin.TokenAsync("alder.example", new() { ["grant_type"] = "client_credentials", ["client_id"] = "7d1f0a11-1111-4111-8111-000000000001", ["client_secret"] = "known-secret-for-the-test", ["scope"] = "https://graph.microsoft.com/.default" });
        client.DefaultRequestHeaders.Authorization = new("Bearer", token.GetProperty("access_token").GetString());
        var text = new StringBuilder();
        foreach (var path in new[] { "users", "groups", "security/alerts_v2?$top=50" }) text.AppendLine(await client.GetStringAsync($"/graph/v1.0/{path}"));
        return text.Replace(twin.Host.Address.Authority, "twin").ToString();
    }
}
