using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.RabbitMq;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.RabbitMq;

/// <summary>What a real broker does with what the sink sends, and what the sink makes of the broker's answers.</summary>
public sealed class RabbitMqSinkTests : IDisposable
{
    private const string Canary = "canary-7f3e";
    private readonly OutboundFactory _outbound = new(new OutboundOptions { AllowLoopback = true });

    public void Dispose() => _outbound.Dispose();

    [SkippableFact]
    public async Task A_message_is_persistent_and_carries_key_headers_and_routing_key()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var sink = Sink(Settings(server.Port, broker.Exchange) with { RoutingKey = RoutingKeyTemplate.Parse("alerts.{customer}.{tenant}.{source}", out _) });
        var version = SampleAlerts.Own()[0];
        await sink.SendAsync(SampleAlerts.Batch(version with { Replayed = true }), CancellationToken.None);
        await broker.TakeAsync(1);
        var message = broker.Messages[0];
        message.RoutingKey.ShouldBe($"alerts.{SampleAlerts.Customer}.{version.Tenant}.{version.Source}");
        var properties = message.BasicProperties;
        (properties.MessageId, properties.DeliveryMode, properties.ContentType).ShouldBe((version.Key, DeliveryModes.Persistent, "application/json"));
        var headers = properties.Headers!;
        headers.Keys.Order().ShouldBe(["customer", "log_number", "replayed", "source", "tenant"]);
        Text(headers["tenant"]).ShouldBe(version.Tenant.ToString());
        Text(headers["customer"]).ShouldBe(SampleAlerts.Customer.ToString());
        Text(headers["source"]).ShouldBe(version.Source);
        headers["log_number"].ShouldBe(version.LogNumber);
        headers["replayed"].ShouldBe(true);
        JsonDocument.Parse(message.Body).RootElement.GetProperty("bailiwick").GetProperty("key").GetString().ShouldBe(version.Key);
    }

    [SkippableFact]
    public async Task A_batch_of_a_thousand_arrives_once_and_in_order_beside_another()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var sink = Sink(Settings(server.Port, broker.Exchange));
        var other = new Bailiwick.Api.TenantId(Guid.NewGuid());
        var batch = SinkSamples.Batch(Canary, [.. Enumerable.Range(1, 1000).Select(number => (long)number)]);
        var beside = batch with { Tenant = other, Versions = [.. batch.Versions.Select(version => version with { Tenant = other })] };
        var answers = await Task.WhenAll(sink.SendAsync(batch, CancellationToken.None), sink.SendAsync(beside, CancellationToken.None));
        answers.ShouldAllBe(answer => answer is DeliveryResult.Delivered);
        await broker.TakeAsync(2000);
        broker.Messages.Count.ShouldBe(2000);
        broker.Messages.Where(message => Text(message.BasicProperties.Headers!["tenant"]) == other.ToString())
            .Select(message => (long)message.BasicProperties.Headers!["log_number"]!).ShouldBe(Enumerable.Range(1, 1000).Select(number => (long)number));
    }

    [SkippableFact]
    public async Task A_message_that_no_queue_takes_is_misconfigured_until_one_is_bound()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var sink = Sink(Settings(server.Port, broker.Exchange));
        await broker.UnbindAsync();
        (await LaterAsync(sink)).Reason.ShouldBe(DeliveryFailure.Misconfigured);
        (await LaterAsync(sink)).Detail!.ShouldContain("no queue");
        await broker.BindAsync();
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [SkippableFact]
    public async Task An_exchange_that_does_not_exist_is_misconfigured_and_is_not_made()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var sink = Sink(Settings(server.Port, "no-such-exchange"));
        for (var times = 0; times < 2; times++)
        {
            var later = await LaterAsync(sink);
            later.Reason.ShouldBe(DeliveryFailure.Misconfigured);
            later.Detail!.ShouldContain("does not exist");
        }
    }

    [SkippableFact]
    public async Task What_a_full_queue_refuses_is_tried_later_and_what_it_took_is_not_sent_again()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server, new Dictionary<string, object?> { ["x-max-length"] = 2, ["x-overflow"] = "reject-publish" });
        await using var sink = Sink(Settings(server.Port, broker.Exchange));
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        (await LaterAsync(sink)).Reason.ShouldBe(DeliveryFailure.ReceiverError);
        await broker.TakeAsync(2);
        (await sink.SendAsync(SinkSamples.Batch(Canary, 3), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [SkippableFact]
    public async Task A_connection_that_is_cut_is_made_anew_by_the_next_attempt()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var proxy = new CuttableProxy(server.Port);
        await using var sink = Sink(Settings(proxy.Port, broker.Exchange));
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        proxy.Silence(); // the broker's confirm is lost
        var attempt = sink.SendAsync(SinkSamples.Batch(Canary, 2), CancellationToken.None);
        await broker.TakeAsync(2);
        proxy.Cut();
        (await attempt).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Unreachable);
        (await sink.SendAsync(SinkSamples.Batch(Canary, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await broker.TakeAsync(3);
        broker.Messages.Select(message => message.BasicProperties.MessageId).Distinct().Count().ShouldBe(2); // sent again: the same id
        broker.Bodies[2].ShouldBe(broker.Bodies[1]);
    }

    [SkippableFact]
    public async Task A_broker_that_does_not_answer_is_given_up_after_half_a_minute()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var proxy = new CuttableProxy(server.Port);
        var time = new ManualTime();
        await using var sink = Sink(Settings(proxy.Port, broker.Exchange), time: time);
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        proxy.Silence();
        var attempt = sink.SendAsync(SinkSamples.Batch(Canary, 2), CancellationToken.None);
        await broker.TakeAsync(2);
        time.Advance(TimeSpan.FromSeconds(31));
        proxy.Cut(); // closing the channel asks the broker once more
        (await attempt).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.TimedOut);
    }

    [SkippableFact]
    public async Task A_caller_that_stops_while_the_broker_is_silent_gets_an_OperationCanceledException()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var proxy = new CuttableProxy(server.Port);
        await using var sink = Sink(Settings(proxy.Port, broker.Exchange));
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        proxy.Silence();
        using var stop = new CancellationTokenSource();
        var attempt = sink.SendAsync(SinkSamples.Batch(Canary, 2), stop.Token);
        await broker.TakeAsync(2);
        await stop.CancelAsync(); // the broker stays silent: closing the channel gives up by itself
        await Should.ThrowAsync<OperationCanceledException>(() => attempt);
    }

    [SkippableFact]
    public async Task A_wrong_password_and_a_missing_right_are_unauthorized_and_no_secret_is_told()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        var settings = Settings(server.Port, broker.Exchange);
        foreach (var (wrong, password) in new[]
        {
            (settings, $"{Canary}-wrong"),
            (settings with { User = RabbitMqServer.Reader }, RabbitMqServer.Password),
            (settings with { VirtualHost = "/nowhere" }, RabbitMqServer.Password),
        })
        {
            await using var sink = Sink(wrong, password);
            (await LaterAsync(sink)).Reason.ShouldBe(DeliveryFailure.Unauthorized);
        }
    }

    [SkippableFact]
    public async Task Over_TLS_only_a_trusted_certificate_is_spoken_to()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        var settings = Settings(server.TlsPort, broker.Exchange) with { Tls = true };
        await using (var untrusting = Sink(settings)) (await LaterAsync(untrusting)).Reason.ShouldBe(DeliveryFailure.Untrusted);
        await using (var lost = Sink(settings with { CaFile = "/nowhere/ca.pem" })) (await LaterAsync(lost)).Reason.ShouldBe(DeliveryFailure.Misconfigured);
        await using var sink = Sink(settings with { CaFile = server.CaFile });
        (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [SkippableFact]
    public async Task A_message_larger_than_the_broker_takes_is_refused()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        await using var broker = await BrokerSide.OpenAsync(server);
        await using var sink = Sink(Settings(server.Port, broker.Exchange));
        var large = SampleAlerts.Batch(SampleAlerts.Simple(1, new string('x', 1_100_000)));
        (await sink.SendAsync(large, CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
        (await sink.SendAsync(SinkSamples.Batch(Canary, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [Fact]
    public async Task An_address_that_the_server_does_not_allow_and_a_password_without_TLS_are_misconfigured()
    {
        using var strict = new OutboundFactory(new OutboundOptions());
        foreach (var tls in new[] { true, false })
        {
            var settings = Settings(443, "x") with { Tls = tls };
            await using var sink = new RabbitMqSink(settings, Secret.FromText(Canary), "broker", strict, TimeProvider.System);
            (await LaterAsync(sink)).Reason.ShouldBe(DeliveryFailure.Misconfigured);
        }
    }

    [Fact]
    public void Settings_name_every_fault_at_once()
    {
        var kind = new RabbitMqKind();
        kind.Validate(Json("""{"host":"mq.example","user":"bailiwick","exchange":"alerts"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"host":"mq.example","user":"u","exchange":"e","port":5672,"tls":false,"virtualHost":"soc","routingKey":"a.{tenant}","format":"raw"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"host":"a b","port":0,"tls":"no","caFile":"x.pem","routingKey":"{title}","password":"p","format":"xml"}""")).Count.ShouldBe(9);
        kind.ClassOf(Json("""{"host":"mq.example","user":"u","exchange":"e"}""")).ShouldBe(SinkClass.Confirmed);
        kind.NeedsSecret.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{customer}.{tenant}.{source}", null)]
    [InlineData("alerts", null)]
    [InlineData("{title}", "no other braces")]
    [InlineData("{tenant", "no other braces")]
    [InlineData("{{tenant}}", "no other braces")]
    [InlineData("a b", "printable ASCII")]
    [InlineData("ü", "printable ASCII")]
    [InlineData("{tenant}{tenant}{tenant}{tenant}{tenant}{tenant}{tenant}{tenant}", "longer")]
    public void A_routing_key_knows_three_words(string template, string? fault)
    {
        RoutingKeyTemplate.Parse(template, out var said);
        if (fault is null) said.ShouldBeNull();
        else said!.ShouldContain(fault);
    }

    internal static RabbitMqSettings Settings(int port, string exchange) => new(
        "127.0.0.1", port, Tls: false, CaFile: null, "/", RabbitMqServer.User, exchange, RoutingKeyTemplate.Parse(RoutingKeyTemplate.Default, out _), AlertFormats.Ecs);

    private RabbitMqSink Sink(RabbitMqSettings settings, string? password = null, TimeProvider? time = null) =>
        new(settings, Secret.FromText(password ?? RabbitMqServer.Password), "broker", _outbound, time ?? TimeProvider.System);

    private static async Task<DeliveryResult.TryLater> LaterAsync(RabbitMqSink sink)
    {
        var later = (await sink.SendAsync(SinkSamples.Batch(Canary, 1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        (later.Detail ?? "").ShouldNotContain(Canary);
        return later;
    }

    private static string Text(object? header) => Encoding.UTF8.GetString((byte[])header!);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
