using System.Net.Sockets;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>
/// Sends each message as one UDP datagram (RFC 5426). "Delivered" means no more than that the datagrams left: nobody says whether one arrived, and a network or
/// a receiver that is busy drops them in silence.
/// </summary>
public sealed class SyslogDatagramSink : ISink
{
    private readonly SyslogEncoder _encoder;
    private readonly Func<CancellationToken, Task<Socket>> _open;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Socket? _socket;

    /// <summary>Makes the sink; opens its socket at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="open">Opens a socket that is bound to the receiver.</param>
    public SyslogDatagramSink(SyslogSettings settings, Func<CancellationToken, Task<Socket>> open)
    {
        _encoder = new SyslogEncoder(settings);
        _open = open;
    }

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        if (_encoder.Encode(batch, out var bytes, out var ends) is { } refused) return refused;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await SendAsync(batch, bytes, ends, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _socket = null;
        _turn.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> SendAsync(AlertBatch batch, byte[] bytes, IReadOnlyList<int> ends, CancellationToken cancellationToken)
    {
        var sent = 0;
        try
        {
            _socket ??= await _open(cancellationToken);
            for (var begin = 0; sent < ends.Count; begin = ends[sent], sent++)
                await _socket.SendAsync(bytes.AsMemory(begin, ends[sent] - begin), cancellationToken);
            return DeliveryResult.Delivered.Instance;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.MessageSize)
        {
            if (sent > 0) return new DeliveryResult.DeliveredPart(sent); // the one that is too large comes again, first
            var version = batch.Versions[0];
            return new DeliveryResult.Refused(DeliveryFailure.TooLarge, $"Log number {version.LogNumber} of tenant {version.Tenant} does not fit into one datagram to this receiver; lower maxMessageBytes.");
        }
        catch (Exception exception)
        {
            _socket?.Dispose(); // the name may stand for another address now
            _socket = null;
            if (cancellationToken.IsCancellationRequested && exception is OperationCanceledException) throw;
            if (SinkFailures.OfConnection(exception) is { } later) return later;
            throw;
        }
    }
}
