using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Hub.Vault;

/// <summary>
/// A keyed seal (HMAC-SHA-256 with a key of the vault) over the content of rows that decide security: sinks, API keys, connections, tenants'
/// clouds. Someone who can write the database but has no key cannot make such a row.
/// </summary>
public sealed class RowSeal(VaultKeyring keyring)
{
    private const string Use = "row-seal";

    /// <summary>The seal, 32 bytes.</summary>
    /// <param name="table">Binds the seal to the table.</param>
    /// <param name="fields">Every field that decides something, the key first: text, integers, bytes or null, always in the same order.</param>
    /// <exception cref="VaultSealedException">The vault is sealed.</exception>
    public byte[] Compute(string table, params ReadOnlySpan<object?> fields)
    {
        using var content = new MemoryStream();
        Append(content, table);
        foreach (var field in fields) Append(content, field);
        return HMACSHA256.HashData(keyring.Derive(Use), content.ToArray());
    }

    /// <summary>Whether a row's seal fits its content; when not, someone without the key changed the row: do not use it, and record it.</summary>
    /// <param name="seal">As stored; null never fits.</param>
    /// <param name="table">As for <see cref="Compute"/>.</param>
    /// <param name="fields">As for <see cref="Compute"/>.</param>
    /// <exception cref="VaultSealedException">The vault is sealed.</exception>
    public bool Fits(byte[]? seal, string table, params ReadOnlySpan<object?> fields) => CryptographicOperations.FixedTimeEquals(Compute(table, fields), seal);

    private static void Append(MemoryStream content, object? field)
    {
        var bytes = field switch
        {
            null => null,
            byte[] raw => raw,
            string text => Encoding.UTF8.GetBytes(text),
            IFormattable value and (int or long or Guid) => Encoding.UTF8.GetBytes(value.ToString(null, CultureInfo.InvariantCulture)),
            bool value => [value ? (byte)1 : (byte)0],
            _ => throw new ArgumentException($"A sealed field is text, an integer, bytes or null, not {field.GetType().Name}."),
        };
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes?.Length ?? -1);
        content.Write(length);
        if (bytes is not null) content.Write(bytes);
    }
}

/// <summary>A row that decides security carries a seal that does not fit; it is not used.</summary>
public sealed class SealBrokenException(string table, string rowId)
    : Exception($"The row '{rowId}' of '{table}' was changed outside the hub. It is not used until an operator enters it again.")
{
    /// <summary>The table.</summary>
    public string Table { get; } = table;

    /// <summary>The row's id.</summary>
    public string RowId { get; } = rowId;
}
