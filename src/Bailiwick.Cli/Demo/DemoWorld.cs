using System.Security.Cryptography;
using Bailiwick.Cli.Local;
using Bailiwick.Hub.Vault;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Wire;
using Bailiwick.Wire.Graph;

namespace Bailiwick.Cli.Demo;

/// <summary>
/// Prepares the twin through its control API: the provider with its people and its collecting application, the customers with an administrator each, who
/// have consented. Prepared once; a later start finds it as it was left.
/// </summary>
internal sealed class DemoWorld(RunningTwin twin, string folder)
{
    private const string AppName = "Northwatch Collector";

    /// <summary>The customers' tenants, in a fixed order.</summary>
    public IReadOnlyList<TwinTenant> Customers { get; private set; } = [];

    /// <summary>The collecting application's client id.</summary>
    public Guid ClientId { get; private set; }

    /// <summary>The application's secret, only at the start that made it.</summary>
    public string? Secret { get; private set; }

    /// <summary>The one password of every sample person; invented at first start, kept in <c>people.txt</c> for its owner.</summary>
    public string Password { get; private set; } = "";

    /// <summary>Makes what is missing.</summary>
    public async Task PrepareAsync(int customers, Uri callback, CancellationToken cancellationToken)
    {
        using var control = new TwinControlClient(twin.Host.ControlAddress);
        Password = ReadOrMakePassword();
        var wanted = DemoPeople.Customers(customers);
        var present = await control.TenantsAsync(cancellationToken);
        if (present.All(tenant => tenant.DefaultDomain != DemoPeople.ProviderDomain)) await MakeProviderAsync(control, callback, cancellationToken);
        ClientId = (await control.AppsAsync(cancellationToken)).Single(app => app.Name == AppName).AppId;
        var missing = wanted.Where(customer => present.All(tenant => tenant.DefaultDomain != customer.Domain)).ToList();
        if (missing.Count > 0) await MakeCustomersAsync(control, missing, cancellationToken);
        var all = await control.TenantsAsync(cancellationToken);
        Customers = [.. wanted.Select(customer => all.Single(tenant => tenant.DefaultDomain == customer.Domain))];
    }

    private async Task MakeProviderAsync(TwinControlClient control, Uri callback, CancellationToken cancellationToken)
    {
        var provider = await control.CreateTenantAsync(new NewTenant { Name = DemoPeople.Provider, Domain = DemoPeople.ProviderDomain }, cancellationToken);
        foreach (var (user, name) in DemoPeople.ProviderPeople)
        {
            await control.CreateUserAsync(provider.Id, new NewUser { Name = name, Upn = $"{user}@{DemoPeople.ProviderDomain}", Password = Password }, cancellationToken);
        }

        var app = await control.CreateAppAsync(
            new NewApp
            {
                Tenant = DemoPeople.ProviderDomain,
                Name = AppName,
                MultiTenant = true,
                RedirectUris = [callback.ToString()],
                Secrets = [new NewSecret()],
                Permissions =
                [
                    new TwinPermission(Planes.GraphResource, GraphPermissions.AlertRead, Application: true),
                    new TwinPermission(Planes.DefenderResource, "Alert.Read.All", Application: true),
                    new TwinPermission(Planes.GraphResource, GraphPermissions.AlertRead, Application: false),
                ],
            },
            cancellationToken);
        Secret = app.Secrets[0].Value;
    }

    private async Task MakeCustomersAsync(TwinControlClient control, List<SampleCustomer> customers, CancellationToken cancellationToken)
    {
        var made = await control.CreateTenantsAsync(
            [.. customers.Select(customer => new NewTenant { Name = customer.Name, Domain = customer.Domain, Region = customer.Region })], cancellationToken);
        foreach (var tenant in made)
        {
            await control.CreateUserAsync(
                tenant.Id,
                new NewUser { Name = $"Administrator of {tenant.DisplayName}", Upn = $"admin@{tenant.DefaultDomain}", Password = Password, Roles = ["Global Administrator"] },
                cancellationToken);
            await control.CreateUserAsync(tenant.Id, new NewUser { GuestOf = $"adam.analyst@{DemoPeople.ProviderDomain}", Roles = ["Security Administrator"] }, cancellationToken);
            await control.ConsentAsync(tenant.Id, new NewConsent { AppId = ClientId }, cancellationToken);
            twin.Planes.Alerts.Generate(tenant.Id, 25, seed: tenant.Id.GetHashCode());
        }
    }

    private string ReadOrMakePassword()
    {
        var file = Path.Combine(folder, "people.txt");
        if (File.Exists(file)) return File.ReadLines(file).First();
        var password = $"Demo-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
        PrivateFile.WriteNew(file, System.Text.Encoding.UTF8.GetBytes(password + "\n"));
        return password;
    }
}
