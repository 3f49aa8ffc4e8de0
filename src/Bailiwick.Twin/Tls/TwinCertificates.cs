using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Twin.Tls;

/// <summary>The twin's private CA, made at first start and kept, and the server certificate for its own names and Microsoft's. Trust it per process only.</summary>
internal sealed class TwinCertificates
{
    private const string CaName = "ca.pem";
    private const string CaKeyName = "ca.key";
    private const string LeafName = "server.pem";
    private const string LeafKeyName = "server.key";

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Shared = new(MakeShared);

    private TwinCertificates(string caFile, X509Certificate2 server)
    {
        CaFile = caFile;
        Server = server;
    }

    /// <summary>Path of the CA certificate in PEM.</summary>
    public string CaFile { get; }

    public X509Certificate2 Server { get; }

    /// <param name="directory">Where the four files live.</param>
    /// <param name="machine">The machine's clock: clients check certificates against theirs, not against the virtual one.</param>
    public static TwinCertificates OpenOrCreate(string directory, TimeProvider machine)
    {
        var now = machine.GetUtcNow();
        var caFile = Path.Combine(directory, CaName);
        if (!File.Exists(caFile) || !File.Exists(Path.Combine(directory, CaKeyName))) CreateAuthority(directory, now);
        if (!IsServerGood(directory, now)) CreateServer(directory, now);
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(directory, LeafName), Path.Combine(directory, LeafKeyName));
        return new TwinCertificates(caFile, X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
    }

    /// <summary>For twins that keep nothing: one CA per process, since making keys is the slowest part of a start.</summary>
    public static TwinCertificates CreateTemporary(string directory, TimeProvider machine)
    {
        foreach (var (name, text) in Shared.Value) WritePrivate(Path.Combine(directory, name), text);
        return OpenOrCreate(directory, machine);
    }

    private static Dictionary<string, string> MakeShared()
    {
        var directory = Directory.CreateTempSubdirectory("twin-ca-").FullName;
        try
        {
            OpenOrCreate(directory, TimeProvider.System).Server.Dispose();
            return Directory.GetFiles(directory).ToDictionary(file => Path.GetFileName(file), File.ReadAllText, StringComparer.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void CreateAuthority(string directory, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Bailiwick twin CA, O=Rehearsal only", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        WritePrivate(Path.Combine(directory, CaKeyName), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(directory, CaName), certificate.ExportCertificatePem() + "\n");
        File.Delete(Path.Combine(directory, LeafName));
    }

    private static bool IsServerGood(string directory, DateTimeOffset now)
    {
        var file = Path.Combine(directory, LeafName);
        if (!File.Exists(file) || !File.Exists(Path.Combine(directory, LeafKeyName))) return false;
        using var leaf = X509CertificateLoader.LoadCertificateFromFile(file);
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new DateTimeOffset(leaf.NotAfter) > now.AddDays(30) && new DateTimeOffset(leaf.NotBefore) <= now && TwinAddress.RealHosts.All(names.Contains);
    }

    private static void CreateServer(string directory, DateTimeOffset now)
    {
        using var authority = X509Certificate2.CreateFromPemFile(Path.Combine(directory, CaName), Path.Combine(directory, CaKeyName));
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var host in TwinAddress.RealHosts) names.AddDnsName(host);
        names.AddDnsName("*.securitycenter.windows.com");
        request.CertificateExtensions.Add(names.Build());
        var (first, last) = (new DateTimeOffset(authority.NotBefore), new DateTimeOffset(authority.NotAfter));
        using var certificate = request.Create(authority, now.AddDays(-1) > first ? now.AddDays(-1) : first, now.AddYears(2) < last ? now.AddYears(2) : last, RandomNumberGenerator.GetBytes(16));
        WritePrivate(Path.Combine(directory, LeafKeyName), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(directory, LeafName), certificate.ExportCertificatePem() + "\n");
    }

    private static void WritePrivate(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text.TrimEnd('\n') + "\n");
    }
}
