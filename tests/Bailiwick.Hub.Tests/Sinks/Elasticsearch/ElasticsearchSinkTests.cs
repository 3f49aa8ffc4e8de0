using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Elasticsearch;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Elasticsearch;

public sealed class ElasticsearchSinkTests : SinkContract, IAsyncLifetime
{
    private const string Key = $"key-{Canary}";
    private readonly ElasticsearchReceiverOptions _options = new() { Authorization = $"ApiKey {Key}" };
    private ElasticsearchReceiver _receiver = null!;

    protected override int CopiesAfterSendingTwice => 1;

    protected override bool KeepsReplaysOfWhatItHas => false;

    public async Task InitializeAsync() => _receiver = await ElasticsearchReceiver.StartAsync(_options, CancellationToken.None);

    public async Task DisposeAsync() => await _receiver.DisposeAsync();

    [Theory]
    [InlineData(401, DeliveryFailure.Unauthorized)]
    [InlineData(403, DeliveryFailure.Unauthorized)]
    [InlineData(302, DeliveryFailure.Misconfigured)]
    [InlineData(400, DeliveryFailure.Misconfigured)]
    [InlineData(404, DeliveryFailure.Misconfigured)]
    [InlineData(406, DeliveryFailure.Misconfigured)]
    [InlineData(408, DeliveryFailure.TimedOut)]
    [InlineData(429, DeliveryFailure.Throttled)]
    [InlineData(500, DeliveryFailure.ReceiverError)]
    [InlineData(503, DeliveryFailure.ReceiverError)]
    public async Task A_status_of_the_whole_request_is_tried_later(int status, DeliveryFailure reason)
    {
        _options.AlwaysStatus = status;
        (await SendAsync(1)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(reason);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 900)]
    [InlineData("Wed, 11 Mar 2026 08:02:00 GMT", 120)]
    public async Task Retry_After_is_taken_in_both_forms_and_capped(string header, int seconds)
    {
        (_options.FailRequests, _options.RetryAfter) = (1, header);
        await using var sink = Sink(_receiver, time: new ManualTime());
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().After.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData(429, "es_rejected_execution_exception", DeliveryFailure.Throttled)]
    [InlineData(429, "cluster_block_exception", DeliveryFailure.Throttled)]
    [InlineData(403, "cluster_block_exception", DeliveryFailure.Misconfigured)]
    [InlineData(403, "security_exception", DeliveryFailure.Unauthorized)]
    [InlineData(404, "index_not_found_exception", DeliveryFailure.Misconfigured)]
    [InlineData(400, "index_closed_exception", DeliveryFailure.Misconfigured)]
    [InlineData(409, "resource_already_exists_exception", DeliveryFailure.ReceiverError)]
    [InlineData(503, "unavailable_shards_exception", DeliveryFailure.ReceiverError)]
    public async Task A_document_that_is_not_at_fault_is_tried_later(int status, string type, DeliveryFailure reason)
    {
        _options.FailItem = _ => (status, type);
        (await SendAsync(1, 2)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(reason);
    }

    [Theory]
    [InlineData(400, "document_parsing_exception")]
    [InlineData(429, "es_rejected_execution_exception")]
    public async Task The_documents_before_the_first_that_is_not_stored_count_as_delivered(int status, string type)
    {
        _options.FailItem = document => document.Contains($"{Canary} 3", StringComparison.Ordinal) ? (status, type) : null;
        (await SendAsync(1, 2, 3, 4)).ShouldBe(new DeliveryResult.DeliveredPart(2));
        _options.FailItem = null;
        (await SendAsync(3, 4)).ShouldBe(DeliveryResult.Delivered.Instance, "the one after it is there already");
        (await ReceivedAsync(4)).ShouldBe([1, 2, 4, 3]);
    }

    [Fact]
    public async Task A_document_that_is_rejected_is_refused_without_its_content()
    {
        _options.FailItem = document => document.Contains($"{Canary} 1", StringComparison.Ordinal) ? (400, "document_parsing_exception") : null;
        foreach (var numbers in new long[][] { [1, 2], [1] })
        {
            var refused = (await SendAsync(numbers)).ShouldBeOfType<DeliveryResult.Refused>();
            refused.Reason.ShouldBe(DeliveryFailure.Rejected);
            refused.Detail.ShouldContain("log number 1");
            refused.Detail.ShouldContain("document_parsing_exception");
            refused.ToString().ShouldNotContain(Canary);
        }
    }

    [Fact]
    public async Task An_error_type_that_is_no_word_is_not_shown()
    {
        _options.FailItem = _ => (400, $"<b>{Canary}</b>");
        (await SendAsync(1)).ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task An_answer_without_one_result_per_document_delivers_nothing()
    {
        await using var other = await LocalWeb.StartAsync(context => context.Response.Body.WriteAsync("""{"errors":false,"items":[{"create":{"status":201}}]}"""u8.ToArray()).AsTask());
        await using var sink = new ElasticsearchSink(Settings(_receiver) with { Url = other.Address() }, Secret.FromText(Key), SinkHttp.Client, TimeProvider.System);
        (await sink.SendAsync(Batch(1, 2), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    [Fact]
    public async Task A_body_too_large_for_the_receiver_is_refused()
    {
        _options.MaxBodyBytes = 100;
        (await SendAsync(1)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
    }

    [Fact]
    public async Task Of_a_batch_larger_than_our_own_limit_the_first_versions_are_sent()
    {
        await using var sink = Sink(_receiver, settings => settings with { MaxBodyBytes = 3000 });
        var part = (await sink.SendAsync(Batch(1, 2, 3, 4, 5, 6), CancellationToken.None)).ShouldBeOfType<DeliveryResult.DeliveredPart>();
        (await ReceivedAsync(part.Versions)).ShouldBe(Enumerable.Range(1, part.Versions).Select(number => (long)number));
    }

    [Fact]
    public async Task Requests_go_to_the_stream_of_the_customer_and_ask_for_no_document_back()
    {
        await using var sink = Sink(_receiver, settings => settings with { Target = "logs-bailiwick.alert-{customer}.{tenant}" });
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        var stream = $"logs-bailiwick.alert-{SampleAlerts.Customer.Value:N}.{SampleAlerts.Tenant.Value:N}";
        _receiver.Targets.ShouldBe([$"/{stream}/_bulk?filter_path=errors,items.*.status,items.*.error.type"]);
        _receiver.Documents[0].Index.ShouldBe(stream);
        _receiver.Documents[0].Id.ShouldBe(Batch(1).Versions[0].Key);
    }

    [Fact]
    public async Task User_and_password_are_sent_as_basic()
    {
        var header = "Basic " + Convert.ToBase64String("bailiwick:pass wörd"u8);
        await using var receiver = await ElasticsearchReceiver.StartAsync(new ElasticsearchReceiverOptions { Authorization = header, IsElastic = false }, CancellationToken.None);
        await using var sink = new ElasticsearchSink(Settings(receiver) with { Basic = true }, Secret.FromText("bailiwick:pass wörd"), SinkHttp.Client, TimeProvider.System);
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [Theory]
    [InlineData($"wrong-{Canary}", DeliveryFailure.Unauthorized)]
    [InlineData($"two\nlines-{Canary}", DeliveryFailure.Misconfigured)]
    public async Task A_wrong_key_is_never_shown(string key, DeliveryFailure reason)
    {
        await using var sink = new ElasticsearchSink(Settings(_receiver), Secret.FromText(key), SinkHttp.Client, TimeProvider.System);
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(reason);
        later.ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task Compressed_bodies_of_hostile_alerts_arrive_whole()
    {
        await using var sink = Sink(_receiver, settings => settings with { Compress = true, Original = true });
        (await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Hostile()]), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        _receiver.Documents.Select(document => document.Id).ShouldBe(SampleAlerts.Hostile().Select(version => version.Key));
    }

    [Fact]
    public async Task The_request_is_the_golden_file()
    {
        var sent = "";
        await using var other = await LocalWeb.StartAsync(async context => sent = await new StreamReader(context.Request.Body).ReadToEndAsync());
        await using var sink = new ElasticsearchSink(Settings(_receiver) with { Url = other.Address() }, Secret.FromText(Key), SinkHttp.Client, TimeProvider.System);
        await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Own().Take(1)]), CancellationToken.None);
        sent.ShouldEndWith("\n");
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-defender.bulk.ndjson"), sent.TrimEnd('\n'));
    }

    [Fact]
    public void Settings_name_every_fault_at_once_and_know_no_key()
    {
        var kind = new ElasticsearchKind();
        kind.Validate(SinkHttp.Json("""{"url":"https://es.example:9200/es","dataStream":"logs-bailiwick.alert-{customer}","authentication":"basic","compress":true}""")).ShouldBeEmpty();
        kind.Validate(SinkHttp.Json("""{"url":"https://es.example","index":"alerts-{tenant}"}""")).ShouldBeEmpty();
        kind.Validate(SinkHttp.Json("""{"url":"https://u:p@es.example","apiKey":"x","authentication":"none","maxBodyBytes":1}""")).Count.ShouldBe(4);
        kind.Validate(SinkHttp.Json("""{"url":"https://es.example","index":"a","dataStream":"logs-a-b"}""")).Count.ShouldBe(1);
        kind.Validate(SinkHttp.Json("{}")).Count.ShouldBe(1);
        kind.ClassOf(SinkHttp.Json("""{"url":"https://es.example"}""")).ShouldBe(SinkClass.Confirmed);
    }

    [Theory]
    [InlineData("Alerts")]
    [InlineData("_alerts")]
    [InlineData("-alerts")]
    [InlineData(".alerts")]
    [InlineData("a*")]
    [InlineData("a,b")]
    [InlineData("a/_bulk")]
    [InlineData("a#b")]
    [InlineData("<alerts-{now/d}>")]
    [InlineData("alerts-{name}")]
    public void A_name_that_no_index_can_have_is_a_fault(string index) =>
        new ElasticsearchKind().Validate(SinkHttp.Json($$"""{"url":"https://es.example","index":"{{index}}"}""")).Count.ShouldBe(1);

    protected override Task<ISink> StartAsync() => Task.FromResult<ISink>(Sink(_receiver));

    protected override async Task<ISink> StartWithoutReceiverAsync()
    {
        var gone = await ElasticsearchReceiver.StartAsync(_options, CancellationToken.None);
        await gone.DisposeAsync();
        return Sink(gone);
    }

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override Task<IReadOnlyList<long>> ReceivedAsync(int expected) => Task.FromResult<IReadOnlyList<long>>(
        [.. _receiver.Documents.Select(document => SinkHttp.Json(document.Source).GetProperty("bailiwick").GetProperty("log_number").GetInt64())]);

    protected override Task<IReadOnlyList<string>> RecordsAsync(int expected) => Task.FromResult<IReadOnlyList<string>>([.. _receiver.Documents.Select(document => document.Source)]);

    private async Task<DeliveryResult> SendAsync(params long[] logNumbers)
    {
        await using var sink = Sink(_receiver);
        return await sink.SendAsync(Batch(logNumbers), CancellationToken.None);
    }

    private static ElasticsearchSink Sink(ElasticsearchReceiver receiver, Func<ElasticsearchSettings, ElasticsearchSettings>? change = null, TimeProvider? time = null) =>
        new((change ?? (settings => settings))(Settings(receiver)), Secret.FromText(Key), SinkHttp.Client, time ?? TimeProvider.System);

    private static ElasticsearchSettings Settings(ElasticsearchReceiver receiver) =>
        new(receiver.Url, ElasticsearchSettings.DefaultDataStream, Basic: false, Original: false, Compress: false, 1_000_000, CaFile: null);
}
