using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Compat;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Feeds;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub;

/// <summary>The options of every word that has some.</summary>
public sealed class HubOptions
{
    /// <summary>The data directory: database, keys, anchors.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>What connections that leave may do.</summary>
    public required OutboundOptions Outbound { get; init; }

    /// <summary>Configured clouds by name, beside the built-in ones.</summary>
    public required IReadOnlyDictionary<string, CloudOptions> Clouds { get; init; }

    /// <summary>How each source is walked, by its name.</summary>
    public required IReadOnlyDictionary<string, CollectorOptions> Collectors { get; init; }

    /// <summary>How sources are compared.</summary>
    public ReconciliationOptions Reconciliation { get; init; } = new();

    /// <summary>How patiently pages are fetched.</summary>
    public UpstreamOptions Upstream { get; init; } = new();

    /// <summary>How sinks are served.</summary>
    public DeliveryOptions Delivery { get; init; } = new();
}

/// <summary>Puts the hub's words together, floor by floor. Each folder registers itself; this file only calls them.</summary>
public static class HubServiceCollectionExtensions
{
    /// <summary>Adds the hub. Needs a <see cref="Storage.Database"/> and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddHub(this IServiceCollection services, HubOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return services
            .AddOutbound(options.Outbound)
            .AddVault(options.DataDirectory)
            .AddAudit(options.DataDirectory)
            .AddCustomers(options.Clouds)
            .AddOperators()
            .AddTokens()
            .AddUpstream(options.Upstream)
            .AddAlerts()
            .AddSinks()
            .AddCollectors(options.Collectors, options.Reconciliation)
            .AddDelivery(options.Delivery)
            .AddFeeds()
            .AddCompat();
    }
}
