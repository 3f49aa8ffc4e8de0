using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks;

/// <summary>The certificate a sink shows to its receiver, read from PEM files at each connection, so that renewed files count from the next one on.</summary>
internal static class ClientCertificate
{
    /// <summary>Reads the pair.</summary>
    /// <param name="certificate">PEM file: the certificate, then those between it and the CA, if any.</param>
    /// <param name="key">PEM file of its private key, unencrypted, readable by its owner only.</param>
    /// <exception cref="UnusableClientCertificateException">One of them cannot be used; the message says which and why.</exception>
    public static SslStreamCertificateContext Load(string certificate, string key)
    {
        if (File.Exists(key) && PrivateFile.IsOpenToOthers(key))
            throw new UnusableClientCertificateException($"The key file {key} may be read or written by others than its owner; set its mode to 0600.");
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            using var read = X509Certificate2.CreateFromPemFile(certificate, key);
            var own = X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null); // some platforms take a key from no other form
            return SslStreamCertificateContext.Create(own, [.. chain.Skip(1)], offline: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnusableClientCertificateException($"The client certificate {certificate} or its key {key} cannot be read.");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new UnusableClientCertificateException($"The client certificate {certificate} and the key {key} are no pair in PEM form with an unencrypted key.");
        }
    }
}

/// <summary>A sink's client certificate or its key cannot be used.</summary>
internal sealed class UnusableClientCertificateException(string sentence) : UnusableSettingException(sentence);
