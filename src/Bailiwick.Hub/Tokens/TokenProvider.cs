using Bailiwick.Api;

namespace Bailiwick.Hub.Tokens;

/// <summary>Which of Microsoft's planes a token is for.</summary>
public enum TokenAudience
{
    /// <summary>Microsoft Graph.</summary>
    Graph,

    /// <summary>Defender for Endpoint's API.</summary>
    Defender,

    /// <summary>The legacy alert exporter.</summary>
    Exporter,
}

/// <summary>What the sign-in service answered.</summary>
public abstract record TokenResult
{
    private TokenResult()
    {
    }

    /// <summary>A token that may be used until it expires.</summary>
    /// <param name="AccessToken">The bearer token; opaque, never logged.</param>
    /// <param name="ExpiresAt">UTC.</param>
    public sealed record Acquired(string AccessToken, DateTimeOffset ExpiresAt) : TokenResult
    {
        /// <summary>Never shows the token.</summary>
        public override string ToString() => $"Acquired until {ExpiresAt:O}";
    }

    /// <summary>Temporary: try again, not before <paramref name="After"/> if given.</summary>
    public sealed record TryLater(string Detail, TimeSpan? After = null) : TokenResult;

    /// <summary>Nothing will change without a person.</summary>
    /// <param name="Error">The OAuth <c>error</c> value, the only thing decided on.</param>
    /// <param name="Detail">One sentence for people: what is wrong and who can mend it. May name an AADSTS code.</param>
    public sealed record Refused(string Error, string Detail) : TokenResult;
}

/// <summary>Gets access tokens per tenant through the tenant's connection. One request at a time per credential; cached until shortly before expiry.</summary>
public sealed class TokenProvider
{
    /// <summary>A token of the tenant's connection for one plane.</summary>
    /// <param name="tenant">The customer tenant; its stored GUID becomes the authority.</param>
    /// <param name="audience">The plane.</param>
    /// <param name="renew">True after a 401: do not answer from the cache.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<TokenResult> GetAsync(TenantId tenant, TokenAudience audience, bool renew, CancellationToken cancellationToken) => throw new NotSupportedException();
}
