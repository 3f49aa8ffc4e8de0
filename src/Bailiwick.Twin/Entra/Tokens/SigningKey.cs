using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Twin.World;
using Bailiwick.Wire.Entra;

namespace Bailiwick.Twin.Entra.Tokens;

/// <summary>The RSA key that signs tokens; made at first start and kept with the world. Thread safe: each caller borrows an instance of its own.</summary>
internal sealed class SigningKey
{
    private readonly ConcurrentBag<RSA> _pool = [];
    private readonly RSAParameters _parameters;
    private readonly string _certificate;

    public SigningKey(TwinStore? store)
    {
        var keys = new StoredSet<Stored>(store, "key", key => key.Name);
        var kept = keys.Find("signing");
        if (kept is null)
        {
            using var made = RSA.Create(2048);
            var request = new CertificateRequest("CN=twin token signing", made, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2049, 12, 31, 0, 0, 0, TimeSpan.Zero));
            kept = new Stored("signing", made.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(certificate.RawData));
            keys.Put(kept);
        }

        using var rsa = RSA.Create();
        rsa.ImportFromPem(kept.PrivateKeyPem);
        _parameters = rsa.ExportParameters(includePrivateParameters: true);
        _certificate = kept.Certificate;
#pragma warning disable CA5350 // x5t is defined as the SHA-1 thumbprint (RFC 7515 §4.1.7); it names the key and protects nothing
        KeyId = Base64Url.Encode(SHA1.HashData(Convert.FromBase64String(_certificate)));
#pragma warning restore CA5350
    }

    public string KeyId { get; }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var rsa = Borrow();
        try
        {
            return rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _pool.Add(rsa);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var rsa = Borrow();
        try
        {
            return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _pool.Add(rsa);
        }
    }

    public JsonWebKeyBody Describe(string? issuer) => new()
    {
        KeyId = KeyId,
        Thumbprint = KeyId,
        Modulus = Base64Url.Encode(_parameters.Modulus),
        Exponent = Base64Url.Encode(_parameters.Exponent),
        Certificates = [_certificate],
        Issuer = issuer,
    };

    private RSA Borrow() => _pool.TryTake(out var rsa) ? rsa : RSA.Create(_parameters);

    private sealed record Stored(string Name, string PrivateKeyPem, string Certificate);
}
