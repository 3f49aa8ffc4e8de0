using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Tokens;

/// <summary>Registers this folder's services.</summary>
public static class TokenServices
{
    /// <summary>Adds applications, connections and tokens. Needs storage, vault, audit, outbound and customers.</summary>
    public static IServiceCollection AddTokens(this IServiceCollection services) => services
        .AddSingleton<ApplicationStore>()
        .AddSingleton<ConnectionStore>()
        .AddSingleton<TenantProof>()
        .AddSingleton<MsalApplications>()
        .AddSingleton(provider => new TokenProvider(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<ConnectionStore>(),
            provider.GetRequiredService<ApplicationStore>(),
            provider.GetRequiredService<CredentialVault>(),
            provider.GetRequiredService<AuditLog>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<MsalApplications>()))
        .AddSingleton(provider => new ConnectService(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<ConnectionStore>(),
            provider.GetRequiredService<ApplicationStore>(),
            provider.GetRequiredService<TokenProvider>(),
            provider.GetRequiredService<AuditLog>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<MsalApplications>(),
            provider.GetRequiredService<TenantProof>()));
}
