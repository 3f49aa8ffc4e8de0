using System.Net;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.Graph.Directory;
using Bailiwick.Twin.Graph.Governance;
using Bailiwick.Twin.MyAccess;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Twin;

/// <summary>The twin cannot start as told; the message is one sentence for the person who told it.</summary>
public sealed class TwinStartException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A running twin: the stand-in of Entra ID at the root of one TLS port, the other planes beside it, the control API on a second port and, when asked for,
/// a proxy that answers for Microsoft's host names. For rehearsal and tests only.
/// </summary>
public sealed class TwinHost : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);
    private readonly WebApplication _app;
    private readonly WebApplication _control;
    private readonly RequestCounters _counters;
    private readonly Opened _opened;

    private TwinHost(WebApplication app, WebApplication control, TwinServices services, RequestCounters counters, string caFile, Opened opened)
    {
        _counters = counters;
        _app = app;
        _control = control;
        _opened = opened;
        Services = services;
        CaFile = caFile;
        Address = new Uri($"https://localhost:{PortOf(app, "https")}");
        ControlAddress = new Uri($"http://127.0.0.1:{PortOf(control, "http")}");
        ProxyAddress = services.Options.ProxyPort is null ? null : new Uri($"http://127.0.0.1:{PortOf(app, "http")}");
    }

    /// <summary>Origin of all planes, <c>https://localhost:PORT</c>.</summary>
    public Uri Address { get; }

    /// <summary>Origin of the control API, <c>http://127.0.0.1:PORT</c>.</summary>
    public Uri ControlAddress { get; }

    /// <summary>The proxy for unmodified programs (<c>HTTPS_PROXY</c>), or null.</summary>
    public Uri? ProxyAddress { get; }

    /// <summary>The CA certificate in PEM, for <c>SSL_CERT_FILE</c> or <c>NODE_EXTRA_CA_CERTS</c>.</summary>
    public string CaFile { get; }

    /// <summary>Routes of the TLS port, for the table in <c>docs/twin-routes.md</c>.</summary>
    internal IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>Requests on the TLS port that are being answered at this moment.</summary>
    public int OpenRequests => _counters.Open;

    /// <summary>What the planes share, for programs that run the twin in their own process.</summary>
    public TwinServices Services { get; }

    /// <summary>Starts a twin with sign-in only.</summary>
    /// <exception cref="TwinStartException">Options, data directory or ports do not allow it.</exception>
    public static Task<TwinHost> StartAsync(TwinOptions options, CancellationToken cancellationToken) => StartAsync(options, [], cancellationToken);

    /// <summary>Starts a twin.</summary>
    /// <param name="options">How.</param>
    /// <param name="planes">Make the planes beside sign-in, once each; a plane that is <see cref="IDisposable"/> is disposed with the twin.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="TwinStartException">Options, data directory or ports do not allow it.</exception>
    public static async Task<TwinHost> StartAsync(TwinOptions options, IReadOnlyList<Func<TwinServices, ITwinPlane>> planes, CancellationToken cancellationToken)
    {
        if (options.Validate() is { } wrong) throw new TwinStartException(wrong);
        var opened = new Opened();
        try
        {
            return await StartAsync(options, planes, opened, cancellationToken);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _control.StopAsync(CancellationToken.None);
        await _app.StopAsync(CancellationToken.None);
        await _opened.DisposeAsync();
    }

    private static async Task<TwinHost> StartAsync(TwinOptions options, IReadOnlyList<Func<TwinServices, ITwinPlane>> planes, Opened opened, CancellationToken cancellationToken)
    {
        var directory = options.DataDirectory is null ? opened.CreateTemporaryDirectory() : PrepareDirectory(options.DataDirectory);
        TwinHost? host = null;

        var store = opened.Add(OpenStore(options.DataDirectory));
        var durable = options.DataDirectory is null ? null : store;
        var certificates = options.DataDirectory is not null ? TwinCertificates.OpenOrCreate(directory, TimeProvider.System) : TwinCertificates.CreateTemporary(directory, TimeProvider.System);
        var clock = new TwinClock(options.TimeProvider);
        var random = new TwinRandom(options.Seed);
        var switches = new TwinSwitches(options);
        var world = new TwinDirectory(durable, clock, random);
        var key = new SigningKey(durable);
        var issuers = new IssuerNames(options.IssuerMode, () => host!.Address.GetLeftPart(UriPartial.Authority));
        var reader = new TokenReader(key, world, switches, clock);
        var faults = new TwinFaults(clock);
        var counters = new RequestCounters();
        var audit = new TwinAuditLog(store, clock, random);
        var timeline = opened.Add(new TwinTimeline(clock, options.TimeProvider));
        var entra = new EntraServices(world, switches, clock, options, new GrantStore(durable, clock), key, issuers, new TokenIssuer(key, issuers, options, clock), new ConsentRules(world), audit, random);
        var services = new TwinServices(store, clock, world, reader, faults, options, random, switches, audit, timeline, new TwinSnapshots(clock))
        {
            SignIn = new FirstPartySignIn(entra, () => host!.Address.GetLeftPart(UriPartial.Authority)),
        };
        services.Snapshots.Add([.. world.Parts, audit.Part]);
        services.Snapshots.AfterRestore(_ => world.Reindex());
        var signIn = new SignInPlane(entra) { Reader = reader };
        var batch = new GraphBatch();
        var governance = new EntitlementManagement(services);
        List<ITwinPlane> others = [new DirectoryPlane(services, batch), new GovernancePlane(services, governance), new MyAccessPlane(governance, new MyAccessSignIn(services, entra.Grants, () => host!.Address)), .. planes.Select(plane => opened.Add(plane(services)))];

        services.Snapshots.Add(others.SelectMany(plane => plane.Parts));
        var proxy = new ConnectProxy(() => host!.Address.Port);
        var app = opened.Add(Build(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server });
            });
            if (options.ProxyPort is { } proxyPort) kestrel.Listen(IPAddress.Loopback, proxyPort, listen => listen.Run(proxy.HandleAsync));
        }));
        var gate = new FaultMiddleware(faults, counters, reader, world, clock, TimeProvider.System);
        app.Use((context, next) =>
        {
            if (TwinAddress.PrefixOf(context.Request.Host.Host) is { } prefix && !context.Request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase)) context.Request.Path = new PathString(prefix).Add(context.Request.Path);
            return next(context);
        });
        app.Use(next =>
        {
            batch.Pipeline = context => gate.InvokeAsync(context, next);
            return batch.Pipeline;
        });
        if (options.Around is { } around) app.Use(around);
        app.UseRouting();
        signIn.Map(app);
        foreach (var plane in others) plane.Map(app);

        var control = opened.Add(Build(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null; // files of alerts come in here, from this machine only
            kestrel.Listen(IPAddress.Loopback, options.ControlPort);
        }));
        new ControlApi(services, switches, counters).Map(control);
        foreach (var plane in others) plane.MapControl(control);

        await StartAsync(app, $"{options.Port} or {options.ProxyPort?.ToString() ?? "-"}", cancellationToken);
        await StartAsync(control, $"{options.ControlPort}", cancellationToken);
        host = new TwinHost(app, control, services, counters, certificates.CaFile, opened);
        return host;
    }

    private static WebApplication Build(Action<KestrelServerOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "twin", EnvironmentName = Environments.Production });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            configure(kestrel);
        });
        return builder.Build();
    }

    private static async Task StartAsync(WebApplication app, string ports, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new TwinStartException($"The twin cannot listen on port {ports} of 127.0.0.1: {e.Message}", e);
        }
    }

    private static string PrepareDirectory(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows() || Directory.Exists(path)) Directory.CreateDirectory(path);
            else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return Path.GetFullPath(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TwinStartException($"The twin cannot use the data directory '{path}': {e.Message}", e);
        }
    }

    private static TwinStore OpenStore(string? directory)
    {
        try
        {
            return new TwinStore(directory);
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw new TwinStartException($"The twin cannot open twin.db in '{directory}': {e.Message}", e);
        }
    }

    private static int PortOf(WebApplication app, string scheme) =>
        app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address => new Uri(address)).First(address => address.Scheme == scheme).Port;

    /// <summary>What a twin holds, given back in the order opposite to that of its opening.</summary>
    private sealed class Opened : IAsyncDisposable
    {
        private readonly Stack<object> _held = [];
        private string? _temporary;

        public T Add<T>(T held)
            where T : class
        {
            _held.Push(held);
            return held;
        }

        public string CreateTemporaryDirectory() => _temporary = Directory.CreateTempSubdirectory("twin-").FullName;

        public async ValueTask DisposeAsync()
        {
            while (_held.TryPop(out var held))
            {
                if (held is IAsyncDisposable both) await both.DisposeAsync();
                else (held as IDisposable)?.Dispose();
            }

            if (_temporary is not null && Directory.Exists(_temporary)) Directory.Delete(_temporary, recursive: true);
        }
    }

    /// <summary>The program that runs the twin decides when it ends; Ctrl-C is its own business.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
