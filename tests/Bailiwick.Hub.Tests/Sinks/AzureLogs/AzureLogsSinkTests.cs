using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.AzureLogs;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.AzureLogs;

public sealed class AzureLogsSinkTests : SinkContract, IAsyncLifetime
{
    private const string ClientSecret = $"secret-{Canary}";
    private const string Rule = "dcr-00000000000000000000000000000abc";
    private static readonly Guid s_tenant = new("6b0f3c2e-5a41-4d7e-9c55-0f2f7c1b9a99");
    private static readonly Guid s_client = new("0f2f7c1b-9a10-4d7e-9c55-6b0f3c2e5a41");
    private readonly LocalAuthority _authority = new(TimeProvider.System);
    private readonly TempDirectory _folder = new();
    private AzureLogsReceiverOptions _options = null!;
    private AzureLogsReceiver _receiver = null!;
    private OutboundFactory _outbound = null!;

    public async Task InitializeAsync()
    {
        var caFile = _folder.File("ca.pem", _authority.CertificatePem);
        _outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true, ExtraCaFile = caFile });
        _options = new AzureLogsReceiverOptions
        {
            Tenant = s_tenant, ClientId = s_client, ClientSecret = ClientSecret, Rule = Rule, Stream = "Custom-BailiwickAlerts_CL", Certificate = _authority.IssueForLoopback(),
        };
        _receiver = await AzureLogsReceiver.StartAsync(_options, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _outbound.Dispose();
        _options.Certificate.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(307, "Moved", DeliveryFailure.Misconfigured)]
    [InlineData(400, "InvalidStream", DeliveryFailure.Misconfigured)]
    [InlineData(401, "InvalidAuthenticationToken", DeliveryFailure.Unauthorized)]
    [InlineData(403, "OperationFailed", DeliveryFailure.Unauthorized)]
    [InlineData(404, "NotFound", DeliveryFailure.Misconfigured)]
    [InlineData(408, "RequestTimeout", DeliveryFailure.TimedOut)]
    [InlineData(429, "TooManyRequests", DeliveryFailure.Throttled)]
    [InlineData(500, "InternalServerError", DeliveryFailure.ReceiverError)]
    [InlineData(503, "ServiceUnavailable", DeliveryFailure.ReceiverError)]
    public async Task A_status_that_says_nothing_about_the_content_is_tried_later(int status, string code, DeliveryFailure reason)
    {
        (_options.AlwaysStatus, _options.AlwaysCode) = (status, code);
        var later = (await SendAsync(1)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(reason);
        later.Detail!.ShouldContain($"status {status}, {code}");
    }

    [Theory]
    [InlineData(400, "InvalidPayload", DeliveryFailure.Rejected)]
    [InlineData(413, "ContentLengthLimitExceeded", DeliveryFailure.TooLarge)]
    public async Task A_status_about_the_content_is_a_refusal(int status, string code, DeliveryFailure reason)
    {
        (_options.AlwaysStatus, _options.AlwaysCode) = (status, code);
        (await SendAsync(1, 2)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task An_error_code_that_is_no_word_is_not_shown()
    {
        (_options.AlwaysStatus, _options.AlwaysCode) = (400, $"<b>{Canary}</b>");
        (await SendAsync(1)).ToString().ShouldNotContain(Canary);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("86400", 900)]
    public async Task Retry_After_is_taken_and_capped(string header, int seconds)
    {
        (_options.AlwaysStatus, _options.RetryAfter) = (429, header);
        (await SendAsync(1)).ShouldBeOfType<DeliveryResult.TryLater>().After.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task One_token_serves_every_batch_until_it_is_not_accepted()
    {
        await using var sink = Sink();
        await sink.SendAsync(Batch(1), CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(2, 5).Select(number => sink.SendAsync(Batch(number), CancellationToken.None)));
        _receiver.TokensIssued.ShouldBe(1);
        _receiver.RevokeTokens();
        (await sink.SendAsync(Batch(7), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Unauthorized);
        (await sink.SendAsync(Batch(7), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        _receiver.TokensIssued.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_near_its_end_is_renewed_before_it_is_used()
    {
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        await using var sink = Sink(time: time);
        await sink.SendAsync(Batch(1), CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(56));
        await sink.SendAsync(Batch(2), CancellationToken.None);
        _receiver.TokensIssued.ShouldBe(2);
    }

    [Fact]
    public async Task A_wrong_secret_is_unauthorized_tried_slowly_and_never_shown()
    {
        await using var sink = Sink(secret: $"wrong-{Canary}");
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(DeliveryFailure.Unauthorized);
        later.After.ShouldBe(TimeSpan.FromMinutes(1));
        later.Detail!.ShouldContain("(AADSTS7000215)");
        later.ToString().ShouldNotContain(Canary);
    }

    [Fact]
    public async Task A_sign_in_service_that_is_ill_is_tried_later()
    {
        _options.TokenStatus = 503;
        (await SendAsync(1)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Unreachable);
    }

    [Fact]
    public async Task A_cloud_that_is_not_configured_is_misconfigured_and_gets_no_secret()
    {
        await using var sink = Sink(cloud: "elsewhere");
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
        _receiver.TokensIssued.ShouldBe(0);
    }

    [Fact]
    public async Task Bodies_stay_within_our_own_limit()
    {
        await using var sink = Sink(more: ""","maxBodyBytes":10000""");
        var part = (await sink.SendAsync(Batch([.. Enumerable.Range(1, 40).Select(number => (long)number)]), CancellationToken.None)).ShouldBeOfType<DeliveryResult.DeliveredPart>();
        _receiver.Rows.Count.ShouldBe(part.Versions);
        _receiver.Bodies.ShouldHaveSingleItem().Length.ShouldBeLessThanOrEqualTo(10_000);
    }

    [Fact]
    public async Task Compressed_bodies_of_hostile_alerts_arrive_whole()
    {
        await using var sink = Sink(more: ""","compress":true,"format":"raw" """);
        (await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Hostile()]), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        _receiver.Rows.Select(row => SinkHttp.Json(row).GetProperty("Key").GetString()).ShouldBe(SampleAlerts.Hostile().Select(version => version.Key));
    }

    [Fact]
    public async Task No_column_has_a_name_that_Azure_Monitor_keeps_for_itself()
    {
        await SendAsync(1);
        var names = SinkHttp.Json(_receiver.Rows[0]).EnumerateObject().Select(column => column.Name).ToList();
        names.ShouldContain("TimeGenerated");
        names.ShouldNotContain(name => name.StartsWith('_') || new[] { "TenantId", "Type", "Title", "UniqueId", "id", "SourceSystem", "MG" }.Contains(name));
    }

    [Fact]
    public async Task The_request_is_the_golden_file()
    {
        await using (var sink = Sink()) await sink.SendAsync(SampleAlerts.Batch([.. SampleAlerts.Own().Take(1)]), CancellationToken.None);
        GoldenFile.ShouldMatch(SampleAlerts.FilePath("golden-defender.azure-logs.json"), _receiver.Bodies.ShouldHaveSingleItem());
    }

    [SkippableFact]
    public async Task Azures_own_client_finds_the_ingestion_API_it_knows()
    {
        var given = new { url = _receiver.Url, token = _receiver.IssueToken(), rule = Rule, stream = _options.Stream };
        using var script = await NodeScript.StartOrSkipAsync(SinkHttp.NodeScripts, "azure-logs.mjs", given, Path.Combine(_folder.Path, "ca.pem"));
        var seen = await script.ReadAsync();
        seen.GetProperty("wrongRule").GetString().ShouldBe("AggregateLogsUploadError");
        seen.GetProperty("unknownToken").GetString().ShouldBe("AggregateLogsUploadError");
        _receiver.Rows.Select(row => SinkHttp.Json(row).GetProperty("number").GetInt32()).ShouldBe([1, 2]);
    }

    [Fact]
    public void Settings_name_every_fault_at_once_and_know_no_secret()
    {
        var kind = new AzureLogsKind();
        kind.Validate(Settings()).ShouldBeEmpty();
        kind.Validate(SinkHttp.Json("""{"endpoint":"https://x.ingest.monitor.azure.com/a","rule":"dcr-1/../x","stream":"Custom-a/b","tenant":"common","clientId":"x","clientSecret":"y"}""")).Count.ShouldBe(6);
        kind.Validate(SinkHttp.Json("{}")).Count.ShouldBe(5);
        kind.ClassOf(Settings()).ShouldBe(SinkClass.Accepted);
    }

    protected override Task<ISink> StartAsync() => Task.FromResult(Sink());

    protected override async Task<ISink> StartWithoutReceiverAsync()
    {
        await _receiver.DisposeAsync();
        return Sink();
    }

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override Task<IReadOnlyList<long>> ReceivedAsync(int expected) =>
        Task.FromResult<IReadOnlyList<long>>([.. _receiver.Rows.Select(row => SinkHttp.Json(row).GetProperty("LogNumber").GetInt64())]);

    protected override Task<IReadOnlyList<string>> RecordsAsync(int expected) => Task.FromResult(_receiver.Rows);

    private async Task<DeliveryResult> SendAsync(params long[] logNumbers)
    {
        await using var sink = Sink();
        return await sink.SendAsync(Batch(logNumbers), CancellationToken.None);
    }

    private ISink Sink(string secret = ClientSecret, string cloud = "local", string more = "", TimeProvider? time = null)
    {
        var login = _receiver.Url.ToString();
        var clouds = new CloudCatalog(new Dictionary<string, CloudOptions> { ["local"] = new() { Login = login, Graph = login, Defender = login } });
        return new AzureLogsKind().Create(new SinkCreation("sentinel", Settings(cloud, more), Secret.FromText(secret), _outbound, time ?? TimeProvider.System, clouds));
    }

    private System.Text.Json.JsonElement Settings(string cloud = "local", string more = "") => SinkHttp.Json(
        $$"""{"endpoint":"{{_receiver.Url}}","rule":"{{Rule}}","stream":"{{_options.Stream}}","tenant":"{{s_tenant}}","clientId":"{{s_client}}","cloud":"{{cloud}}"{{more}}}""");
}
