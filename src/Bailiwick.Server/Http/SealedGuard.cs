using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Vault;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Server.Http;

/// <summary>While the vault is sealed only health is served: there is no partial mode.</summary>
internal static class SealedGuard
{
    public static Func<HttpContext, RequestDelegate, Task> Of(VaultKeyring keyring) => (context, next) =>
        keyring.State is VaultState.Sealed && !context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
            ? OperatorProblems.Sealed().ExecuteAsync(context)
            : next(context);
}
