using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Hec;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Splunk;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Splunk;

public sealed class SplunkHecSinkTests : SinkContract, IAsyncLifetime
{
    private const string Token = $"token-{Canary}";
    private readonly HecReceiverOptions _options = new() { Token = Token, KeepEvents = true };
    private HecReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await HecReceiver.StartAsync(_options, CancellationToken.None);

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Theory]
    [InlineData(401, DeliveryFailure.Unauthorized)]
    [InlineData(403, DeliveryFailure.Unauthorized)]
    [InlineData(404, DeliveryFailure.Misconfigured)]
    [InlineData(302, DeliveryFailure.Misconfigured)]
    [InlineData(408, DeliveryFailure.TimedOut)]
    [InlineData(429, DeliveryFailure.Throttled)]
    [InlineData(500, DeliveryFailure.ReceiverError)]
    [InlineData(502, DeliveryFailure.ReceiverError)]
    [InlineData(503, DeliveryFailure.Throttled)]
    [InlineData(418, DeliveryFailure.ReceiverError)]
    [InlineData(400, DeliveryFailure.ReceiverError)]
    public async Task A_status_that_says_nothing_about_the_content_is_tried_later(int status, DeliveryFailure reason)
    {
        _options.AlwaysStatus = status;
        await using var sink = Sink(_receiver);
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(reason);
        (later.Detail ?? "").ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 900)]
    [InlineData("Wed, 11 Mar 2026 08:02:00 GMT", 120)]
    [InlineData("Wed, 11 Mar 2026 07:00:00 GMT", 0)]
    public async Task Retry_After_is_taken_in_both_forms_and_capped(string header, int seconds)
    {
        (_options.AlwaysStatus, _options.RetryAfter) = (503, header);
        await using var sink = Sink(_receiver, time: new ManualTime());
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().After.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task A_rejected_event_is_refused()
    {
        _options.RefuseMarker = $"{Canary} 2";
        await using var sink = Sink(_receiver);
        var refused = (await sink.SendAsync(Batch(1, 2, 3), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>();
        refused.Reason.ShouldBe(DeliveryFailure.Rejected);
        refused.Detail.ShouldNotContain(Canary);
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [Fact]
    public async Task A_body_too_large_for_the_receiver_is_refused()
    {
        _options.MaxBodyBytes = 100;
        await using var sink = Sink(_receiver);
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
    }

    [Fact]
    public async Task A_version_larger_than_our_own_limit_is_refused_unsent()
    {
        await using var sink = Sink(_receiver, settings => settings with { MaxBodyBytes = 300 });
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
        _receiver.Bodies.ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_a_batch_larger_than_our_own_limit_the_first_versions_are_sent()
    {
        await using var sink = Sink(_receiver, settings => settings with { MaxBodyBytes = 3000 });
        var part = (await sink.SendAsync(Batch(1, 2, 3, 4, 5, 6), CancellationToken.None)).ShouldBeOfType<DeliveryResult.DeliveredPart>();
        part.Versions.ShouldBeInRange(1, 5);
        _receiver.Bodies.Count.ShouldBe(1);
        (await ReceivedAsync(part.Versions)).ShouldBe(Enumerable.Range(1, part.Versions).Select(number => (long)number));
    }

    [Fact]
    public async Task A_wrong_token_is_unauthorized_and_never_shown()
    {
        await using var sink = new SplunkHecSink(Settings(_receiver), Secret.FromText($"wrong-{Canary}"), SinkHttp.Client, TimeProvider.System);
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(DeliveryFailure.Unauthorized);
        later.ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task With_acknowledgement_a_batch_counts_once_the_indexers_confirm_it()
    {
        await using var receiver = await HecReceiver.StartAsync(new HecReceiverOptions { Token = Token, KeepEvents = true, Acknowledgement = true }, CancellationToken.None);
        await using var sink = Sink(receiver, settings => settings with { Acknowledgement = true });
        var answers = await Task.WhenAll(Enumerable.Range(1, 10).Select(number => sink.SendAsync(Batch(number), CancellationToken.None)));
        answers.ShouldAllBe(answer => answer is DeliveryResult.Delivered);
        receiver.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_lost_acknowledgement_is_tried_later_after_two_minutes_and_sent_with_the_same_bytes()
    {
        var options = new HecReceiverOptions { Token = Token, KeepEvents = true, Acknowledgement = true, LoseAcks = true };
        await using var receiver = await HecReceiver.StartAsync(options, CancellationToken.None);
        var time = new ManualTime();
        await using var sink = Sink(receiver, settings => settings with { Acknowledgement = true }, time);
        var sending = sink.SendAsync(Batch(1, 2), CancellationToken.None);
        await Until.TrueAsync(() => receiver.Count == 2, "the events arrive");
        var waited = TimeSpan.Zero;
        while (!sending.IsCompleted && waited < TimeSpan.FromMinutes(10))
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            waited += TimeSpan.FromMilliseconds(500);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System); // lets the poll that the clock released reach the receiver
        }

        (await sending).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.TimedOut);
        waited.ShouldBeGreaterThanOrEqualTo(SplunkHecSink.AckPatience - TimeSpan.FromSeconds(1));
        options.LoseAcks = false;
        await using var after = Sink(receiver, settings => settings with { Acknowledgement = true });
        (await after.SendAsync(Batch(1, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        receiver.Bodies.Count.ShouldBe(2);
        receiver.Bodies.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Acknowledgement_settings_that_do_not_match_the_token_are_misconfigured()
    {
        await using (var sink = Sink(_receiver, settings => settings with { Acknowledgement = true }))
            (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    [Fact]
    public async Task Compressed_bodies_arrive_whole()
    {
        await using var sink = Sink(_receiver, settings => settings with { Compress = true });
        await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Hostile()]), CancellationToken.None);
        _receiver.Events.Count.ShouldBe(SampleAlerts.Hostile().Count);
    }

    [Fact]
    public async Task An_untrusted_certificate_is_named_as_such()
    {
        using var authority = new LocalAuthority(TimeProvider.System);
        using var certificate = authority.IssueForLoopback();
        await using var receiver = await HecReceiver.StartAsync(new HecReceiverOptions { Token = Token, Certificate = certificate }, CancellationToken.None);
        await using var sink = Sink(receiver);
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Untrusted);
    }

    [Fact]
    public void Settings_name_every_fault_at_once_and_know_no_token()
    {
        var kind = new SplunkHecKind();
        kind.Validate(Json("""{"url":"https://splunk.example:8088","index":"main","acknowledgement":true,"format":"raw"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"url":"https://user:pw@splunk.example/x?y","token":"secret","maxBodyBytes":"1","compress":1,"format":"xml"}""")).Count.ShouldBe(5);
        kind.Validate(Json("{}")).Count.ShouldBe(1);
        kind.ClassOf(Json("""{"url":"https://s.example","acknowledgement":true}""")).ShouldBe(SinkClass.Confirmed);
        kind.ClassOf(Json("""{"url":"https://s.example"}""")).ShouldBe(SinkClass.Accepted);
    }

    protected override Task<ISink> StartAsync() => Task.FromResult<ISink>(Sink(_receiver));

    protected override async Task<ISink> StartWithoutReceiverAsync()
    {
        var gone = await HecReceiver.StartAsync(new HecReceiverOptions { Token = Token }, CancellationToken.None);
        await gone.DisposeAsync();
        return Sink(gone);
    }

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override Task<IReadOnlyList<long>> ReceivedAsync(int expected) => Task.FromResult<IReadOnlyList<long>>(
        [.. _receiver.Events.Select(line => long.Parse(Json(line).GetProperty("fields").GetProperty("bailiwick_log_number").GetString()!))]);

    protected override Task<IReadOnlyList<string>> RecordsAsync(int expected) => Task.FromResult(_receiver.Events);

    private static SplunkHecSink Sink(HecReceiver receiver, Func<SplunkHecSettings, SplunkHecSettings>? change = null, TimeProvider? time = null) =>
        new((change ?? (settings => settings))(Settings(receiver)), Secret.FromText(Token), SinkHttp.Client, time ?? TimeProvider.System);

    private static SplunkHecSettings Settings(HecReceiver receiver) =>
        new(new Uri(receiver.Url, "/services/collector/event"), new HecMetadata("main", null, null, null, AlertFormats.Ecs), Acknowledgement: false, Compress: false, 1_000_000, CaFile: null);

    private static JsonElement Json(string text) => SinkHttp.Json(text);
}
