using System.Net;
using System.Net.Sockets;

namespace Bailiwick.Hub.Outbound;

/// <summary>What kind of place an address is, as far as leaving this process is concerned.</summary>
internal enum AddressKind
{
    /// <summary>Globally routed.</summary>
    Public,

    /// <summary>Private, shared or otherwise local: only for an exact host and port the server's configuration names.</summary>
    Private,

    /// <summary>This machine: as <see cref="Private"/>, or in the test and demo profiles.</summary>
    Loopback,

    /// <summary>Never: link-local, instance metadata, multicast, unspecified, reserved, and forms that hide another address.</summary>
    Forbidden,
}

/// <summary>
/// Sorts addresses. Ranges from the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890 and its updates, read 2025),
/// metadata addresses from the cloud vendors' documentation.
/// </summary>
internal static class AddressRules
{
    private static readonly IPNetwork[] s_forbidden =
    [
        IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), // link-local; the metadata service of most clouds
        IPNetwork.Parse("168.63.129.16/32"), // Azure's wire server
        IPNetwork.Parse("100.100.100.200/32"), // Alibaba Cloud metadata
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments; Oracle Cloud metadata at .192
        IPNetwork.Parse("224.0.0.0/4"),
        IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/96"), // unspecified and IPv4-compatible; ::1 is sorted before
        IPNetwork.Parse("::ffff:0:0:0/96"), // IPv4-translated
        IPNetwork.Parse("64:ff9b:1::/48"), // local-use translation
        IPNetwork.Parse("100::/64"), // discard
        IPNetwork.Parse("2001::/32"), // Teredo
        IPNetwork.Parse("2002::/16"), // 6to4
        IPNetwork.Parse("fe80::/10"),
        IPNetwork.Parse("ff00::/8"),
        IPNetwork.Parse("fd00:ec2::/32"), // AWS metadata and its kin
        IPNetwork.Parse("fd20:ce::254/128"), // Google Cloud metadata
    ];

    private static readonly IPNetwork[] s_private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("192.0.2.0/24"),
        IPNetwork.Parse("198.51.100.0/24"),
        IPNetwork.Parse("203.0.113.0/24"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fec0::/10"),
        IPNetwork.Parse("2001:db8::/32"),
    ];

    private static readonly IPNetwork s_loopback4 = IPNetwork.Parse("127.0.0.0/8");

    private static readonly IPNetwork s_translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Sorts one address.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return AddressKind.Forbidden; // IPNetwork would look through the mapping
        if (IPAddress.IPv6Loopback.Equals(address) || s_loopback4.Contains(address)) return AddressKind.Loopback;
        if (address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) return AddressKind.Forbidden;
        if (Array.Exists(s_forbidden, network => network.Contains(address))) return AddressKind.Forbidden;
        if (s_translated.Contains(address))
        {
            // RFC 6052: an IPv6-only network reaches the IPv4 internet through these; what they stand for decides, and only the internet is meant.
            var inner = new IPAddress(address.GetAddressBytes().AsSpan(12));
            return KindOf(inner) == AddressKind.Public ? AddressKind.Public : AddressKind.Forbidden;
        }

        return Array.Exists(s_private, network => network.Contains(address)) ? AddressKind.Private : AddressKind.Public;
    }
}
