using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Operators;

/// <summary>The refusals of authorization as problem details (RFC 9457). They say the same whatever the reason was.</summary>
public static class OperatorProblems
{
    private const string Base = "urn:bailiwick:problem:";

    /// <summary>401: nobody is signed in.</summary>
    public static IResult Unauthenticated() => Problem(401, "unauthenticated", "Not signed in", "Send 'Authorization: Bearer bwk_…' with a key that is neither expired nor revoked.");

    /// <summary>403: known, but not allowed.</summary>
    public static IResult Denied() => Problem(403, "denied", "Not allowed", "Your role does not allow this. An owner can give you another one.");

    /// <summary>404: no such thing, or not yours; nobody can tell which.</summary>
    public static IResult NotFound() => Problem(404, "not-found", "Not found", "There is no such thing, or you may not see it.");

    /// <summary>503: the vault is sealed.</summary>
    public static IResult Sealed() => Problem(503, "sealed", "The vault is sealed", "Only health and unseal are served until the key-encryption key is back.");

    private static IResult Problem(int status, string type, string title, string detail) => Results.Problem(detail, null, status, title, Base + type);
}
