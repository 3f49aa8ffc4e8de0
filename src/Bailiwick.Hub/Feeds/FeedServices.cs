using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Feeds;

/// <summary>Registers this folder's services.</summary>
public static class FeedServices
{
    /// <summary>Adds the feeds that programs pull from. Needs alerts, customers, vault and audit.</summary>
    public static IServiceCollection AddFeeds(this IServiceCollection services) => services
        .AddSingleton<FeedStore>()
        .AddSingleton<FeedReader>();
}
