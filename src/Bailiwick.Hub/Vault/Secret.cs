using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bailiwick.Hub.Vault;

/// <summary>
/// The only type that carries secret bytes in this process. Prints, serializes and shows itself as <c>***</c>;
/// <see cref="Dispose"/> clears the bytes. Decrypt late, hold briefly.
/// </summary>
[JsonConverter(typeof(Redacted))]
[System.Diagnostics.DebuggerDisplay("***")]
public sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _cleared;

    /// <summary>Takes over <paramref name="bytes"/>; the caller must not keep them.</summary>
    public Secret(byte[] bytes) => _bytes = bytes;

    /// <summary>Copies a text as UTF-8. The text itself cannot be cleared: prefer bytes from file or standard input.</summary>
    public static Secret FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The secret bytes.</summary>
    /// <exception cref="ObjectDisposedException">The secret was cleared.</exception>
    public ReadOnlySpan<byte> Reveal()
    {
        ObjectDisposedException.ThrowIf(_cleared, this);
        return _bytes;
    }

    /// <summary>The secret as text, for the few libraries that take only a string.</summary>
    /// <exception cref="ObjectDisposedException">The secret was cleared.</exception>
    public string RevealText() => Encoding.UTF8.GetString(Reveal());

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    /// <summary>Overwrites the bytes. Safe to call twice.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _cleared = true;
    }

    private sealed class Redacted : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A secret is never read from JSON by this type; take it from a file or from standard input.");

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue("***");
    }
}
