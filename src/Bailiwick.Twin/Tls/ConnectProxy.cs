using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Bailiwick.Twin.Tls;

/// <summary>
/// A forward proxy that tunnels Microsoft's host names to the twin's own TLS port, so that unmodified programs reach the twin with <c>HTTPS_PROXY</c>
/// and its CA. Every other target is refused: nothing leaves the machine through it.
/// </summary>
internal sealed class ConnectProxy(Func<int> tlsPort)
{
    private const int MaxHead = 16 * 1024;

    public async Task HandleAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var output = connection.Transport.Output;
        var stop = connection.ConnectionClosed;
        try
        {
            if (await ReadHeadAsync(input, stop) is not { } head) return;
            var words = head.Split(' ');
            if (words.Length < 3 || words[0] != "CONNECT")
            {
                await AnswerAsync(output, "405 Method Not Allowed", stop);
                return;
            }

            var colon = words[1].LastIndexOf(':');
            var (host, port) = colon < 0 ? (words[1], "443") : (words[1][..colon], words[1][(colon + 1)..]);
            if (!(TwinAddress.IsReal(host) && port == "443") && !(TwinAddress.IsOwn(host) && port == tlsPort().ToString()))
            {
                await AnswerAsync(output, "403 Forbidden", stop);
                return;
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, tlsPort()), stop);
            await AnswerAsync(output, "200 Connection Established", stop);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var up = input.CopyToAsync(stream, ended.Token);
            var down = stream.CopyToAsync(output, ended.Token);
            await Task.WhenAny(up, down);
            await ended.CancelAsync();
            await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // one of the two sides went away: that is how tunnels end
        }
    }

    private static async Task<string?> ReadHeadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var text = Encoding.ASCII.GetString(read.Buffer.ToArray());
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                input.AdvanceTo(read.Buffer.GetPosition(end + 4));
                return text[..text.IndexOf("\r\n", StringComparison.Ordinal)];
            }

            if (read.IsCompleted || read.Buffer.Length > MaxHead) return null;
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task AnswerAsync(PipeWriter output, string status, CancellationToken cancellationToken)
    {
        var body = status.StartsWith('2') ? "\r\n" : "Content-Length: 0\r\nConnection: close\r\n\r\n";
        await output.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{body}"), cancellationToken);
    }
}
