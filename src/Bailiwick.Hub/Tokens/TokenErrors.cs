using System.Globalization;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Outbound;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Tokens;

/// <summary>
/// Sorts what the sign-in library threw by the OAuth <c>error</c> alone; AADSTS numbers are quoted for people. Sources: reference-error-codes
/// (2025), v2-oauth2-auth-code-flow (2025).
/// </summary>
internal static partial class TokenErrors
{
    public static bool Handles(Exception exception, CancellationToken cancellationToken) =>
        exception is MsalException or HttpRequestException or IOException or OutboundRefusedException
        || IsUnreadable(exception)
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>What the library throws when the answer's tokens are not what it takes for granted (two claims of one name, no base64, no JSON).</summary>
    private static bool IsUnreadable(Exception exception) =>
        exception is InvalidOperationException or ArgumentException or FormatException or System.Text.Json.JsonException;

    public static TokenResult Map(Exception exception, ConnectionFlow flow, DateTimeOffset now)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is OutboundRefusedException refused) return new TokenResult.Refused("outbound_refused", refused.Message);
        }

        return exception switch
        {
            MsalThrottledServiceException throttled => new TokenResult.TryLater("The sign-in service asked for a pause.", RetryAfter.Of(throttled.Headers?.RetryAfter, now)),
            MsalServiceException service when IsTemporary(service) => new TokenResult.TryLater(
                $"The sign-in service is not available ({(service.StatusCode > 0 ? service.StatusCode : service.ErrorCode)}).", RetryAfter.Of(service.Headers?.RetryAfter, now)),
            _ when IsUnreadable(exception) => new TokenResult.Refused("invalid_answer", "The sign-in service's answer could not be understood; nothing of it was used."),
            MsalException answered => new TokenResult.Refused(answered.ErrorCode, Explain(answered, flow)),
            _ => new TokenResult.TryLater("The sign-in service could not be reached."),
        };
    }

    /// <summary>Whether only a person at a browser can mend it.</summary>
    public static ConnectionState StateOf(TokenResult.Refused refused, ConnectionFlow flow) =>
        flow == ConnectionFlow.AuthorizationCode
        && (refused.Error is "invalid_grant" or "interaction_required" or "consent_required" or "login_required" or "no_tokens_found" or "user_null")
            ? ConnectionState.NeedsPerson
            : ConnectionState.Refused;

    private static bool IsTemporary(MsalServiceException exception) =>
        exception.StatusCode is >= 500 or 429 || exception.ErrorCode is "temporarily_unavailable" or "service_not_available" or "request_timeout" or "server_error";

    /// <summary>One sentence with the number, when there is one: what the number says, else what the OAuth error says.</summary>
    private static string Explain(MsalException answered, ConnectionFlow flow) =>
        (Aadsts().Match(answered.Message ?? "") is { Success: true } match && int.TryParse(match.ValueSpan["AADSTS".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && SignInCodes.Find(number) is { } code
            ? code.Sentence
            : Explain(answered.ErrorCode, flow)) + CodeIn(answered.Message ?? "");

    private static string Explain(string error, ConnectionFlow flow) => error switch
    {
        "invalid_client" => "The application's secret or certificate was not accepted: the provider replaces it under applications (the secret's value, not its id).",
        "unauthorized_client" => "The application is not known or is disabled in this tenant: the customer's administrator gives admin consent.",
        "invalid_resource" => "The API's service principal is missing in this tenant: the customer checks that the product is provisioned and licensed.",
        "invalid_scope" or "unsupported_grant_type" => "The sign-in service does not accept this kind of request for the application: the provider checks the app registration.",
        "invalid_request" => "The sign-in service does not accept the request: the provider checks the tenant id and the app registration.",
        "access_denied" => "The person declined; nothing is asked again until somebody starts over.",
        "consent_required" => "Consent is missing: the customer's administrator gives it.",
        "invalid_grant" or "interaction_required" or "login_required" or "no_tokens_found" or "user_null" => flow == ConnectionFlow.AuthorizationCode
            ? "The sign-in behind this connection is no longer valid: a person connects the tenant again."
            : "The tenant's policies do not let the application sign in: the customer's administrator checks Conditional Access for workload identities.",
        _ => "The sign-in service refused for good.",
    };

    /// <summary>The AADSTS number in a message as <c> (AADSTS…)</c>, for people; empty without one.</summary>
    public static string CodeIn(string message) => Aadsts().Match(message ?? "") is { Success: true } match ? $" ({match.Value})" : "";

    [GeneratedRegex("AADSTS[0-9]{2,9}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Aadsts();
}
