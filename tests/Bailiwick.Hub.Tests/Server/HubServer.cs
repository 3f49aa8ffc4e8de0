using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Server;
using Bailiwick.Server.Configuration;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

/// <summary>A whole hub on a free port with two customers: "ours", for which keys are made, and "theirs".</summary>
public sealed class HubServer : IAsyncLifetime
{
    public const string OursName = "Ours <b>&amp;</b> \"Söner\"";

    private static readonly Actor Maker = new("job", "test");

    private RunningServer? _running;

    public string Folder { get; } = Directory.CreateTempSubdirectory("bailiwick-server-").FullName;

    public CustomerId Ours { get; private set; }

    public CustomerId Theirs { get; private set; }

    public TenantRecord OurTenant { get; private set; } = null!;

    public TenantRecord TheirTenant { get; private set; } = null!;

    public string OurLetter { get; private set; } = "";

    public string OurCollectorLetter { get; private set; } = "";

    public string TheirLetter { get; private set; } = "";

    public string Owner { get; private set; } = "";

    public Uri Address => _running!.Addresses[0];

    public IReadOnlyList<RouteEndpoint> Endpoints => [.. Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    public static ServerOptions OptionsOf(string folder) =>
        new() { Data = Path.Combine(folder, "hub"), Urls = ["http://127.0.0.1:0"], Profile = Profile.Test };

    public T Get<T>()
        where T : notnull => _running!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        _running = await BailiwickServer.StartAsync(OptionsOf(Folder), static _ => { }, static _ => { }, CancellationToken.None);
        Owner = (await File.ReadAllTextAsync(Path.Combine(_running.Data, "owner.key"))).Trim();
        (Ours, OurTenant) = await AddCustomerAsync(OursName);
        (Theirs, TheirTenant) = await AddCustomerAsync("Theirs");
        OurLetter = await SetAsideAsync(OurTenant);
        TheirLetter = await SetAsideAsync(TheirTenant);
        await Get<AlertLog>().AppendAsync(
            OurTenant.TenantKey, OurTenant.Id, AlertSources.GraphAlerts, [], [new RejectedRecord("odd", "foreign-tenant", "The record names another tenant.", "{}"u8.ToArray())], null, CancellationToken.None);
        OurCollectorLetter = (await Get<DeadLetters>().ListAsync(null, "collector:GraphAlerts", null, null, 1, CancellationToken.None))[0].Id;
    }

    public async Task DisposeAsync()
    {
        if (_running is not null) await _running.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public async Task<string> KeyAsync(Role role, CustomerId? customer)
    {
        var (_, text) = await Get<ApiKeyStore>().CreateAsync(
            Maker, new NewApiKey($"{role}", role, customer is { } one ? [one] : null, null, TimeProvider.System.GetUtcNow().AddDays(1)), CancellationToken.None);
        using (text) return text.RevealText();
    }

    /// <summary>A client that neither follows redirects nor keeps cookies.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public BailiwickClient Api(string key) => new(Client(key), key, TimeProvider.System);

    public async Task<CollectedAlert> AppendAsync(TenantRecord tenant, string id, DateTimeOffset updated, string title, string status = "new")
    {
        var raw = Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","tenantId":"{{tenant.Id}}","title":"{{title}}","severity":"high","status":"{{status}}","category":"Malware","lastUpdateDateTime":"{{updated:O}}"}""");
        var alert = new CollectedAlert(id, updated, updated, AlertSeverity.High, status == "new" ? AlertStatus.New : AlertStatus.Resolved, SHA256.HashData(raw), raw);
        await Get<AlertLog>().AppendAsync(tenant.TenantKey, tenant.Id, AlertSources.GraphAlerts, [alert], [], null, CancellationToken.None);
        return alert;
    }

    private async Task<(CustomerId Customer, TenantRecord Tenant)> AddCustomerAsync(string name)
    {
        var added = (AddCustomerResult.Added)await Get<CustomerStore>().AddAsync(Maker, name, CancellationToken.None);
        var tenant = (AddTenantResult.Added)await Get<TenantStore>().AddAsync(Maker, new TenantId(Guid.NewGuid()), added.Customer.Id, "public", null, CancellationToken.None);
        return (added.Customer.Id, tenant.Tenant);
    }

    private async Task<string> SetAsideAsync(TenantRecord tenant)
    {
        await AppendAsync(tenant, "first", new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero), "The first");
        var version = (await Get<AlertLog>().ReadAsync(tenant.TenantKey, tenant.Id, 0, 1, 1, CancellationToken.None))[0];
        await Get<Positions>().MoveAsync("sink:gone", tenant.TenantKey, 0, 1, new SetAside(version, "Rejected", "The receiver says no."), CancellationToken.None);
        return (await Get<DeadLetters>().ListAsync([tenant.TenantKey], "sink:gone", null, null, 1, CancellationToken.None))[0].Id;
    }
}

[CollectionDefinition(Name)]
public sealed class HubServerTests : ICollectionFixture<HubServer>
{
    public const string Name = "hub server";
}
