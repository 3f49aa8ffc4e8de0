using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Bailiwick.Receivers;

/// <summary>How a <see cref="SyslogListener"/> behaves.</summary>
public sealed class SyslogListenerOptions
{
    /// <summary>Port on 127.0.0.1; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Server certificate for TLS; null (default) is plain TCP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>File that receives each message as one line; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Whether messages are also kept in memory for <see cref="SyslogListener.Messages"/>; off by default.</summary>
    public bool KeepMessages { get; init; }
}

/// <summary>
/// A syslog receiver on 127.0.0.1 over TCP or TLS. Takes octet-counted frames and lines (RFC 6587 §3.4), told apart by the first byte as receivers do,
/// and understands nothing of what they say. Thread safe; prints nothing.
/// </summary>
public sealed class SyslogListener : IAsyncDisposable
{
    private const int MaxMessageBytes = 4 << 20;
    private readonly SyslogListenerOptions _options;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<string> _messages = [];
    private readonly Dictionary<Task, TcpClient> _connections = [];
    private readonly FileStream? _file;
    private readonly Task _accepting;
    private long _count;

    private SyslogListener(SyslogListenerOptions options)
    {
        _options = options;
        if (options.File is not null) _file = new FileStream(options.File, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _listener = new TcpListener(IPAddress.Loopback, options.Port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port it listens on.</summary>
    public int Port { get; }

    /// <summary>Messages received.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The messages in order of arrival, when <see cref="SyslogListenerOptions.KeepMessages"/> is on.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_gate) return [.. _messages];
        }
    }

    /// <summary>Starts listening.</summary>
    public static SyslogListener Start(SyslogListenerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SyslogListener(options);
    }

    /// <summary>Cuts every connection that stands, as a receiver does that is restarted; goes on listening.</summary>
    public void CutConnections()
    {
        lock (_gate)
        {
            foreach (var client in _connections.Values) client.Close();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        CutConnections();
        Task[] serving;
        lock (_gate) serving = [.. _connections.Keys];
        await Task.WhenAll(serving);
        if (_file is not null) await _file.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                continue; // one connection that failed while being accepted, or the end
            }

            lock (_gate)
            {
                foreach (var done in _connections.Keys.Where(task => task.IsCompleted).ToList()) _connections.Remove(done);
                var serving = Task.Run(() => ServeAsync(client), CancellationToken.None);
                _connections[serving] = client;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await OpenAsync(client);
                var reader = PipeReader.Create(stream);
                while (true)
                {
                    var read = await reader.ReadAsync(_stop.Token);
                    var rest = read.Buffer;
                    while (TryTake(ref rest, out var message)) Record(message);
                    reader.AdvanceTo(rest.Start, rest.End);
                    if (read.IsCompleted || rest.Length > MaxMessageBytes) return;
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException or InvalidDataException or InvalidOperationException)
            {
                // the connection is over; what was whole has been recorded
            }
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_options.Certificate is null) return client.GetStream();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _options.Certificate }, _stop.Token);
        return tls;
    }

    private static bool TryTake(ref ReadOnlySequence<byte> rest, out byte[] message)
    {
        message = [];
        if (rest.IsEmpty) return false;
        if (rest.FirstSpan[0] is < (byte)'1' or > (byte)'9')
        {
            if (rest.PositionOf((byte)'\n') is not { } lineEnd) return false;
            message = rest.Slice(0, lineEnd).ToArray();
            rest = rest.Slice(rest.GetPosition(1, lineEnd));
            return true;
        }

        if (rest.PositionOf((byte)' ') is not { } blank) return rest.Length > 9 ? throw new InvalidDataException() : false;
        if (!int.TryParse(Encoding.ASCII.GetString(rest.Slice(0, blank)), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > MaxMessageBytes)
            throw new InvalidDataException();
        var body = rest.Slice(rest.GetPosition(1, blank));
        if (body.Length < length) return false;
        message = body.Slice(0, length).ToArray();
        rest = body.Slice(length);
        return true;
    }

    private void Record(byte[] message)
    {
        lock (_gate)
        {
            if (_options.KeepMessages) _messages.Add(Encoding.UTF8.GetString(message));
            _file?.Write([.. message, (byte)'\n']);
        }

        Interlocked.Increment(ref _count);
    }
}
