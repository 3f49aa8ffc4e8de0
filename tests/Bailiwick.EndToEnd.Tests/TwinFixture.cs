using Bailiwick.Twin;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A twin in this process, with one provider and its collecting application.</summary>
internal sealed class TwinFixture : IAsyncDisposable
{
    private TwinFixture(TwinHost host, AlertPlanes planes, TwinControlClient control, CreatedApp app)
    {
        Host = host;
        Planes = planes;
        Control = control;
        App = app;
    }

    public TwinHost Host { get; }

    public AlertPlanes Planes { get; }

    public TwinControlClient Control { get; }

    /// <summary>The provider's multi-tenant application; reads alerts and nothing else.</summary>
    public CreatedApp App { get; }

    public string Secret => App.Secrets[0].Value;

    public static async Task<TwinFixture> StartAsync(TimeSpan? accessTokenLifetime = null, Func<HttpContext, RequestDelegate, Task>? around = null)
    {
        AlertPlanes? planes = null;
        var host = await TwinHost.StartAsync(
            new TwinOptions { Seed = 7, AccessTokenLifetime = accessTokenLifetime, Around = around },
            [services => planes = new AlertPlanes(services, new AlertPlanesOptions { Knobs = new AlertKnobs { Limits = false } })],
            CancellationToken.None);
        var control = new TwinControlClient(host.ControlAddress);
        await control.CreateTenantAsync(new NewTenant { Name = "Northwatch Security", Domain = "northwatch.example" }, CancellationToken.None);
        var app = await control.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Northwatch Collector",
                MultiTenant = true,
                RedirectUris = ["http://localhost/connect/callback"],
                Secrets = [new NewSecret()],
                Permissions =
                [
                    new TwinPermission(Wire.Planes.GraphResource, "SecurityAlert.Read.All", Application: true),
                    new TwinPermission(Wire.Planes.DefenderResource, "Alert.Read.All", Application: true),
                ],
            },
            CancellationToken.None);
        return new TwinFixture(host, planes!, control, app);
    }

    /// <summary>Customers' tenants that have consented to the application.</summary>
    public async Task<IReadOnlyList<TwinTenant>> AddCustomersAsync(int count)
    {
        var tenants = await Control.CreateTenantsAsync(
            [.. Enumerable.Range(1, count).Select(i => new NewTenant { Name = $"Customer {i}", Domain = $"customer{i}.example" })], CancellationToken.None);
        foreach (var tenant in tenants) await Control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, CancellationToken.None);
        return tenants;
    }

    public async ValueTask DisposeAsync()
    {
        Control.Dispose();
        await Host.DisposeAsync();
        Planes.Dispose();
    }
}
