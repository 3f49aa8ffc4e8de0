using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Upstream;

/// <summary>Registers this folder's services.</summary>
public static class UpstreamServices
{
    /// <summary>Adds the client that gets pages. Needs outbound and tokens.</summary>
    public static IServiceCollection AddUpstream(this IServiceCollection services, UpstreamOptions options) => services
        .AddSingleton(options)
        .AddSingleton<UpstreamClient>();
}
