using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Hub.Alerts;

/// <summary>Registers this folder's services.</summary>
public static class AlertServices
{
    /// <summary>Adds the alert log and what is committed with it. Needs storage.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton<AlertLog>()
        .AddSingleton<Checkpoints>()
        .AddSingleton<CoverageLedger>()
        .AddSingleton<Positions>()
        .AddSingleton<DeadLetters>()
        .AddSingleton<AlertQuery>();
}
