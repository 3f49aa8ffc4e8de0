using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Web;
using Bailiwick.Server;
using Bailiwick.Server.Configuration;
using Bailiwick.Server.Http;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Server;

public sealed class WebSurfaceTests : IAsyncLifetime
{
    private readonly TempDirectory _temp = new();
    private readonly SwitchedReadiness _vault = new();
    private RunningServer _server = null!;
    private HttpClient _http = null!;

    public async Task InitializeAsync()
    {
        var options = new ServerOptions { Data = Path.Combine(_temp.Path, "data"), Urls = ["http://127.0.0.1:0"] };
        _server = await BailiwickServer.StartAsync(
            options,
            services => services.AddSingleton<IReadiness>(_vault),
            routes =>
            {
                routes.MapPost("/api/v1/trial", (NewCustomer customer) => customer.Name);
                routes.MapPost("/api/v1/trial/large", (NewCustomer customer) => customer.Name).WithMetadata(new LargeBody());
                routes.MapGet("/api/v1/trial/fault", (HttpContext _) => throw new InvalidOperationException("secret inside /home/x"));
                routes.MapGet("/api/v1/trial/number", (int limit) => limit);
                routes.MapGet("/api/v1/trial/refusal", () => Answers.Refuse(Problems.Sealed, "The vault is sealed.", retryAfter: TimeSpan.FromSeconds(7)));
            },
            CancellationToken.None);
        _http = new HttpClient { BaseAddress = _server.Addresses.Single() };
        var key = await File.ReadAllTextAsync(Path.Combine(_server.Data, "owner.key"));
        _http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", key.Trim());
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _temp.Dispose();
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/nowhere")]
    [InlineData("/api/v1/trial/fault")]
    [InlineData("/metrics")]
    public async Task Security_headers_stand_on_every_answer(string path)
    {
        using var answer = await _http.GetAsync(path);
        foreach (var (name, value) in SecurityHeaders.All) answer.Headers.GetValues(name).Single().ShouldBe(value);
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Theory]
    [InlineData("GET", "/nowhere", null, null, 404, "not-found")]
    [InlineData("DELETE", "/health/live", null, null, 405, "method-not-allowed")]
    [InlineData("POST", "/api/v1/trial", "text/plain", "x", 415, "unsupported-media-type")]
    [InlineData("POST", "/api/v1/trial", "application/json", "{", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", "", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":"a","nmae":1}""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":"a","name":"b"}""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", "{}", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":null}""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":5}""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":"a"} x""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"Name":"a"}""", 400, "invalid-input")]
    [InlineData("POST", "/api/v1/trial", "application/json", """{"name":"a","tenants":[{"id":"x"}]}""", 400, "invalid-input")]
    [InlineData("GET", "/api/v1/trial/number?limit=many", null, null, 400, "invalid-input")]
    [InlineData("GET", "/api/v1/trial/number", null, null, 400, "invalid-input")]
    [InlineData("GET", "/api/v1/trial/fault", null, null, 500, "internal")]
    [InlineData("GET", "/api/v1/trial/refusal", null, null, 503, "sealed")]
    public async Task What_goes_wrong_is_a_problem_document(string method, string path, string? type, string? body, int status, string name)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type!);
        using var answer = await _http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var text = await answer.Content.ReadAsStringAsync();
        var problem = JsonSerializer.Deserialize<Problem>(text, ApiJson.Tolerant)!;
        problem.Type.ShouldBe(Problems.Base + name);
        problem.Status.ShouldBe(status);
        problem.Detail.ShouldNotBeNullOrWhiteSpace();
        problem.TraceId.ShouldNotBeNullOrWhiteSpace();
        foreach (var inner in (string[])["secret inside", "System.", "Bailiwick.Api", "   at ", "NewCustomer"]) text.ShouldNotContain(inner);
    }

    [Fact]
    public async Task A_fault_in_the_json_is_told_by_its_place()
    {
        using var answer = await _http.PostAsync("/api/v1/trial", new StringContent("{\"name\":\"a\",\n\"tenants\":[{\"id\":\"nope\"}]}", Encoding.UTF8, "application/json"));
        var problem = (await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant))!;
        problem.Detail!.ShouldContain("$.tenants[0].id (line 2");
        problem.Errors!.Keys.ShouldContain("$.tenants[0].id");
    }

    [Fact]
    public async Task A_refusal_carries_when_to_ask_again()
    {
        using var answer = await _http.GetAsync("/api/v1/trial/refusal");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData("/api/v1/trial", 2, 413)]
    [InlineData("/api/v1/trial/large", 2, 200)]
    [InlineData("/api/v1/trial/large", 11, 413)]
    public async Task A_body_has_a_limit(string path, int mebibytes, int status)
    {
        var body = $$"""{"name":"{{new string('a', mebibytes * 1024 * 1024)}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true; // else the client may still be writing when the refusal closes the connection
        using var answer = await _http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task A_long_address_is_refused_with_a_problem()
    {
        using var answer = await _http.GetAsync("/health/live?" + new string('a', 9000));
        ((int)answer.StatusCode).ShouldBe(414);
        (await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant))!.Type.ShouldBe(Problems.AddressTooLong.Uri);
    }

    [Fact]
    public async Task Deep_json_is_refused()
    {
        using var answer = await _http.PostAsync("/api/v1/trial", new StringContent(new string('[', 100) + new string(']', 100), Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Another_hosts_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = "evil.example" } };
        using var answer = await _http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(421);
    }

    [Fact]
    public async Task Ready_follows_the_checks_and_live_does_not()
    {
        (await _http.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _vault.Reason = "The key-encryption key is missing; put vault.key back.";
        using var answer = await _http.GetAsync("/health/ready");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadFromJsonAsync<Health>(ApiJson.Tolerant))!.Reasons.ShouldBe([new HealthReason("vault", _vault.Reason)]);
        (await _http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_check_that_throws_is_a_reason_and_no_fault()
    {
        _vault.Throws = true;
        using var answer = await _http.GetAsync("/health/ready");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("inner words");
    }

    [Fact]
    public async Task Too_many_requests_are_told_when_to_go_on()
    {
        var codes = new List<HttpStatusCode>();
        TimeSpan? wait = null;
        for (var i = 0; i < 200 && wait is null; i++)
        {
            using var answer = await _http.GetAsync("/api/v1/trial/number?limit=1");
            codes.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) wait = answer.Headers.RetryAfter?.Delta;
        }

        codes.Take(RequestBudget.Burst).ShouldAllBe(code => code == HttpStatusCode.OK);
        wait.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
        (await _http.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Trying_keys_is_limited_and_limits_nobody_else()
    {
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 200 && !codes.Contains(HttpStatusCode.TooManyRequests); i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Routes.Customers);
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", "bwk_" + new string('A', 43));
            using var answer = await _http.SendAsync(request);
            codes.Add(answer.StatusCode);
        }

        codes.ShouldContain(HttpStatusCode.TooManyRequests);
        codes.Take(RequestBudget.Burst).ShouldAllBe(code => code == HttpStatusCode.Unauthorized);
        (await _http.GetAsync(Routes.Customers)).StatusCode.ShouldBe(HttpStatusCode.OK, "a good key from the same address");
#pragma warning disable RS0030 // a test is its own client
        using var guest = new HttpClient { BaseAddress = _http.BaseAddress };
#pragma warning restore RS0030
        (await guest.GetAsync("/connect/nothing")).StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests, "the pages that customers sign in by");
    }

    [Fact]
    public async Task Metrics_are_prometheus_text()
    {
        await _http.GetAsync("/health/live");
        using var answer = await _http.GetAsync("/metrics");
        answer.Content.Headers.ContentType!.ToString().ShouldBe(PrometheusText.ContentType);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("bailiwick_server_answers_total{result=\"2xx\"}");
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync("/openapi/v1.json"));
        document.RootElement.GetProperty("openapi").GetString()!.ShouldStartWith("3.1");
        document.RootElement.GetProperty("info").GetProperty("title").GetString().ShouldBe("Bailiwick");
        document.RootElement.GetProperty("paths").TryGetProperty(Routes.HealthReady, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task A_second_hub_on_the_same_directory_does_not_start()
    {
        var options = new ServerOptions { Data = _server.Data, Urls = ["http://127.0.0.1:0"] };
        (await Should.ThrowAsync<DataDirectoryException>(() => BailiwickServer.StartAsync(options, CancellationToken.None))).Message.ShouldContain("in use by another hub");
    }

    [Fact]
    public void A_bucket_fills_again_with_time()
    {
        var time = new ManualTime();
        var budget = new RequestBudget(time);
        for (var i = 0; i < RequestBudget.Burst; i++) budget.TryTake("a").ShouldBeNull();
        budget.TryTake("a").ShouldBe(TimeSpan.FromMilliseconds(100));
        budget.TryTake("b").ShouldBeNull();
        time.Advance(TimeSpan.FromMilliseconds(100));
        budget.TryTake("a").ShouldBeNull();
        budget.TryTake("a").ShouldNotBeNull();
    }

    private sealed class LargeBody : Microsoft.AspNetCore.Http.Metadata.IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 10 * 1024 * 1024;
    }

    private sealed class SwitchedReadiness : IReadiness
    {
        public string Name => "vault";

        public string? Reason { get; set; }

        public bool Throws { get; set; }

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken) => Throws ? throw new InvalidOperationException("inner words") : ValueTask.FromResult(Reason);
    }
}
