using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Hub.Vault;

/// <summary>
/// AES-256-GCM with a fresh random 96-bit nonce and a 128-bit tag. Layout of a sealed blob: nonce, ciphertext, tag.
/// The associated data names the place, so that no blob works in another one.
/// </summary>
internal static class Envelope
{
    public const int KeySize = 32;

    private const byte FormatVersion = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, ReadOnlySpan<byte> place)
    {
        var blob = new byte[NonceSize + content.Length + TagSize];
        var nonce = blob.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, content, blob.AsSpan(NonceSize, content.Length), blob.AsSpan(NonceSize + content.Length), place);
        return blob;
    }

    /// <exception cref="CryptographicException">Other key, other place or altered bytes.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> place)
    {
        if (blob.Length < NonceSize + TagSize) throw new CryptographicException("The sealed blob is too short.");
        var content = new byte[blob.Length - NonceSize - TagSize];
        using var aes = new AesGcm(key, TagSize);
        aes.Decrypt(blob[..NonceSize], blob[NonceSize..^TagSize], blob[^TagSize..], content, place);
        return content;
    }

    /// <summary>The place of one credential version: format version, owner, record id, purpose, key id, record version.</summary>
    public static byte[] PlaceOfCredential(string owner, string recordId, string purpose, string keyId, long version) =>
        Encode("credential", owner, recordId, purpose, keyId, version.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The place of a wrapped data key.</summary>
    public static byte[] PlaceOfDataKey(string kekId, string keyId, string owner, string purpose) => Encode("data-key", kekId, keyId, owner, purpose);

    /// <summary>Format version, then each part with its length: two different lists never give the same bytes.</summary>
    public static byte[] Encode(params ReadOnlySpan<string> parts)
    {
        using var bytes = new MemoryStream();
        bytes.WriteByte(FormatVersion);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var text = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            bytes.Write(length);
            bytes.Write(text);
        }

        return bytes.ToArray();
    }
}
