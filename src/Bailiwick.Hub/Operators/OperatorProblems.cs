using Bailiwick.Api;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Operators;

/// <summary>The refusals of authorization as problem details (RFC 9457). They say the same whatever the reason was.</summary>
public static class OperatorProblems
{
    /// <summary>When to ask a sealed hub again.</summary>
    public static readonly TimeSpan SealedRetry = TimeSpan.FromSeconds(30);

    /// <summary>401: nobody is signed in.</summary>
    public static IResult Unauthenticated() =>
        Answers.Refuse(Problems.Unauthenticated, "Send 'Authorization: Bearer bwk_…' with a key that is neither expired nor revoked.");

    /// <summary>403: known, but not allowed.</summary>
    public static IResult Denied() => Answers.Refuse(Problems.Forbidden, "Your role does not allow this. An owner can give you another one.");

    /// <summary>404: no such thing, or not yours; nobody can tell which.</summary>
    public static IResult NotFound() => Answers.Refuse(Problems.NotFound, "There is no such thing, or you may not see it.");

    /// <summary>503: the vault is sealed.</summary>
    public static IResult Sealed() => Answers.Refuse(
        Problems.Sealed, "Only health is served until the key-encryption key is back: put the key file back and start the hub again.", retryAfter: SealedRetry);
}
