using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Bailiwick.Hub.Vault;

/// <summary>Registers this folder's services.</summary>
public static class VaultServices
{
    /// <summary>
    /// Adds the vault with a file key in <c>keys</c> under the data directory, unless another <see cref="IKekProvider"/> is registered already.
    /// It starts sealed: the server calls <see cref="VaultKeyring.OpenAsync"/> after the migrations and before anything else.
    /// </summary>
    public static IServiceCollection AddVault(this IServiceCollection services, string dataDirectory)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IKekProvider>(_ => new FileKekProvider(Path.Combine(dataDirectory, "keys")));
        return services.AddSingleton<VaultKeyring>().AddSingleton<CredentialVault>().AddSingleton<RowSeal>();
    }
}
