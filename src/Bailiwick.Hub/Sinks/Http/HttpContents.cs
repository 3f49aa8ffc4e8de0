using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks.Http;

/// <summary>Bodies to send, answers to read and credentials to attach, for all sinks over HTTP.</summary>
internal static class HttpContents
{
    /// <summary>A body of that media type, as gzip when asked for. The bytes must stay until it was sent.</summary>
    public static HttpContent Of(ReadOnlyMemory<byte> body, string mediaType, bool compress = false)
    {
        HttpContent content;
        if (compress)
        {
            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(body.Span);
            packed.Position = 0;
            content = new StreamContent(packed);
            content.Headers.ContentEncoding.Add("gzip");
        }
        else
        {
            content = new ReadOnlyMemoryContent(body);
        }

        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    /// <summary>An answer's body as JSON; null when it is none or larger than <paramref name="maxBytes"/>. The caller disposes it.</summary>
    public static async Task<JsonDocument?> ReadJsonAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            return JsonDocument.Parse(await response.Content.ReadCappedAsync(maxBytes, cancellationToken));
        }
        catch (Exception exception) when (exception is JsonException or ResponseTooLargeException)
        {
            return null;
        }
    }

    /// <summary>An <c>Authorization</c> header with the secret as it stands.</summary>
    /// <exception cref="UnusableSecretException">The secret has characters that no header can carry.</exception>
    public static AuthenticationHeaderValue Authorization(string scheme, Secret secret)
    {
        foreach (var octet in secret.Reveal())
        {
            if (octet is <= 0x20 or >= 0x7F) throw new UnusableSecretException();
        }

        return new AuthenticationHeaderValue(scheme, secret.RevealText());
    }
}

/// <summary>A sink's secret cannot stand in a header.</summary>
internal sealed class UnusableSecretException() : UnusableSettingException("The sink's secret has blanks, line ends or characters outside ASCII, which no header can carry; add the sink again with the token alone.");
