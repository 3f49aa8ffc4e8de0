namespace Bailiwick.Twin.World;

/// <summary>Who calls a plane, as read from a bearer token that the twin issued and has checked.</summary>
/// <param name="TenantId">The resource tenant (<c>tid</c>).</param>
/// <param name="Audience">The resource the token is for (<c>aud</c>), normalised without a trailing slash.</param>
/// <param name="AppId">The calling application's client id.</param>
/// <param name="ObjectId">The user's object id in the tenant, or the service principal's.</param>
/// <param name="IsApplication">True for an app-only token.</param>
/// <param name="Roles">Application permissions; empty for user tokens.</param>
/// <param name="Scopes">Delegated permissions; empty for app-only tokens.</param>
/// <param name="UserName">The user's principal name; null for app-only tokens.</param>
public sealed record TwinPrincipal(
    Guid TenantId,
    string Audience,
    Guid AppId,
    Guid ObjectId,
    bool IsApplication,
    IReadOnlySet<string> Roles,
    IReadOnlySet<string> Scopes,
    string? UserName);

/// <summary>Reads bearer tokens for the planes behind sign-in.</summary>
public interface ITwinTokenReader
{
    /// <summary>Checks signature, time, audience and revocation of an <c>Authorization</c> header value.</summary>
    /// <param name="authorization">The header value, or null.</param>
    /// <param name="audiences">Resource identifiers the plane accepts.</param>
    /// <param name="principal">The caller when the answer is null.</param>
    /// <returns>Null when good, else one sentence saying what is wrong with the token.</returns>
    string? Read(string? authorization, IReadOnlyList<string> audiences, out TwinPrincipal? principal);
}
