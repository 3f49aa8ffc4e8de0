using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Operators;

/// <summary>Registers this folder's services.</summary>
public static class OperatorServices
{
    /// <summary>
    /// Adds API keys and their authentication scheme; every endpoint needs a signed-in caller unless it says <c>AllowAnonymous</c>. After the vault is
    /// open the server calls <see cref="ApiKeyStore.EnsureOwnerKeyAsync"/>.
    /// </summary>
    public static IServiceCollection AddOperators(this IServiceCollection services)
    {
        services.AddAuthentication(ApiKeyAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        return services.AddSingleton<ApiKeyStore>().AddSingleton<AccessTokens>();
    }
}
