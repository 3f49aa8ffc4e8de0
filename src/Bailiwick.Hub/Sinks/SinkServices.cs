using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Sinks;

/// <summary>Registers this folder's services.</summary>
public static class SinkServices
{
    /// <summary>Adds the configured sinks. Needs storage, vault, audit, outbound and the clouds.</summary>
    public static IServiceCollection AddSinks(this IServiceCollection services) => services
        .AddSingleton<SinkStore>()
        .AddSingleton<SinkSet>();
}
