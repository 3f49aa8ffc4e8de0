using System.Net;
using System.Text.Json;
using Bailiwick.Twin.Faults;

namespace Bailiwick.Twin.Tests.Faults;

public sealed class FaultTests : IAsyncLifetime, IDisposable
{
    private TwinHost _host = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await TwinHost.StartAsync(new TwinOptions(), [services => new EchoPlane(services)], default);
        _client = new HttpClient(Tls.TwinTrust.CreateHandler(_host.CaFile)) { BaseAddress = _host.Address };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _client.Dispose();

    private TwinFault Add(TwinFaultKind kind, int value = 0, string plane = "graph", int? count = null, double probability = 1, int seed = 1) =>
        _host.Services.Faults.Add(new TwinFault { Plane = plane, Kind = kind, Value = value, Count = count, Probability = probability, Seed = seed });

    [Fact]
    public async Task A_429_names_the_wait_and_strikes_only_as_often_as_told()
    {
        Add(TwinFaultKind.Throttle429, 17, count: 1);

        using var first = await _client.GetAsync("/graph/v1.0/echo");
        using var second = await _client.GetAsync("/graph/v1.0/echo");

        first.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        first.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(17));
        JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("error").Text("code").ShouldBe("TooManyRequests");
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        _host.Services.Faults.Rules.Single().Strikes.ShouldBe(1);
    }

    [Fact]
    public async Task A_fault_of_one_plane_leaves_the_others_alone()
    {
        Add(TwinFaultKind.Status, 503, "graph");

        (await _client.GetAsync("/graph/v1.0/echo")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await _client.GetAsync("/common/v2.0/.well-known/openid-configuration")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _host.Services.Faults.Clear();
        (await _client.GetAsync("/graph/v1.0/echo")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("graph", "/graph/v1.0/security/alerts_v2", "ServiceUnavailable")]
    [InlineData("defender", "/defender/api/alerts", "ServiceUnavailable")]
    [InlineData("exporter", "/exporter/api/alerts", null)]
    public async Task An_error_comes_in_the_planes_own_shape(string plane, string path, string? code)
    {
        Add(TwinFaultKind.Status, 503, plane);

        using var answer = await _client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        if (plane == "exporter")
        {
            body.Text("message").ShouldNotBeNullOrEmpty();
            return;
        }

        var error = body.GetProperty("error");
        error.Text("code").ShouldBe(code);
        if (plane == "graph") error.GetProperty("innerError").Text("request-id").ShouldBe(answer.Headers.GetValues("request-id").Single());
        else error.Text("target").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_torn_body_delivers_its_beginning_and_breaks()
    {
        Add(TwinFaultKind.TornBody, 9);
        using var answer = await _client.GetAsync("/graph/v1.0/echo", HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[9];
        await body.ReadExactlyAsync(buffer);

        System.Text.Encoding.ASCII.GetString(buffer).ShouldBe(_host.Address.ToString()[..9]);
        await Should.ThrowAsync<IOException>(async () => await body.ReadExactlyAsync(new byte[1]));
    }

    [Fact]
    public async Task A_closed_connection_is_no_answer_at_all()
    {
        Add(TwinFaultKind.CloseConnection);

        await Should.ThrowAsync<HttpRequestException>(() => _client.GetAsync("/graph/v1.0/echo"));
    }

    [Fact]
    public async Task A_hanging_request_ends_when_the_client_gives_up()
    {
        Add(TwinFaultKind.Hang);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Should.ThrowAsync<OperationCanceledException>(() => _client.GetAsync("/graph/v1.0/echo", patience.Token));
    }

    [Fact]
    public async Task A_warning_turns_success_into_206()
    {
        Add(TwinFaultKind.Warning206);

        using var answer = await _client.GetAsync("/graph/v1.0/echo");

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Headers.Warning.Single().Code.ShouldBe(199);
        (await answer.Content.ReadAsStringAsync()).ShouldEndWith("/graph");
    }

    [Fact]
    public async Task A_challenge_names_the_claims_of_a_token_issued_after_now()
    {
        Add(TwinFaultKind.InsufficientClaims, count: 1);
        var now = _host.Services.Clock.GetUtcNow().ToUnixTimeSeconds();

        using var answer = await _client.GetAsync("/graph/v1.0/echo");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var challenge = answer.Headers.WwwAuthenticate.Single();
        challenge.Scheme.ShouldBe("Bearer");
        challenge.Parameter!.ShouldContain("error=\"insufficient_claims\"");
        var claims = JsonDocument.Parse(Convert.FromBase64String(challenge.Parameter!.Split("claims=\"")[^1].TrimEnd('"'))).RootElement.GetProperty("access_token").GetProperty("nbf");
        claims.GetProperty("essential").GetBoolean().ShouldBeTrue();
        long.Parse(claims.Text("value")!).ShouldBeInRange(now, now + 5);
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").Text("code").ShouldBe("InvalidAuthenticationToken");
    }

    [Fact]
    public async Task A_slow_answer_comes_late_but_whole()
    {
        Add(TwinFaultKind.Slow, 300);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        (await _client.GetStringAsync("/graph/v1.0/echo")).ShouldEndWith("/graph");

        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public void Dice_with_equal_seeds_fall_alike_and_about_as_often_as_told()
    {
        List<bool>[] runs = [[], []];
        foreach (var run in runs)
        {
            var faults = new TwinFaults(TimeProvider.System);
            faults.Add(new TwinFault { Kind = TwinFaultKind.Status, Value = 500, Probability = 0.2, Seed = 42 });
            for (var n = 0; n < 1000; n++) run.Add(faults.Take("graph", null, "/x") is not null);
        }

        runs[0].ShouldBe(runs[1]);
        runs[0].Count(hit => hit).ShouldBeInRange(150, 250);
    }

    [Fact]
    public void A_rule_for_one_tenant_and_path_strikes_nothing_else()
    {
        var tenant = Guid.NewGuid();
        var faults = new TwinFaults(TimeProvider.System);
        faults.Add(new TwinFault { Kind = TwinFaultKind.Status, Value = 500, Tenant = tenant, PathContains = "ALERTS" });

        faults.Take("graph", tenant, "/graph/v1.0/security/alerts_v2").ShouldNotBeNull();
        faults.Take("graph", Guid.NewGuid(), "/graph/v1.0/security/alerts_v2").ShouldBeNull();
        faults.Take("graph", tenant, "/graph/v1.0/organization").ShouldBeNull();
    }
}
