using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.RabbitMq;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.RabbitMq;

/// <summary>The contract, against a real broker.</summary>
public sealed class RabbitMqSinkContractTests : SinkContract, IAsyncLifetime
{
    private readonly OutboundFactory _outbound = new(new OutboundOptions { AllowLoopback = true });
    private BrokerSide? _broker;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
        _outbound.Dispose();
    }

    protected override async Task<ISink> StartAsync()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        _broker = await BrokerSide.OpenAsync(server);
        return Sink(RabbitMqSinkTests.Settings(server.Port, _broker.Exchange));
    }

    protected override Task<ISink> StartWithoutReceiverAsync() => Task.FromResult<ISink>(Sink(RabbitMqSinkTests.Settings(LocalPort.Free(), "alerts")));

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override async Task<IReadOnlyList<long>> ReceivedAsync(int expected)
    {
        await _broker!.TakeAsync(expected);
        return [.. _broker.Messages.Select(message => (long)message.BasicProperties.Headers!["log_number"]!)];
    }

    protected override async Task<IReadOnlyList<string>> RecordsAsync(int expected)
    {
        await _broker!.TakeAsync(expected);
        return _broker.Bodies;
    }

    private RabbitMqSink Sink(RabbitMqSettings settings) => new(settings, Secret.FromText(RabbitMqServer.Password), "broker", _outbound, TimeProvider.System);
}
