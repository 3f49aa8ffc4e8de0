using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Collectors;

/// <summary>Registers this folder's services.</summary>
public static class CollectorServices
{
    /// <summary>Adds the collectors and the worker that runs them. Needs alerts, upstream, tokens and customers.</summary>
    /// <param name="services">The composition.</param>
    /// <param name="options">Options by source name; a source without any has the defaults.</param>
    /// <param name="reconciliation">How sources are compared.</param>
    public static IServiceCollection AddCollectors(this IServiceCollection services, IReadOnlyDictionary<string, CollectorOptions> options, ReconciliationOptions reconciliation)
    {
        var defaults = new CollectorOptions();
        return services
            .AddSingleton<CollectorTargets>()
            .AddSingleton<CollectorTroubles>()
            .AddSingleton<RequestBudgets>()
            .AddSingleton<Reconciliations>()
            .AddSingleton(provider => Follow(provider.GetRequiredService<ConnectionStore>(), provider.GetRequiredService<CustomerPauses>(), new CollectorWorker(
                provider.GetRequiredService<CollectorTargets>().ListAsync,
                source => options.GetValueOrDefault(source, defaults),
                provider.GetRequiredService<UpstreamClient>(),
                provider.GetRequiredService<AlertLog>(),
                provider.GetRequiredService<Checkpoints>(),
                provider.GetRequiredService<CoverageLedger>(),
                provider.GetRequiredService<CollectorTroubles>(),
                provider.GetRequiredService<RequestBudgets>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<CollectorWorker>>())))
            .AddSingleton(provider => new ReconciliationWorker(
                provider.GetRequiredService<CollectorTargets>(),
                provider.GetRequiredService<Reconciliations>(),
                reconciliation,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ReconciliationWorker>>(),
                new Reconciler(
                    provider.GetRequiredService<UpstreamClient>(),
                    provider.GetRequiredService<AlertQuery>(),
                    provider.GetRequiredService<AlertLog>(),
                    provider.GetRequiredService<Reconciliations>(),
                    provider.GetRequiredService<RequestBudgets>(),
                    source => options.GetValueOrDefault(source, defaults),
                    provider.GetRequiredService<TimeProvider>())))
            .AddHostedService(provider => provider.GetRequiredService<CollectorWorker>())
            .AddHostedService(provider => provider.GetRequiredService<ReconciliationWorker>());
    }

    private static CollectorWorker Follow(ConnectionStore connections, CustomerPauses pauses, CollectorWorker worker)
    {
        connections.Changed += worker.Reload;
        pauses.Changed += worker.Reload;
        return worker;
    }
}
