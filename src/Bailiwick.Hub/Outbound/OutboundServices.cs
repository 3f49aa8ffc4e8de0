using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Outbound;

/// <summary>Registers this folder's services.</summary>
public static class OutboundServices
{
    /// <summary>Adds the <see cref="OutboundFactory"/> with the server's own rules.</summary>
    public static IServiceCollection AddOutbound(this IServiceCollection services, OutboundOptions options) =>
        services.AddSingleton(options).AddSingleton(_ => new OutboundFactory(options));
}
