using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Twin.Tls;

/// <summary>Client side of the twin's TLS.</summary>
public static class TwinTrust
{
    /// <summary>A handler that trusts the twin's CA and nothing else. Redirects are not followed, so that authorization answers can be read.</summary>
    /// <param name="caFile">As <see cref="TwinHost.CaFile"/>.</param>
    public static SocketsHttpHandler CreateHandler(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
    }
}
