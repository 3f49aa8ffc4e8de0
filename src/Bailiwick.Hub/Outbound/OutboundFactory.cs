using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Hub.Outbound;

/// <summary>
/// The one place where connections leave this process: HTTP clients and raw TCP/TLS streams. No automatic redirects, no cookies, no proxy or
/// credentials from the environment, TLS 1.2 or newer with checked certificates, every resolved address checked before connecting.
/// Thread safe.
/// </summary>
public sealed class OutboundFactory(OutboundOptions options) : IDisposable
{
    private readonly SocketsHttpHandler _handler = new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = options.Proxy is not null,
        Proxy = options.Proxy is null ? null : new WebProxy(options.Proxy),
        ConnectTimeout = options.ConnectTimeout,
        AutomaticDecompression = DecompressionMethods.All,
    };

    /// <summary>A client for HTTP with the rules above. Cheap: connections are shared; the caller may dispose it.</summary>
    /// <param name="trustedCa">CA certificates to trust instead of the configured ones, for one sink; null for the default.</param>
    public HttpClient CreateHttpClient(X509Certificate2Collection? trustedCa = null) => throw new NotSupportedException();

    /// <summary>Opens a TCP connection, with TLS when <paramref name="tls"/> is given.</summary>
    /// <exception cref="OutboundRefusedException">The address is not allowed.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    public Task<Stream> ConnectAsync(string host, int port, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose() => _handler.Dispose();
}

/// <summary>The address may not be reached by this hub's rules. The message says which and what to configure.</summary>
public sealed class OutboundRefusedException(string message) : Exception(message);
