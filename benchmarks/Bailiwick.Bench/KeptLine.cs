using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Bailiwick.Bench;

/// <summary>One TLS connection that asks one request after the other over HTTP/1.1 and reads no more of the answer than its length: a load tool that costs little itself.</summary>
internal sealed class KeptLine : IAsyncDisposable
{
    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[512 * 1024];

    private KeptLine(SslStream stream) => _stream = stream;

    public static async Task<KeptLine> OpenAsync(Uri address, string trust)
    {
        var socket = new TcpClient { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        var stream = new SslStream(socket.GetStream());
        using var authority = X509CertificateLoader.LoadCertificateFromFile(trust);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = address.Host,
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
        });
        return new KeptLine(stream);
    }

    public static byte[] Request(Uri address, string path, string token) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\r\n");

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The status.</returns>
    public async Task<int> AskAsync(byte[] request)
    {
        await _stream.WriteAsync(request);
        var held = 0;
        while (true)
        {
            var read = await _stream.ReadAsync(_buffer.AsMemory(held));
            if (read == 0) throw new IOException("The twin closed the connection.");
            held += read;
            if (End(_buffer.AsSpan(0, held)) is { } status) return status;
            if (held == _buffer.Length) throw new IOException("The answer is larger than half a megabyte.");
        }
    }

    /// <summary>The status once the answer is whole; null before.</summary>
    private static int? End(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0) return null;
        var status = int.Parse(answer.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        var length = answer[..head].IndexOf("Content-Length: "u8);
        if (length < 0) return answer.EndsWith("\r\n0\r\n\r\n"u8) ? status : null; // chunked
        var digits = answer[(length + 16)..head];
        var line = digits.IndexOf((byte)'\r');
        return answer.Length - head - 4 >= int.Parse(line < 0 ? digits : digits[..line], NumberStyles.None, CultureInfo.InvariantCulture) ? status : null;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
