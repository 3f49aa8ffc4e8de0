namespace Bailiwick.Hub.Outbound;

/// <summary>
/// Scheme, host and port of a place that credentials belong to. Continuation links, <c>Location</c> and polling addresses are compared
/// with it by parsed parts, never by prefix.
/// </summary>
/// <param name="Scheme">Lower case.</param>
/// <param name="Host">Lower case, IDN in its ASCII form, IPv6 in brackets.</param>
/// <param name="Port">The port, the scheme's default filled in.</param>
public readonly record struct Origin(string Scheme, string Host, int Port)
{
    /// <summary>The origin of an absolute address.</summary>
    /// <exception cref="ArgumentException">The address is relative.</exception>
    public static Origin Of(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri) throw new ArgumentException($"'{address}' is not an absolute address.");
        return new Origin(address.Scheme, HostOf(address), address.Port);
    }

    /// <summary>True when <paramref name="address"/> is absolute, carries no user part and has this very origin.</summary>
    public bool Includes(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsAbsoluteUri && address.UserInfo.Length == 0 && Of(address) == this;
    }

    /// <summary>As in a URL, without path.</summary>
    public override string ToString() => $"{Scheme}://{Host}:{Port}";

    private static string HostOf(Uri address) =>
        address.HostNameType == UriHostNameType.IPv6 ? address.Host.ToLowerInvariant() : address.IdnHost.ToLowerInvariant();
}
