using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Twin.World;

/// <summary>Keeps passwords and secrets as salted digests. Few rounds on purpose: the world is invented, and preparing a thousand tenants must take no time.</summary>
internal static class SecretDigest
{
    private const int Rounds = 1_000;

    public static string Of(string value)
    {
        var salt = RandomNumberGenerator.GetBytes(12);
        return Convert.ToBase64String(salt) + "." + Convert.ToBase64String(Derive(value, salt));
    }

    public static bool Matches(string digest, string value)
    {
        var dot = digest.IndexOf('.', StringComparison.Ordinal);
        return CryptographicOperations.FixedTimeEquals(Derive(value, Convert.FromBase64String(digest[..dot])), Convert.FromBase64String(digest[(dot + 1)..]));
    }

    private static byte[] Derive(string value, byte[] salt) => Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(value), salt, Rounds, HashAlgorithmName.SHA256, 24);
}
