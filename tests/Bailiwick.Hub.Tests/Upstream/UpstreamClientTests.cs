using System.Net;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Collectors.GraphAlerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Upstream;

public sealed class UpstreamClientTests : IDisposable
{
    private const string Page = """{"value":[{"id":"a","lastUpdateDateTime":"2026-03-11T08:00:00Z"}]}""";
    private static readonly UpstreamTenant Tenant = new(new TenantId(Guid.Parse("11111111-2222-3333-4444-555555555555")), "public", new Uri("https://plane.example/"));
    private readonly Plane _plane = new();
    private readonly List<bool> _tokensAskedFresh = [];
    private readonly UpstreamClient _client;

    public UpstreamClientTests() => _client = new UpstreamClient(
        new Dictionary<string, HttpClient> { ["public"] = new(_plane) },
        (_, _, renew, _) =>
        {
            _tokensAskedFresh.Add(renew);
            return Task.FromResult<TokenResult>(new TokenResult.Acquired($"token{_tokensAskedFresh.Count}", DateTimeOffset.MaxValue));
        },
        new ManualTime(),
        new UpstreamOptions { MaxConcurrentRequests = 1, MaxPagesInMemory = 1 });

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("https://other.example/x")]
    [InlineData("http://plane.example/x")]
    [InlineData("https://plane.example:444/x")]
    [InlineData("https://user@plane.example/x")]
    [InlineData("https://plane.example.evil.example/x")]
    public async Task A_continuation_to_another_origin_is_refused_without_a_request(string address)
    {
        (await GetAsync(address)).ShouldBeOfType<PageAnswer.Refused>().Reason.ShouldBe(UpstreamFailure.BadContinuation);
        _plane.Seen.ShouldBeEmpty();
        _tokensAskedFresh.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(429, UpstreamFailure.Throttled)]
    [InlineData(500, UpstreamFailure.ServerError)]
    [InlineData(503, UpstreamFailure.ServerError)]
    public async Task What_may_pass_is_tried_later(int status, UpstreamFailure reason)
    {
        _plane.Answer = _ => new HttpResponseMessage((HttpStatusCode)status) { Headers = { { "Retry-After", "86400" } } };
        var later = (await GetAsync()).ShouldBeOfType<PageAnswer.TryLater>();
        (later.Reason, later.After).ShouldBe((reason, TimeSpan.FromMinutes(15)));
    }

    [Theory]
    [InlineData(400, "BadRequest", UpstreamFailure.BadRequest)]
    [InlineData(404, "NotFound", UpstreamFailure.BadRequest)]
    [InlineData(403, "Forbidden", UpstreamFailure.Forbidden)]
    [InlineData(403, "DisabledFeature", UpstreamFailure.NotLicensed)]
    public async Task What_needs_a_person_is_refused_with_the_code(int status, string code, UpstreamFailure reason)
    {
        _plane.Answer = _ => Json($$$"""{"error":{"code":"{{{code}}}","message":"secret words"}}""", status);
        var refused = (await GetAsync()).ShouldBeOfType<PageAnswer.Refused>();
        refused.Reason.ShouldBe(reason);
        refused.Detail.ShouldContain(code);
        refused.Detail.ShouldNotContain("secret words");
    }

    [Fact]
    public async Task A_refused_token_is_renewed_once_and_a_fresh_one_refused_is_the_end()
    {
        _plane.Answer = request => request.Headers.Authorization!.Parameter == "token1" ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : Json(Page);
        (await GetAsync()).ShouldBeOfType<PageAnswer.Page>().Content.Dispose();
        _tokensAskedFresh.ShouldBe([false, true]);

        _plane.Answer = _ => new HttpResponseMessage(HttpStatusCode.Unauthorized);
        (await GetAsync()).ShouldBeOfType<PageAnswer.Refused>().Reason.ShouldBe(UpstreamFailure.Unauthorized);
        _tokensAskedFresh.ShouldBe([false, true, false, true]);
    }

    [Theory]
    [InlineData("""{"value":[{"id":"a"},""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("""{"value":[]} {}""")]
    [InlineData("<html>")]
    public async Task A_torn_body_is_tried_later_and_its_beginning_kept(string body)
    {
        _plane.Answer = _ => Json(body);
        var later = (await GetAsync()).ShouldBeOfType<PageAnswer.TryLater>();
        later.Reason.ShouldBe(UpstreamFailure.Torn);
        Encoding.UTF8.GetString(later.Excerpt.Span).ShouldBe(body);
        _plane.Answer = _ => Json(Page);
        (await GetAsync()).ShouldBeOfType<PageAnswer.Page>("a torn body leaves room for the next page").Content.Dispose();
    }

    [Fact]
    public async Task A_partial_answer_carries_its_warning()
    {
        _plane.Answer = _ => Json(Page, 206);
        var page = (await GetAsync()).ShouldBeOfType<PageAnswer.Page>();
        page.Warning.ShouldNotBeNull();
        page.Content.Dispose();
    }

    [Fact]
    public async Task A_look_behind_a_held_page_waits_for_no_turn_and_no_room()
    {
        _plane.Answer = _ => Json(Page);
        var held = (await GetAsync()).ShouldBeOfType<PageAnswer.Page>();
        var waiting = GetAsync(); // takes the only turn and waits for the room of the page that is held
        await Until.TrueAsync(() => _plane.Seen.Count == 2, "the second page is asked for");
        waiting.IsCompleted.ShouldBeFalse();

        var behind = await GetAsync(small: true).WaitAsync(Until.Patience);
        behind.ShouldBeOfType<PageAnswer.Page>().Content.Dispose();
        held.Content.Dispose();
        (await waiting).ShouldBeOfType<PageAnswer.Page>().Content.Dispose();
    }

    [Fact]
    public async Task A_body_announced_larger_than_the_limit_is_refused_unread()
    {
        _plane.Answer = _ =>
        {
            var response = Json(Page);
            response.Content.Headers.ContentLength = UpstreamClient.MaxPageBytes + 1L;
            return response;
        };
        (await GetAsync()).ShouldBeOfType<PageAnswer.Refused>().Reason.ShouldBe(UpstreamFailure.TooLarge);
    }

    private Task<PageAnswer> GetAsync(string address = "https://plane.example/v1.0/security/alerts_v2", bool small = false) =>
        _client.GetPageAsync(Tenant, TokenAudience.Graph, new Uri(address), new GraphAlertSource().Shape, small, CancellationToken.None);

    private static HttpResponseMessage Json(string body, int status = 200) =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private sealed class Plane : HttpMessageHandler
    {
        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new HttpResponseMessage(HttpStatusCode.NotImplemented);

        public System.Collections.Concurrent.ConcurrentQueue<Uri> Seen { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Seen.Enqueue(request.RequestUri!);
            var response = Answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }
}
