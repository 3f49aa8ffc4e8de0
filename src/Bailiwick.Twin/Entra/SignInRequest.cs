using Bailiwick.Twin.World;
using Microsoft.Extensions.Primitives;

namespace Bailiwick.Twin.Entra;

/// <summary>The parameters of an authorize (or device code) request that later steps need; unknown parameters are ignored. Source: v2-oauth2-auth-code-flow, 2025.</summary>
internal sealed record SignInRequest
{
    public required string Segment { get; init; }

    public required Guid ClientId { get; init; }

    /// <summary>True for the v1.0 endpoints.</summary>
    public required bool Legacy { get; init; }

    public string RedirectUri { get; init; } = "";

    public RedirectPlatform Platform { get; init; }

    public string ResponseType { get; init; } = "code";

    public string ResponseMode { get; init; } = "query";

    public string Scope { get; init; } = "";

    public string? Resource { get; init; }

    public string? State { get; init; }

    public string? Nonce { get; init; }

    public string? Prompt { get; init; }

    public string? LoginHint { get; init; }

    public string? Challenge { get; init; }

    public string ChallengeMethod { get; init; } = "plain";

    public bool WantsClientInfo { get; init; }

    public string? Claims { get; init; }

    /// <summary>One parameter, null when absent or empty.</summary>
    public static string? Read(IEnumerable<KeyValuePair<string, StringValues>> parameters, string name)
    {
        foreach (var (key, values) in parameters)
        {
            if (key == name) return string.IsNullOrEmpty(values[0]) ? null : values[0];
        }

        return null;
    }

    /// <summary>The permissions asked for, in whichever spelling.</summary>
    public EntraError? TryReadScope(TwinDirectory directory, out ScopeRequest scope) =>
        Legacy ? ScopeRequest.TryParseLegacy(directory, Resource, Segment, out scope) : ScopeRequest.TryParse(directory, Scope, Segment, out scope);
}
