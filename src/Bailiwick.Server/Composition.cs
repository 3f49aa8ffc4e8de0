using Bailiwick.Hub;
using Bailiwick.Hub.Compat;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Bailiwick.ScaleOut;
using Bailiwick.Server.Configuration;
using Bailiwick.Server.Endpoints;
using Bailiwick.Server.Http;
using Bailiwick.Server.Start;
using Bailiwick.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Bailiwick.Server;

/// <summary>Where the hub's parts are put together. The only place that knows both the configuration and the parts.</summary>
internal static class Composition
{
    /// <summary>Registers everything.</summary>
    public static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(_ => options.Clock is { } clock ? new BorrowedClock(new Uri(clock), TimeProvider.System) : TimeProvider.System);
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<AnswerCount>();
        services.AddSingleton<RequestBudget>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<Refusals>();
        services.AddSingleton<CoverageSurvey>();
        services.AddSingleton(_ => OpenDatabase(options)); // made by the container, so that it closes it too
        services.AddSingleton<HubLease>().AddHostedService(provider => provider.GetRequiredService<HubLease>());
        services.AddSingleton<HubStart>();
        services.AddHostedService<MemoryReturn>();
        services.AddSingleton<VaultUpkeep>().AddHostedService(provider => provider.GetRequiredService<VaultUpkeep>());
        services.AddHub(options.ToHubOptions());
        services.AddSingleton<IReadiness, DatabaseReadiness>().AddSingleton<IReadiness, VaultReadiness>().AddSingleton<IReadiness, LeaseReadiness>();
        services.AddSingleton(provider => new Started(provider.GetRequiredService<TimeProvider>().GetUtcNow()));
        if (options.OtlpEndpoint is not null) services.AddHostedService<OtlpExport>();
    }

    /// <summary>Middleware of the parts, behind the guards. The budget stands before the refusals of authorization, so that trying keys is limited too.</summary>
    public static void Use(WebApplication app)
    {
        app.Use(SealedGuard.Of(app.Services.GetRequiredService<VaultKeyring>()));
        app.UseRouting();
        app.UseAuthentication();
        app.Use(app.Services.GetRequiredService<RequestBudget>().Spend);
        app.UseAuthorization();
    }

    /// <summary>Maps every route.</summary>
    public static void MapRoutes(IEndpointRouteBuilder routes)
    {
        OwnEndpoints.Map(routes);
        var strict = routes.MapStrict();
        CustomerEndpoints.Map(strict);
        KeyEndpoints.Map(strict);
        AuditEndpoints.Map(strict);
        StatusEndpoints.Map(strict);
        CoverageEndpoints.Map(strict);
        strict.MapHub();
        routes.MapCompat();
    }

    /// <summary>The database that the configuration names; nothing is opened yet.</summary>
    /// <exception cref="ConfigurationException">The connection string or the file that holds it cannot be used.</exception>
    public static Database OpenDatabase(ServerOptions options)
    {
        try
        {
            var connection = options.DatabaseFile is { } file ? File.ReadAllText(file).Trim() : options.Database;
            return connection is null ? new SqliteDatabase(Path.Combine(options.Data, "bailiwick.db")) : new PostgresDatabase(connection);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
        {
            var where = options.DatabaseFile is null ? "Database" : "DatabaseFile";
            throw new ConfigurationException([$"{where} is not a PostgreSQL connection string that can be used: write Host=…;Database=…;Username=…, or leave it out for SQLite."]);
        }
    }
}
