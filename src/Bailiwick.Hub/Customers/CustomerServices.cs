using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Customers;

/// <summary>Registers this folder's services.</summary>
public static class CustomerServices
{
    /// <summary>Adds customers with their pauses, tenants and clouds. Needs storage, vault and audit.</summary>
    /// <param name="services">The composition.</param>
    /// <param name="clouds">Configured clouds by name; null for the built-in ones.</param>
    /// <exception cref="InvalidOperationException">A cloud is not configured well; all faults in one message.</exception>
    public static IServiceCollection AddCustomers(this IServiceCollection services, IReadOnlyDictionary<string, CloudOptions>? clouds = null) => services
        .AddSingleton(new CloudCatalog(clouds))
        .AddSingleton<CustomerStore>()
        .AddSingleton<TenantStore>()
        .AddSingleton<CustomerPauses>()
        .AddSingleton<CustomerImporter>();
}
