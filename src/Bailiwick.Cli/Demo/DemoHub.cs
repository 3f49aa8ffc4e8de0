using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Demo;

/// <summary>Sets the hub up through its own API, as a person would: application, customers, sinks, connections. What is there already is left alone.</summary>
internal sealed class DemoHub(BailiwickClient client, DemoWorld world, DemoReceivers receivers)
{
    private const string AppName = "northwatch";

    /// <summary>Makes what is missing.</summary>
    /// <returns>How many tenants are connected, of how many.</returns>
    public async Task<(int Connected, int All)> SetUpAsync(CancellationToken cancellationToken)
    {
        var applications = await client.ListApplicationsAsync(null, cancellationToken);
        if (applications.Items.All(application => application.Name != AppName))
        {
            var secret = world.Secret ?? throw new UsageException("The twin's world is older than the hub's data: start again with --fresh.");
            await client.AddApplicationAsync(new NewApplication(AppName, world.ClientId, Secret: secret), cancellationToken);
        }

        var lines = world.Customers.Select((tenant, i) => new CustomerImportLine(i + 1, tenant.DisplayName, new TenantId(tenant.Id), "twin")).ToList();
        await client.ImportCustomersAsync(new CustomerImport(lines), cancellationToken);
        await AddSinksAsync(cancellationToken);
        return await ConnectAsync(cancellationToken);
    }

    private async Task AddSinksAsync(CancellationToken cancellationToken)
    {
        var present = (await client.ListSinksAsync(null, cancellationToken)).Items.Select(sink => sink.Name).ToHashSet(StringComparer.Ordinal);
        NewSink[] wanted =
        [
            new("files", "jsonlines", Settings(new { directory = receivers.Lines })),
            new("syslog", "syslog", Settings(new { host = "localhost", port = receivers.Syslog.Port, caFile = receivers.CaFile })),
            new("hec", "splunk-hec", Settings(new { url = receivers.Hec.Url, acknowledgement = true }), DemoReceivers.HecToken),
        ];
        foreach (var sink in wanted.Where(sink => !present.Contains(sink.Name))) await client.AddSinkAsync(sink, cancellationToken);
    }

    private async Task<(int Connected, int All)> ConnectAsync(CancellationToken cancellationToken)
    {
        var connected = 0;
        var open = new List<TenantId>();
        await foreach (var connection in client.EveryConnectionAsync(cancellationToken))
        {
            if (connection.State == ConnectionState.Connected) connected++;
            else open.Add(connection.Tenant);
        }

        foreach (var chunk in open.Chunk(ConnectAppOnly.MaxTenants))
        {
            var outcomes = await client.ConnectAppOnlyAsync(new ConnectAppOnly(chunk, AppName), cancellationToken);
            connected += outcomes.Outcomes.Count(outcome => outcome.Connected);
        }

        return (connected, world.Customers.Count);
    }

    private static JsonElement Settings(object settings) => JsonSerializer.SerializeToElement(settings);
}
