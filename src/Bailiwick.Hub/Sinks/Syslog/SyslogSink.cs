using System.Diagnostics;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>
/// Sends RFC 5424 messages over one TCP or TLS connection, one batch after the other. Syslog has no acknowledgement, so "delivered" means written
/// to a live connection: what was written in the 30 s before a connection broke is sent again, the same bytes, before anything else goes over the next one.
/// The window is bounded to <see cref="MaxWindowBytes"/> and lives in memory: after a crash, Delivery goes back in the log instead.
/// </summary>
public sealed class SyslogSink : ISink
{
    /// <summary>How far back a broken connection is made good.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    /// <summary>The most bytes kept for sending again; the oldest go first.</summary>
    public const int MaxWindowBytes = 16 << 20;

    private static readonly TimeSpan s_writeTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_leastSettling = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_mostSettling = TimeSpan.FromSeconds(2);
    private readonly SyslogSettings _settings;
    private readonly SyslogEncoder _encoder;
    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Queue<(DateTimeOffset At, byte[] Frames)> _window = new();
    private long _windowBytes;
    private SyslogConnection? _connection;

    /// <summary>Makes the sink; connects at the first batch.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="connect">Opens the connection, TLS included.</param>
    /// <param name="time">The clock.</param>
    public SyslogSink(SyslogSettings settings, Func<CancellationToken, Task<Stream>> connect, TimeProvider time)
    {
        _settings = settings;
        _encoder = new SyslogEncoder(settings);
        _connect = connect;
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        if (_encoder.Encode(batch, out var frames, out _) is { } refused) return refused;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await SendAsync(frames, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _connection = null;
        _turn.Dispose();
    }

    private async Task<DeliveryResult> SendAsync(byte[] frames, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_writeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var connection = await LiveConnectionAsync(either.Token);
            await connection.WriteAsync(frames, either.Token);
            Keep(frames);
            return DeliveryResult.Delivered.Instance;
        }
        catch (ConnectionRefusedByReceiverException exception)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Untrusted, Detail: exception.Message);
        }
        catch (Exception exception)
        {
            _connection?.Break(); // a frame may stand half-way on the wire
            if (cancellationToken.IsCancellationRequested && exception is OperationCanceledException) throw;
            if (SinkFailures.OfConnection(exception) is { } later) return later;
            throw;
        }
    }

    private async Task<SyslogConnection> LiveConnectionAsync(CancellationToken cancellationToken)
    {
        if (_connection is { BrokenAt: null } live) return live;
        var brokenAt = _connection?.BrokenAt;
        if (brokenAt is { } moment) DropBefore(moment - Window);
        if (_connection is not null) await _connection.DisposeAsync();
        _connection = null;
        var connection = await ConnectAsync(cancellationToken);
        _connection = connection;
        for (var again = _window.Count; again > 0; again--)
        {
            var (_, frames) = _window.Peek();
            await connection.WriteAsync(frames, cancellationToken);
            _window.Enqueue((_time.GetUtcNow(), _window.Dequeue().Frames)); // if this one breaks too, it counts from now
        }

        return connection;
    }

    /// <summary>
    /// Opens a connection and, over TLS, waits a moment whether it stays. In TLS 1.3 the receiver judges our certificate, or that there is none, only after
    /// our side of the handshake is done: without the wait the first batches would be written to a connection that is being refused, and count as sent.
    /// </summary>
    private async Task<SyslogConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var connection = new SyslogConnection(await _connect(cancellationToken), _time);
        if (!_settings.Tls) return connection;
        var settling = TimeSpan.FromTicks(Math.Clamp(watch.Elapsed.Ticks * 2, s_leastSettling.Ticks, s_mostSettling.Ticks));
        try
        {
            await connection.Ended.WaitAsync(settling, TimeProvider.System, cancellationToken); // the network's time, whatever the hub's clock says
        }
        catch (TimeoutException)
        {
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        throw new ConnectionRefusedByReceiverException();
    }

    private void Keep(byte[] frames)
    {
        var now = _time.GetUtcNow();
        _window.Enqueue((now, frames));
        _windowBytes += frames.Length;
        DropBefore(now - Window);
        while (_windowBytes > MaxWindowBytes) _windowBytes -= _window.Dequeue().Frames.Length;
    }

    private void DropBefore(DateTimeOffset moment)
    {
        while (_window.TryPeek(out var oldest) && oldest.At < moment) _windowBytes -= _window.Dequeue().Frames.Length;
    }

    private sealed class ConnectionRefusedByReceiverException() : IOException(
        "The receiver ended the connection right after the TLS handshake: it wants a client certificate, or does not accept the one it was shown.");
}
