using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Bailiwick.Hub.Sinks.Webhook;

/// <summary>
/// The value of <c>Bailiwick-Signature</c>: <c>t={seconds},v1={hex}</c>. What is signed is the time in decimal, a full stop and the body's bytes, with HMAC-SHA256 under
/// the sink's secret.
/// </summary>
internal static class WebhookSignature
{
    public const string Header = "Bailiwick-Signature";

    /// <summary>Signs a body.</summary>
    /// <param name="key">The secret's bytes.</param>
    /// <param name="at">When; whole seconds count.</param>
    /// <param name="body">The body as it is sent.</param>
    public static string Of(ReadOnlySpan<byte> key, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var seconds = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.ASCII.GetBytes(seconds));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
