using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Hub.Outbound;

/// <summary>
/// The one place where connections leave this process: HTTP clients and raw TCP/TLS streams. No automatic redirects, no cookies, no proxy or
/// credentials from the environment, TLS 1.2 or newer with checked certificates, every resolved address checked before connecting.
/// Thread safe.
/// </summary>
public sealed class OutboundFactory : IDisposable
{
    private const int MaxHeaderKib = 32;

    private readonly OutboundOptions _options;
    private readonly OutboundPolicy _policy;
    private readonly CertificateTrust _trust;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly SocketsHttpHandler _handler;
    private readonly ConcurrentDictionary<string, SocketsHttpHandler> _pinned = new(StringComparer.Ordinal);

    /// <summary>Reads the rules once; later changes of <paramref name="options"/> have no effect.</summary>
    /// <exception cref="InvalidOperationException">An endpoint is not <c>host:port</c>, or the extra CA file cannot be read.</exception>
    public OutboundFactory(OutboundOptions options)
        : this(options, Dns.GetHostAddressesAsync)
    {
    }

    internal OutboundFactory(OutboundOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _policy = new OutboundPolicy(options);
        _trust = CertificateTrust.SystemAnd(options.ExtraCaFile);
        _resolve = resolve;
        _handler = CreateHandler(_trust);
    }

    /// <summary>The versions of TLS that are spoken.</summary>
    internal static SslProtocols TlsVersions => SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>A client for HTTP with the rules above. Cheap: connections are shared; the caller may dispose it.</summary>
    /// <param name="trustedCa">CA certificates to trust instead of the configured ones, for one sink; null for the default.</param>
    public HttpClient CreateHttpClient(X509Certificate2Collection? trustedCa = null) => CreateHttpClient(inner => inner, trustedCa);

    /// <summary>As <see cref="CreateHttpClient(X509Certificate2Collection?)"/>, with a handler of the caller's around the guarded one.</summary>
    internal HttpClient CreateHttpClient(Func<HttpMessageHandler, HttpMessageHandler> wrap, X509Certificate2Collection? trustedCa = null)
    {
        var shared = trustedCa is null ? _handler : _pinned.GetOrAdd(KeyOf(trustedCa), _ => CreateHandler(CertificateTrust.Only(trustedCa)));
#pragma warning disable RS0030 // This is the outbound factory that everybody else is sent to.
        return new HttpClient(wrap(new OutboundGuard(_policy, shared)), disposeHandler: false)
        {
            Timeout = _options.RequestTimeout,
            MaxResponseContentBufferSize = _options.MaxResponseBytes,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
#pragma warning restore RS0030
    }

    /// <summary>
    /// Opens a TCP connection, with TLS when <paramref name="tls"/> is given. Of the TLS options the target host, client certificates and, in
    /// <see cref="SslClientAuthenticationOptions.CertificateChainPolicy"/>, a custom trust store (believed instead of the configured authorities)
    /// are taken; protocol versions and certificate checks are this factory's own.
    /// </summary>
    /// <exception cref="OutboundRefusedException">The address is not allowed.</exception>
    /// <exception cref="IOException">The connection failed, was not there in time, or the certificate was not accepted.</exception>
    public Task<Stream> ConnectAsync(string host, int port, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken) => ConnectingAsync(
        host,
        port,
        async stop =>
        {
            _policy.CheckPort(host, port);
            var stream = await OpenAsync(host, port, stop);
            return tls is null ? stream : await SecureAsync(stream, host, tls, stop);
        },
        cancellationToken);

    /// <summary>
    /// Opens a TCP connection for a protocol whose own library does the talking and the TLS; that library must be given
    /// <see cref="ValidationFor"/> and <see cref="TlsVersions"/>. Meant for connections that carry a credential: without TLS only endpoints the server's
    /// configuration names are reached.
    /// </summary>
    /// <exception cref="OutboundRefusedException">The address is not allowed, or not without TLS.</exception>
    /// <exception cref="IOException">The connection failed, or was not there in time.</exception>
    public Task<Socket> ConnectSocketAsync(string host, int port, bool tls, CancellationToken cancellationToken) => ConnectingAsync(
        host,
        port,
        stop =>
        {
            if (tls) _policy.CheckPort(host, port);
            else _policy.CheckPlain(host, port);
            return OpenSocketAsync(host, port, SocketType.Stream, stop);
        },
        cancellationToken);

    /// <summary>The check of a receiver's certificate, for <see cref="ConnectSocketAsync"/>.</summary>
    /// <param name="trustedCa">CA certificates to trust instead of the configured ones; null for the default.</param>
    internal RemoteCertificateValidationCallback ValidationFor(X509Certificate2Collection? trustedCa) =>
        (trustedCa is null ? _trust : CertificateTrust.Only(trustedCa)).Validate;

    /// <summary>Opens a UDP socket bound to one receiver, with the rules above. Nothing is sent yet, so nothing says whether anybody listens.</summary>
    /// <exception cref="OutboundRefusedException">The address is not allowed.</exception>
    /// <exception cref="IOException">The name does not resolve, or there is no way to the address.</exception>
    public Task<Socket> OpenDatagramsAsync(string host, int port, CancellationToken cancellationToken) => ConnectingAsync(
        host,
        port,
        stop =>
        {
            _policy.CheckPort(host, port);
            return OpenSocketAsync(host, port, SocketType.Dgram, stop);
        },
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _handler.Dispose();
        foreach (var handler in _pinned.Values) handler.Dispose();
    }

    /// <summary>Within the time for connecting, and with one kind of exception for all that may go wrong underneath.</summary>
    private async Task<T> ConnectingAsync<T>(string host, int port, Func<CancellationToken, Task<T>> connect, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.ConnectTimeout);
        try
        {
            return await connect(limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"'{host}:{port}' did not answer within {_options.ConnectTimeout.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is AuthenticationException or SocketException)
        {
            throw new IOException($"Connecting to '{host}:{port}' failed: {e.Message}", e);
        }
    }

    private static string KeyOf(X509Certificate2Collection authorities) =>
        string.Join('|', authorities.Select(authority => authority.GetCertHashString(HashAlgorithmName.SHA256)).Order(StringComparer.Ordinal));

    private SocketsHttpHandler CreateHandler(CertificateTrust trust) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = _options.Proxy is not null,
        Proxy = _options.Proxy is null ? null : new WebProxy(_options.Proxy),
        Credentials = null,
        ConnectTimeout = _options.ConnectTimeout,
        AutomaticDecompression = DecompressionMethods.All,
        MaxResponseHeadersLength = MaxHeaderKib,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // names are resolved and checked again
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        EnableMultipleHttp2Connections = true,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = TlsVersions,
            RemoteCertificateValidationCallback = trust.Validate,
        },
        ConnectCallback = async (context, token) => await OpenAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, token),
    };

    private async Task<Stream> OpenAsync(string host, int port, CancellationToken cancellationToken) =>
        new NetworkStream(await OpenSocketAsync(host, port, SocketType.Stream, cancellationToken), ownsSocket: true);

    private async Task<Socket> OpenSocketAsync(string host, int port, SocketType type, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, cancellationToken);
        foreach (var address in addresses) _policy.CheckAddress(host, port, address);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
            try
            {
                if (type == SocketType.Stream) socket.NoDelay = true;
                await socket.ConnectAsync(address, port, cancellationToken);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await _resolve(host, cancellationToken);

    private async Task<Stream> SecureAsync(Stream inner, string host, SslClientAuthenticationOptions wanted, CancellationToken cancellationToken)
    {
        var trust = wanted.CertificateChainPolicy is { TrustMode: X509ChainTrustMode.CustomRootTrust } policy
            ? CertificateTrust.Only(policy.CustomTrustStore)
            : _trust;
        var secure = new SslStream(inner, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = string.IsNullOrEmpty(wanted.TargetHost) ? host : wanted.TargetHost,
                    ClientCertificates = wanted.ClientCertificates,
                    ClientCertificateContext = wanted.ClientCertificateContext,
                    LocalCertificateSelectionCallback = wanted.LocalCertificateSelectionCallback,
                    EnabledSslProtocols = TlsVersions,
                    RemoteCertificateValidationCallback = trust.Validate,
                },
                cancellationToken);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync();
            throw;
        }
    }

    private sealed class OutboundGuard(OutboundPolicy policy, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri is { IsAbsoluteUri: true } address)
            {
                policy.CheckRequest(address);
                // Behind a proxy the name is resolved elsewhere; a literal address is ours to judge.
                if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var literal)) policy.CheckAddress(address.Host, address.Port, literal);
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>The address may not be reached by this hub's rules. The message says which and what to configure.</summary>
public sealed class OutboundRefusedException(string message) : Exception(message);
