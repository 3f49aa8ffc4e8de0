using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Hub.Outbound;

/// <summary>
/// Which certificate authorities are believed. There is no way to switch the checks off: the name must match, the chain must be whole and in time.
/// </summary>
internal sealed class CertificateTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection? _authorities;
    private readonly bool _systemToo;

    private CertificateTrust(X509Certificate2Collection? authorities, bool systemToo)
    {
        _authorities = authorities;
        _systemToo = systemToo;
    }

    /// <summary>The system's authorities, and those of a PEM file when one is given.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read or holds no certificate.</exception>
    public static CertificateTrust SystemAnd(string? extraCaFile)
    {
        if (extraCaFile is null) return new CertificateTrust(null, systemToo: true);
        var extra = new X509Certificate2Collection();
        try
        {
            extra.ImportFromPemFile(extraCaFile);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The CA file '{extraCaFile}' cannot be read: {e.Message} Give a PEM file with one or more certificates.", e);
        }

        return extra.Count > 0
            ? new CertificateTrust(extra, systemToo: true)
            : throw new InvalidOperationException($"The CA file '{extraCaFile}' holds no certificate. Give a PEM file with one or more certificates.");
    }

    /// <summary>These authorities and no others.</summary>
    public static CertificateTrust Only(X509Certificate2Collection authorities) => new(authorities, systemToo: false);

    /// <summary>The callback of <see cref="SslClientAuthenticationOptions"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // No certificate or another name: refused whoever signed it.
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        if (_systemToo && errors == SslPolicyErrors.None) return true;
        if (_authorities is null || certificate is not X509Certificate2 leaf) return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (chain is not null)
        {
            foreach (var element in chain.ChainElements) own.ChainPolicy.ExtraStore.Add(element.Certificate);
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        return own.Build(leaf);
    }
}
