using System.Text;
using Bailiwick.Testing;
using RabbitMQ.Client;

namespace Bailiwick.Hub.Tests.Sinks.RabbitMq;

/// <summary>The broker as its owner sees it: makes an exchange and a queue for one test, and reads what arrived.</summary>
internal sealed class BrokerSide : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly List<BasicGetResult> _taken = [];

    private BrokerSide(IConnection connection, IChannel channel)
    {
        _connection = connection;
        _channel = channel;
    }

    public string Exchange { get; } = $"alerts-{Guid.NewGuid():N}";

    public string Queue => $"{Exchange}-queue";

    /// <summary>Bodies in order of arrival.</summary>
    public IReadOnlyList<string> Bodies => [.. _taken.Select(message => Encoding.UTF8.GetString(message.Body.Span))];

    /// <summary>What arrived, in order.</summary>
    public IReadOnlyList<BasicGetResult> Messages => _taken;

    /// <summary>Declares a durable topic exchange and, bound to all of it, a durable queue.</summary>
    public static async Task<BrokerSide> OpenAsync(RabbitMqServer server, Dictionary<string, object?>? queueArguments = null)
    {
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = server.Port, UserName = RabbitMqServer.User, Password = RabbitMqServer.Password };
        var connection = await factory.CreateConnectionAsync();
        var side = new BrokerSide(connection, await connection.CreateChannelAsync());
        await side._channel.ExchangeDeclareAsync(side.Exchange, ExchangeType.Topic, durable: true);
        await side._channel.QueueDeclareAsync(side.Queue, durable: true, exclusive: false, autoDelete: false, queueArguments);
        await side._channel.QueueBindAsync(side.Queue, side.Exchange, "#");
        return side;
    }

    public Task UnbindAsync() => _channel.QueueUnbindAsync(Queue, Exchange, "#", null);

    public Task BindAsync() => _channel.QueueBindAsync(Queue, Exchange, "#");

    /// <summary>Takes messages until that many are there in all.</summary>
    public async Task TakeAsync(int expected) =>
        await Until.TrueAsync(
            async () =>
            {
                while (await _channel.BasicGetAsync(Queue, autoAck: true) is { } message) _taken.Add(message);
                return _taken.Count >= expected;
            },
            $"{expected} messages arrive");

    public async ValueTask DisposeAsync()
    {
        await _channel.QueueDeleteAsync(Queue);
        await _channel.ExchangeDeleteAsync(Exchange);
        await _connection.DisposeAsync();
    }
}
