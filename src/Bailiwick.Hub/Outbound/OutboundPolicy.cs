using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Hub.Outbound;

/// <summary>Decides from the server's configuration alone which host, port and address may be reached.</summary>
internal sealed class OutboundPolicy
{
    private static readonly Counter<long> s_refused = Instruments.OutboundRefused.Counter(new Meter(Meters.Outbound));

    private readonly HashSet<(string Host, int Port)> _named = [];
    private readonly HashSet<int> _ports;
    private readonly bool _allowLoopback;

    public OutboundPolicy(OutboundOptions options)
    {
        foreach (var endpoint in options.AllowedPrivateEndpoints) _named.Add(Parse(endpoint));
        if (options.Proxy is { } proxy) _named.Add((Normal(proxy.Host), proxy.Port));
        _ports = [.. options.AllowedPorts];
        _allowLoopback = options.AllowLoopback;
    }

    /// <summary>Checks scheme and port of a request before anything is resolved.</summary>
    public void CheckRequest(Uri address)
    {
        var host = Normal(address.IdnHost);
        if (address.UserInfo.Length > 0) throw Refuse(host, address.Port, "the address carries a user part");
        CheckPort(host, address.Port);
        if (address.Scheme == Uri.UriSchemeHttps) return;
        if (address.Scheme == Uri.UriSchemeHttp && (IsNamed(host, address.Port) || IsLocalInTests(host))) return;
        throw Refuse(host, address.Port, "only https is allowed; plain http needs an entry in Outbound:AllowedPrivateEndpoints");
    }

    /// <summary>Checks host and port of a connection that carries a credential and no TLS.</summary>
    public void CheckPlain(string host, int port)
    {
        if (IsNamed(Normal(host), port) || IsLocalInTests(Normal(host))) return;
        throw Refuse(host, port, "a password goes there without TLS; that needs an entry in Outbound:AllowedPrivateEndpoints");
    }

    public void CheckPort(string host, int port)
    {
        if (_ports.Contains(port) || IsNamed(Normal(host), port) || IsLocalInTests(Normal(host))) return;
        throw Refuse(host, port, "the port is not allowed; add it to Outbound:AllowedPorts, or the host and port to Outbound:AllowedPrivateEndpoints");
    }

    /// <summary>Checks one address a name resolved to.</summary>
    public void CheckAddress(string host, int port, IPAddress address)
    {
        var name = Normal(host);
        switch (AddressRules.KindOf(address))
        {
            case AddressKind.Public:
                return;
            case AddressKind.Loopback when IsLocalInTests(name) || IsNamed(name, port):
            case AddressKind.Private when IsNamed(name, port):
                return;
            case AddressKind.Forbidden:
                throw Refuse(host, port, $"{address} is link-local, metadata, multicast, unspecified or a form that hides another address; this is never allowed");
            default:
                throw Refuse(host, port, $"{address} is a loopback or private address; add '{name}:{port}' to Outbound:AllowedPrivateEndpoints if this is meant");
        }
    }

    private static OutboundRefusedException Refuse(string host, int port, string why)
    {
        s_refused.Add(1);
        return new OutboundRefusedException($"Connection to '{host}:{port}' refused: {why}.");
    }

    private static (string Host, int Port) Parse(string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        if (colon > 0
            && int.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            && Uri.CheckHostName(endpoint[..colon]) != UriHostNameType.Unknown)
        {
            return (Normal(endpoint[..colon]), port);
        }

        throw new InvalidOperationException($"Outbound:AllowedPrivateEndpoints has '{endpoint}'; write an exact host and port such as 'siem.example.internal:6514'.");
    }

    private static string Normal(string host) => host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();

    private bool IsNamed(string host, int port) => _named.Contains((host, port));

    private bool IsLocalInTests(string host) => _allowLoopback && (host is "127.0.0.1" or "::1" or "localhost");
}
