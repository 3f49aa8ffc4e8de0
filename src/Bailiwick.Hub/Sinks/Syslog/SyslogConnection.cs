namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>
/// One live connection. It is read all the time although a syslog receiver says nothing: unread TLS 1.3 session tickets would make the socket of a
/// stopped sender answer with a reset, and the receiver then throws away what it had not read yet. Reading is also how an end from the other side is seen.
/// </summary>
internal sealed class SyslogConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private long _brokenAt;

    public SyslogConnection(Stream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        _reading = ReadAsync();
    }

    /// <summary>When the other side's end was seen; null while the connection stands.</summary>
    public DateTimeOffset? BrokenAt => Interlocked.Read(ref _brokenAt) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Completes, never with an error, when the other side's end was seen.</summary>
    public Task Ended => _reading;

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(bytes, cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    /// <summary>Marks the connection as useless, for example after a write that stopped half-way.</summary>
    public void Break() => Interlocked.CompareExchange(ref _brokenAt, _time.GetUtcNow().UtcTicks, 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _stream.DisposeAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var ignored = new byte[1024];
        try
        {
            while (await _stream.ReadAsync(ignored, _stop.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // the end of the connection, whichever way it came
        }

        Break();
    }
}
