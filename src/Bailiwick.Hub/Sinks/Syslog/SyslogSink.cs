using System.Buffers;
using System.Buffers.Text;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Syslog;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>
/// Sends CEF in RFC 5424 messages over one TCP or TLS connection, one batch after the other. Syslog has no acknowledgement, so "delivered" means written
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
    private readonly SyslogSettings _settings;
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
        _connect = connect;
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        cancellationToken.ThrowIfCancellationRequested();
        if (Encode(batch, out var frames) is { } refused) return refused;
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
        catch (UnusableCaFileException exception)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: exception.Message);
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
        var connection = new SyslogConnection(await _connect(cancellationToken), _time);
        _connection = connection;
        for (var again = _window.Count; again > 0; again--)
        {
            var (_, frames) = _window.Peek();
            await connection.WriteAsync(frames, cancellationToken);
            _window.Enqueue((_time.GetUtcNow(), _window.Dequeue().Frames)); // if this one breaks too, it counts from now
        }

        return connection;
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

    private DeliveryResult.Refused? Encode(AlertBatch batch, out byte[] frames)
    {
        var output = new ArrayBufferWriter<byte>(batch.Versions.Count * 4096);
        var message = new ArrayBufferWriter<byte>(8192);
        frames = [];
        foreach (var version in batch.Versions)
        {
            message.ResetWrittenCount();
            try
            {
                SyslogMessage.Write(message, new AlertRecord(version, batch.Customer, batch.CustomerName), _settings.Header);
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            if (message.WrittenCount > _settings.Header.MaxBytes) return TooLarge(version, message.WrittenCount);
            if (!_settings.Newline)
            {
                Utf8Formatter.TryFormat(message.WrittenCount, output.GetSpan(11), out var digits);
                output.Advance(digits);
                output.Write(" "u8);
            }

            output.Write(message.WrittenSpan);
            if (_settings.Newline) output.Write("\n"u8);
        }

        frames = output.WrittenSpan.ToArray();
        return null;
    }

    private DeliveryResult.Refused TooLarge(AlertVersion version, int bytes) => new(
        DeliveryFailure.TooLarge,
        $"Log number {version.LogNumber} of tenant {version.Tenant} needs {bytes} bytes without its evidence; maxMessageBytes is {_settings.Header.MaxBytes}.");
}
