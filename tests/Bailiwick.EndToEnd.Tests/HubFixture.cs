using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Bailiwick.Server;
using Bailiwick.Server.Configuration;
using Bailiwick.Twin.World;
using Microsoft.Extensions.DependencyInjection;
using CloudOptions = Bailiwick.Server.Configuration.CloudOptions;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A hub in this process, on a data directory of its own, with the twin as a cloud.</summary>
internal sealed class HubFixture : IAsyncDisposable
{
    private static readonly Actor Tester = Actor.Job("test");

    private readonly bool _keepFolder;

    private HubFixture(RunningServer server, string folder, bool keepFolder)
    {
        _keepFolder = keepFolder;
        Server = server;
        Folder = folder;
    }

    public RunningServer Server { get; }

    public string Folder { get; }

    public string Lines => Directory.CreateDirectory(Path.Combine(Folder, "lines")).FullName;

    public static async Task<HubFixture> StartAsync(TwinFixture twin, string? folder = null, bool keepFolder = false, Action<ServerOptions>? configure = null)
    {
        folder ??= Directory.CreateTempSubdirectory("bailiwick-hub-").FullName;
        var options = new ServerOptions { Data = Path.Combine(folder, "data"), Urls = ["http://127.0.0.1:0"], Profile = Profile.Test };
        options.Clouds["twin"] = CloudOf(twin);
        foreach (var source in options.Sources.Values) source.PollInterval = TimeSpan.FromSeconds(1);
        configure?.Invoke(options);
        return new HubFixture(await BailiwickServer.StartAsync(options, CancellationToken.None), folder, keepFolder);
    }

    public static CloudOptions CloudOf(TwinFixture twin) => new()
    {
        Login = twin.Host.Address.ToString(),
        Graph = new Uri(twin.Host.Address, "graph").ToString(),
        Defender = new Uri(twin.Host.Address, "defender").ToString(),
        Exporter = new Uri(twin.Host.Address, "exporter").ToString(),
        CaFile = twin.Host.CaFile,
    };

    public T Get<T>()
        where T : notnull => Server.Services.GetRequiredService<T>();

    public async Task<ProviderApplication> AddApplicationAsync(TwinFixture twin)
    {
        using var credential = ApplicationCredential.FromSecret(Secret.FromText(twin.Secret), null);
        return (await Get<ApplicationStore>().AddAsync(Tester, "collector", twin.App.AppId, credential, CancellationToken.None))!;
    }

    public async Task ConnectAsync(ProviderApplication application, IEnumerable<TwinTenant> tenants, string source)
    {
        foreach (var tenant in tenants)
        {
            await Get<CustomerImporter>().ImportAsync(Tester, [new CustomerImportRow(tenant.DisplayName, new TenantId(tenant.Id), "twin")], CancellationToken.None);
            var result = await Get<ConnectService>().ConnectAsync(Tester, new TenantId(tenant.Id), application.Id, source, CancellationToken.None);
            if (result is not ConnectResult.Connected) throw new InvalidOperationException(result.ToString());
        }

        Get<CollectorWorker>().Reload();
    }

    public async Task AddSinkAsync(string name, string kind, object settings, string? secret = null)
    {
        using var given = secret is null ? null : Secret.FromText(secret);
        var added = await Get<SinkStore>().AddAsync(name, kind, JsonSerializer.SerializeToElement(settings), given, SinkStart.Beginning, null, Tester, CancellationToken.None);
        if (added is not SinkAddition.Added) throw new InvalidOperationException(added is SinkAddition.Invalid invalid ? string.Join(' ', invalid.Faults) : added.ToString());
        Get<DeliveryWorker>().Reload();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (!_keepFolder) Directory.Delete(Folder, recursive: true);
    }
}
