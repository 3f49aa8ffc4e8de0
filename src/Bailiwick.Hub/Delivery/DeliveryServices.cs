using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Delivery;

/// <summary>Registers this folder's services.</summary>
public static class DeliveryServices
{
    /// <summary>Adds the worker that serves the sinks. Needs alerts, sinks and customers.</summary>
    public static IServiceCollection AddDelivery(this IServiceCollection services, DeliveryOptions options) => services
        .AddSingleton<TenantNames>()
        .AddSingleton(provider => Follow(provider.GetRequiredService<SinkStore>(), new DeliveryWorker(
            provider.GetRequiredService<SinkSet>().OpenAsync,
            provider.GetRequiredService<TenantNames>().FindAsync,
            options,
            provider.GetRequiredService<AlertLog>(),
            provider.GetRequiredService<Positions>(),
            provider.GetRequiredService<DeadLetters>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DeliveryWorker>>())))
        .AddHostedService(provider => provider.GetRequiredService<DeliveryWorker>());

    private static DeliveryWorker Follow(SinkStore sinks, DeliveryWorker worker)
    {
        sinks.Changed += worker.Reload;
        return worker;
    }
}
