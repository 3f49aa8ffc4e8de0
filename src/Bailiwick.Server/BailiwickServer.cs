using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Telemetry;
using Bailiwick.Server.Configuration;
using Bailiwick.Server.Http;
using Bailiwick.Server.Start;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server;

/// <summary>Starts the hub.</summary>
public static class BailiwickServer
{
    /// <summary>The most bytes of a request body, unless the endpoint's own metadata says otherwise. 1 MiB.</summary>
    public const long MaxBodyBytes = 1024 * 1024;

    /// <summary>The product's version, for example <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        (typeof(BailiwickServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];

    /// <summary>Starts and answers as soon as every address is listened on and the database has this program's schema.</summary>
    /// <exception cref="ConfigurationException">The options cannot be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory cannot be used.</exception>
    /// <exception cref="PortInUseException">Another program listens on an address.</exception>
    /// <exception cref="NewerDataException">The database was written by a newer program.</exception>
    public static Task<RunningServer> StartAsync(ServerOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, static _ => { }, static _ => { }, cancellationToken);

    /// <summary>Runs until <paramref name="cancellationToken"/> asks to stop; then finishes what is in flight, for at most 30 s.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="started">Called once when the hub listens.</param>
    /// <param name="cancellationToken">Asks to stop.</param>
    /// <inheritdoc cref="StartAsync(ServerOptions, CancellationToken)" path="/exception"/>
    public static async Task RunAsync(ServerOptions options, Action<RunningServer> started, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(started);
        await using var server = await StartAsync(options, cancellationToken);
        started(server);
        await server.WaitForStopAsync(cancellationToken);
    }

    /// <summary>As the public one, with services and routes of a test's own.</summary>
    internal static async Task<RunningServer> StartAsync(
        ServerOptions options, Action<IServiceCollection> addServices, Action<IEndpointRouteBuilder> mapRoutes, CancellationToken cancellationToken)
    {
        if (ConfigValidator.Validate(options) is { Count: > 0 } faults) throw new ConfigurationException(faults);
        var directory = DataDirectory.Take(options.Data);
        WebApplication? app = null;
        try
        {
            app = Build(options, addServices);
            await Migrator.MigrateAsync(app.Services.GetRequiredService<Database>(), cancellationToken);
            var mark = await app.Services.GetRequiredService<HubStart>().RunAsync(directory.Path, cancellationToken);
            Pipe(app, options);
            Composition.MapRoutes(app);
            mapRoutes(app);
            await app.StartAsync(cancellationToken);
            return new RunningServer(app, directory, mark);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await GiveUpAsync(app, directory);
            throw new PortInUseException($"Another program listens on {string.Join(" or ", options.Urls)}: stop it, or choose another address with --urls.", e);
        }
        catch
        {
            await GiveUpAsync(app, directory);
            throw;
        }
    }

    private static async Task GiveUpAsync(WebApplication? app, DataDirectory directory)
    {
        if (app is not null) await app.DisposeAsync();
        directory.Dispose();
    }

    private static WebApplication Build(ServerOptions options, Action<IServiceCollection> addServices)
    {
        // An empty builder reads no appsettings.json and no ASPNETCORE_ variable: what is configured is what ServerOptions says.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Bailiwick", EnvironmentName = Environments.Production });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxRequestLineSize = 4 * RequestGuards.MaxAddressBytes; // the guard answers first, with a problem document
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            if (options.TlsCertificateFile is { } certificate)
            {
                kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, options.TlsKeyFile));
            }
        });
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // That starting failed is said once, by whoever started.
        builder.Logging.SetMinimumLevel(options.Profile == Profile.Demo ? LogLevel.Warning : LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddRouting();
        builder.Services.AddOpenApi("v1", ApiDescription.Describe);
        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        Composition.AddServices(builder.Services, options);
        addServices(builder.Services);
        return builder.Build();
    }

    private static void Pipe(WebApplication app, ServerOptions options)
    {
        app.Services.GetRequiredService<PrometheusText>(); // hears only what is measured after it was made
        var guards = new RequestGuards(options.Urls, options.Hosts);
        app.Use(SecurityHeaders.Add);
        app.Use(app.Services.GetRequiredService<AnswerCount>().Count);
        app.Use(app.Services.GetRequiredService<Refusals>().Catch);
        app.Use(guards.Check);
        Composition.Use(app);
        app.UseRequiredActions();
    }
}
