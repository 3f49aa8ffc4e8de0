using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Webhook;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Webhook;

public sealed class WebhookSinkTests : IAsyncLifetime
{
    internal const string Key = $"a-key-with-{Canary}";
    private const string Canary = "canary-7f3e";
    private readonly WebhookReceiverOptions _options = new() { Key = Key };
    private WebhookReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await WebhookReceiver.StartAsync(_options, CancellationToken.None);

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Theory]
    [InlineData(301, DeliveryFailure.Misconfigured)]
    [InlineData(307, DeliveryFailure.Misconfigured)]
    [InlineData(401, DeliveryFailure.Unauthorized)]
    [InlineData(403, DeliveryFailure.Unauthorized)]
    [InlineData(404, DeliveryFailure.Misconfigured)]
    [InlineData(405, DeliveryFailure.Misconfigured)]
    [InlineData(408, DeliveryFailure.TimedOut)]
    [InlineData(409, DeliveryFailure.ReceiverError)]
    [InlineData(410, DeliveryFailure.Misconfigured)]
    [InlineData(429, DeliveryFailure.Throttled)]
    [InlineData(500, DeliveryFailure.ReceiverError)]
    [InlineData(503, DeliveryFailure.ReceiverError)]
    public async Task A_status_that_says_nothing_about_the_content_is_tried_later(int status, DeliveryFailure reason)
    {
        _options.AlwaysStatus = status;
        (await SendAsync(WebhookBody.Single, 1)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(reason);
    }

    [Theory]
    [InlineData(400, DeliveryFailure.Rejected)]
    [InlineData(422, DeliveryFailure.Rejected)]
    [InlineData(413, DeliveryFailure.TooLarge)]
    public async Task A_status_about_the_content_is_a_refusal(int status, DeliveryFailure reason)
    {
        _options.AlwaysStatus = status;
        (await SendAsync(WebhookBody.Array, 1, 2)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(reason);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 900)]
    [InlineData("Wed, 11 Mar 2026 08:02:00 GMT", 120)]
    public async Task Retry_After_is_taken_in_both_forms_and_capped(string header, int seconds)
    {
        (_options.AlwaysStatus, _options.RetryAfter) = (429, header);
        await using var sink = Sink(WebhookBody.Single, time: new ManualTime());
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().After.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData(WebhookBody.Single, "application/json", 3)]
    [InlineData(WebhookBody.Array, "application/json", 1)]
    [InlineData(WebhookBody.Lines, "application/x-ndjson", 1)]
    public async Task Each_body_has_its_media_type_and_the_hash_of_its_bytes_as_idempotency_key(WebhookBody body, string mediaType, int requests)
    {
        await SendAsync(body, 1, 2, 3);
        await SendAsync(body, 1, 2, 3);
        _receiver.Requests.Count.ShouldBe(2 * requests);
        _receiver.Requests.ShouldAllBe(request => request.ContentType == mediaType);
        _receiver.Requests.Select(request => request.IdempotencyKey).Distinct().Count().ShouldBe(requests);
        _receiver.Requests.Select(request => request.Body).Distinct().Count().ShouldBe(requests);
    }

    [Fact]
    public async Task Of_single_records_those_before_a_failure_count_as_delivered()
    {
        _options.FailAfter = 2;
        (await SendAsync(WebhookBody.Single, 1, 2, 3, 4)).ShouldBe(new DeliveryResult.DeliveredPart(2));
        (await SendAsync(WebhookBody.Single, 3, 4)).ShouldBeOfType<DeliveryResult.TryLater>();
    }

    [Fact]
    public async Task Of_single_records_those_before_a_refused_one_count_as_delivered()
    {
        _options.RefuseMarker = $"{Canary} 3";
        (await SendAsync(WebhookBody.Single, 1, 2, 3, 4)).ShouldBe(new DeliveryResult.DeliveredPart(2));
        (await SendAsync(WebhookBody.Single, 3)).ShouldBeOfType<DeliveryResult.Refused>().ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task A_stop_between_single_records_says_how_far_it_came()
    {
        using var stop = new CancellationTokenSource();
        var received = 0;
        await using var receiver = await LocalWeb.StartAsync(async _ =>
        {
            if (++received == 3) await stop.CancelAsync();
        });
        await using var sink = Sink(WebhookBody.Single, settings => settings with { Url = receiver.Address() });
        var part = (await sink.SendAsync(Batch(1, 2, 3, 4, 5), stop.Token)).ShouldBeOfType<DeliveryResult.DeliveredPart>();
        part.Versions.ShouldBeInRange(2, 3);
    }

    [Fact]
    public async Task Single_records_are_sent_for_five_seconds_at_most()
    {
        var time = new ManualTime();
        await using var receiver = await LocalWeb.StartAsync(_ =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        });
        await using var sink = Sink(WebhookBody.Single, settings => settings with { Url = receiver.Address() }, time);
        (await sink.SendAsync(Batch(1, 2, 3, 4, 5), CancellationToken.None)).ShouldBe(new DeliveryResult.DeliveredPart(3));
    }

    [Theory]
    [InlineData(WebhookBody.Single)]
    [InlineData(WebhookBody.Array)]
    public async Task A_version_larger_than_our_own_limit_is_refused_unsent(WebhookBody body)
    {
        await using var sink = Sink(body, settings => settings with { MaxBodyBytes = 300 });
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
        _receiver.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_array_is_no_larger_than_our_own_limit()
    {
        await using var sink = Sink(WebhookBody.Array, settings => settings with { MaxBodyBytes = 3000 });
        var part = (await sink.SendAsync(Batch(1, 2, 3, 4, 5, 6), CancellationToken.None)).ShouldBeOfType<DeliveryResult.DeliveredPart>();
        _receiver.Records.Count.ShouldBe(part.Versions);
        _receiver.Requests.ShouldHaveSingleItem().Body.Length.ShouldBeLessThanOrEqualTo(3000);
    }

    [Fact]
    public async Task A_wrong_key_is_unauthorized_and_never_shown()
    {
        await using var sink = Sink(WebhookBody.Single, key: $"another-key-{Canary}");
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(DeliveryFailure.Unauthorized);
        later.ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task A_key_that_can_be_guessed_is_not_used()
    {
        await using var sink = Sink(WebhookBody.Single, key: "fifteen-letters");
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var hits = 0;
        await using var elsewhere = await LocalWeb.StartAsync(_ =>
        {
            hits++;
            return Task.CompletedTask;
        });
        await using var redirecting = await LocalWeb.StartAsync(context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (307, elsewhere.Address().ToString());
            return Task.CompletedTask;
        });
        await using var sink = Sink(WebhookBody.Single, settings => settings with { Url = redirecting.Address() });
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
        hits.ShouldBe(0);
    }

    [Fact]
    public void The_signature_is_that_of_the_documentation()
    {
        var page = File.ReadAllText(Repository.Path("docs", "sinks", "webhook.md"));
        var signature = WebhookSignature.Of("a-secret-of-the-test-vector"u8, DateTimeOffset.FromUnixTimeSeconds(1773219600), """{"hello":"world"}"""u8);
        signature.ShouldBe("t=1773219600,v1=9554f30e91d1e307af0b6e88b75a5b26ff1f39529b323059751b9443f2d24e82", "made with openssl");
        page.ShouldContain($"Bailiwick-Signature: {signature}");
    }

    [SkippableFact]
    public async Task Somebody_elses_library_accepts_the_signature_and_no_other_body()
    {
        await using (var sink = Sink(WebhookBody.Array)) await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Hostile()]), CancellationToken.None);
        var request = _receiver.Requests.ShouldHaveSingleItem();
        using var script = await NodeScript.StartOrSkipAsync(SinkHttp.NodeScripts, "webhook.mjs", new { key = Key, request.Body, request.Signature });
        var seen = await script.ReadAsync();
        seen.GetProperty("accepted").GetBoolean().ShouldBeTrue();
        seen.GetProperty("changed").GetString().ShouldBe("StripeSignatureVerificationError");
    }

    [Fact]
    public async Task The_request_is_the_golden_file()
    {
        await using (var sink = Sink(WebhookBody.Array, settings => settings with { Format = AlertFormats.Raw })) await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Own().Take(2)]), CancellationToken.None);
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-defender.webhook.json"), _receiver.Requests.ShouldHaveSingleItem().Body);
    }

    [Fact]
    public void Settings_name_every_fault_at_once_and_know_no_key()
    {
        var kind = new WebhookKind();
        kind.Validate(SinkHttp.Json("""{"url":"https://hooks.example/alerts","format":"raw","body":"ndjson"}""")).ShouldBeEmpty();
        kind.Validate(SinkHttp.Json("""{"url":"https://hooks.example/alerts?sig=secret","key":"x","body":"xml","maxBodyBytes":1}""")).Count.ShouldBe(4);
        kind.Validate(SinkHttp.Json("{}")).Count.ShouldBe(1);
        kind.ClassOf(SinkHttp.Json("""{"url":"https://hooks.example"}""")).ShouldBe(SinkClass.Accepted);
    }

    private static AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    private async Task<DeliveryResult> SendAsync(WebhookBody body, params long[] logNumbers)
    {
        await using var sink = Sink(body);
        return await sink.SendAsync(Batch(logNumbers), CancellationToken.None);
    }

    private WebhookSink Sink(WebhookBody body, Func<WebhookSettings, WebhookSettings>? change = null, TimeProvider? time = null, string key = Key) => new(
        (change ?? (settings => settings))(new WebhookSettings(_receiver.Url, AlertFormats.Ecs, body, 1_000_000, CaFile: null)),
        Secret.FromText(key),
        SinkHttp.Client,
        time ?? TimeProvider.System);
}
