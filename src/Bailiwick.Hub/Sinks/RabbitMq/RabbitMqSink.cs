using System.Buffers;
using System.Collections.Concurrent;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Vault;
using RabbitMQ.Client;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>
/// Publishes each version as one persistent, mandatory message and counts a batch as delivered when the broker has confirmed every one. One connection per
/// sink, one channel per batch under way. A connection that broke is not mended by the library: the next attempt makes a new one, with the address checked again.
/// </summary>
public sealed class RabbitMqSink : ISink
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(5); // a broker that is silent must not hold up the stop of the hub
    private readonly RabbitMqSettings _settings;
    private readonly Secret _password;
    private readonly string _name;
    private readonly OutboundFactory _outbound;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ConcurrentBag<RabbitMqChannel> _idle = [];
    private IConnection? _connection;
    private volatile bool _blocked;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="password">The user's password; owned and cleared by the sink.</param>
    /// <param name="name">The sink's name, shown by the broker as the connection's.</param>
    /// <param name="outbound">Opens the connection.</param>
    /// <param name="time">The clock.</param>
    public RabbitMqSink(RabbitMqSettings settings, Secret password, string name, OutboundFactory outbound, TimeProvider time)
    {
        _settings = settings;
        _password = password;
        _name = name;
        _outbound = outbound;
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        if (Encode(batch, out var bodies) is { } refused) return refused;
        using var timeout = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        RabbitMqChannel? channel = null;
        var keep = false;
        try
        {
            channel = await TakeAsync(either.Token);
            var outcome = await channel.PublishAsync(Messages(batch, bodies), either.Token);
            keep = outcome.Closed is null;
            return RabbitMqFailures.Of(outcome, batch);
        }
        catch (Exception exception)
        {
            if (cancellationToken.IsCancellationRequested && exception is OperationCanceledException) throw;
            if (_blocked) return new DeliveryResult.TryLater(DeliveryFailure.Throttled, Detail: "The broker takes nothing for the time being: an alarm of memory or disk.");
            if (RabbitMqFailures.Of(exception, batch) is { } result) return result;
            throw;
        }
        finally
        {
            if (keep) _idle.Add(channel!);
            else if (channel is not null) await channel.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DropConnectionAsync();
        _password.Dispose();
        _turn.Dispose();
    }

    private DeliveryResult.Refused? Encode(AlertBatch batch, out byte[][] bodies)
    {
        bodies = new byte[batch.Versions.Count][];
        var body = new ArrayBufferWriter<byte>(8192);
        for (var i = 0; i < bodies.Length; i++)
        {
            body.ResetWrittenCount();
            try
            {
                _settings.Format.Write(body, new AlertRecord(batch.Versions[i], batch.Customer, batch.CustomerName));
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(batch.Versions[i]);
            }

            bodies[i] = body.WrittenSpan.ToArray(); // the library may still hold it when the attempt is over
        }

        return null;
    }

    private IReadOnlyList<RabbitMqMessage> Messages(AlertBatch batch, byte[][] bodies) =>
        [.. batch.Versions.Select((version, at) => new RabbitMqMessage(_settings.Exchange, _settings.RoutingKey.Of(batch, version), RabbitMqMessage.PropertiesOf(batch, version), bodies[at]))];

    private async Task<RabbitMqChannel> TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: false }) await DropConnectionAsync();
            _connection ??= await ConnectAsync(cancellationToken);
            while (_idle.TryTake(out var idle))
            {
                if (idle.IsOpen) return idle;
                await idle.DisposeAsync();
            }

            return await RabbitMqChannel.OpenAsync(_connection, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var ca = SinkFailures.LoadCa(_settings.CaFile);
        var socket = await _outbound.ConnectSocketAsync(_settings.Host, _settings.Port, _settings.Tls, cancellationToken);
        try
        {
            var address = ((System.Net.IPEndPoint)socket.RemoteEndPoint!).Address;
            var tls = new SslOption(_settings.Host, enabled: _settings.Tls)
            {
                Version = OutboundFactory.TlsVersions,
                CertificateValidationCallback = _outbound.ValidationFor(ca),
            };
            var factory = new ConnectionFactory
            {
                VirtualHost = _settings.VirtualHost,
                CredentialsProvider = new PasswordOnDemand(_settings.User, _password),
                AutomaticRecoveryEnabled = false,
                TopologyRecoveryEnabled = false,
                RequestedHeartbeat = TimeSpan.FromSeconds(30),
                ContinuationTimeout = s_closing,
                SocketFactory = _ => new ConnectedSocket(socket),
            };
            var connection = await factory.CreateConnectionAsync([new AmqpTcpEndpoint(address.ToString(), _settings.Port, tls)], $"bailiwick {_name}", cancellationToken);
            _blocked = false;
            connection.ConnectionBlockedAsync += (_, _) => Blocked(true);
            connection.ConnectionUnblockedAsync += (_, _) => Blocked(false);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Task Blocked(bool blocked)
    {
        _blocked = blocked;
        return Task.CompletedTask;
    }

    private async Task DropConnectionAsync()
    {
        while (_idle.TryTake(out var idle)) await idle.DisposeAsync();
        if (_connection is null) return;
        await _connection.AbortAsync(s_closing);
        await _connection.DisposeAsync();
        _connection = null;
    }

    private sealed class PasswordOnDemand(string user, Secret password) : ICredentialsProvider
    {
        public string Name => user;

        public Task<Credentials> GetCredentialsAsync(CancellationToken cancellationToken = default) =>
            Task.FromResult(new Credentials(Name, user, password.RevealText(), validUntil: null));
    }
}
