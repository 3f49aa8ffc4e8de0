using System.Globalization;
using System.Text;
using Bailiwick.Hub.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Bailiwick.Hub.Compat;

/// <summary>
/// The token endpoint that connectors know from Entra ID, in its v1 and v2 forms: an API key, given as client secret or as refresh token, becomes a
/// short-lived access token. Errors are those of RFC 6749 §5.2. Nothing of a request is logged or repeated, except the v1 <c>resource</c>.
/// </summary>
internal static class TokenEndpoint
{
    private const int MaxResource = 512;

    public static async Task<IResult> PostAsync(HttpContext http, bool v2, ApiKeyStore keys, AccessTokens tokens, CancellationToken cancellationToken)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        if (await ReadAsync(http, cancellationToken) is not { } form) return Refuse("invalid_request", "The body is one form (application/x-www-form-urlencoded), each field at most once.");
        if (!TryClient(http, form, out var id, out var secret)) return Refuse("invalid_request", "Give the client once: in the form or by Basic authentication.");
        string? proof;
        switch (form.GetValueOrDefault("grant_type"))
        {
            case "client_credentials":
                if (id is null || secret is null) return Refuse("invalid_client", "client_id is the API key's id and client_secret the API key's text.", StatusCodes.Status401Unauthorized);
                proof = secret;
                break;
            case "refresh_token":
                proof = form.GetValueOrDefault("refresh_token");
                if (proof is null) return Refuse("invalid_request", "The refresh token, an API key's text, is missing.");
                break;
            case null:
                return Refuse("invalid_request", "grant_type is missing.");
            default:
                return Refuse("unsupported_grant_type", "grant_type is client_credentials or refresh_token.");
        }

        var key = await keys.AuthenticateAsync(proof, cancellationToken);
        if (key is null && proof != secret) return Refuse("invalid_grant", "The refresh token is no API key of this hub, or one that has expired or was revoked. Make a new key and enter it.");
        if (key is null || (id is not null && !SameId(id, key)) || (secret is not null && secret != proof && (await keys.AuthenticateAsync(secret, cancellationToken))?.Actor.Id != key.Actor.Id))
            return Refuse("invalid_client", "The client is no API key of this hub, one that has expired or was revoked, or its parts are of different keys.", StatusCodes.Status401Unauthorized);
        var (text, expires) = tokens.Issue(key);
        return TypedResults.Json(v2 ? V2(text) : V1(text, expires, form.GetValueOrDefault("resource")), (System.Text.Json.JsonSerializerOptions?)null);
    }

    private static Dictionary<string, object> V2(string token) => new()
    {
        ["token_type"] = "Bearer",
        ["expires_in"] = Seconds,
        ["ext_expires_in"] = Seconds,
        ["access_token"] = token,
    };

    /// <summary>The v1 form writes its numbers as texts.</summary>
    private static Dictionary<string, object> V1(string token, DateTimeOffset expires, string? resource)
    {
        var answer = new Dictionary<string, object>
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = Text(Seconds),
            ["ext_expires_in"] = Text(Seconds),
            ["expires_on"] = Text(expires.ToUnixTimeSeconds()),
            ["not_before"] = Text((expires - AccessTokens.Life).ToUnixTimeSeconds()),
            ["access_token"] = token,
        };
        if (resource is { Length: <= MaxResource }) answer["resource"] = resource;
        return answer;
    }

    private static int Seconds => (int)AccessTokens.Life.TotalSeconds - 1;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool SameId(string id, Principal key) => Guid.TryParse(id, out var given) && given.ToString("D") == key.Actor.Id;

    private static async Task<Dictionary<string, string>?> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return null;
        try
        {
            var form = await http.Request.ReadFormAsync(cancellationToken);
            return form.All(field => field.Value.Count == 1)
                ? form.Where(field => !StringValues.IsNullOrEmpty(field.Value)).ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal)
                : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The client from the form or from Basic authentication; false when it is given in both or the header cannot be read.</summary>
    private static bool TryClient(HttpContext http, Dictionary<string, string> form, out string? id, out string? secret)
    {
        (id, secret) = (form.GetValueOrDefault("client_id"), form.GetValueOrDefault("client_secret"));
        if (http.Request.Headers.Authorization is not [{ } header] || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return true;
        if (secret is not null) return false;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[6..].Trim(), bytes, out var length)) return false;
        var parts = Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2);
        if (parts.Length != 2) return false;
        (id, secret) = (Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]));
        return true;
    }

    private static IResult Refuse(string error, string description, int status = StatusCodes.Status400BadRequest) =>
        TypedResults.Json(new Dictionary<string, string> { ["error"] = error, ["error_description"] = description }, (System.Text.Json.JsonSerializerOptions?)null, "application/json", status);
}
