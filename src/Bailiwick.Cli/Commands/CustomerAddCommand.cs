using System.CommandLine;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer add</c>: a customer, or further tenants of one.</summary>
internal static class CustomerAddCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME");
        var tenants = new Option<string[]>("--tenant") { Description = "A tenant id; may be repeated", HelpName = "GUID" };
        var cloud = new Option<string?>("--cloud") { Description = "A configured cloud (public)", HelpName = "NAME" };
        var region = new Option<string?>("--region") { Description = "Defender region such as eu", HelpName = "REGION" };
        var command = new Command("add", "Add a customer with its tenants") { name, tenants, cloud, region };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var own = (parsed.GetValue(tenants) ?? []).Select(text => new NewTenant(Ids.Tenant(text), parsed.GetValue(cloud), parsed.GetValue(region))).ToList();
            var added = await hub.AddCustomerAsync(new NewCustomer(parsed.GetRequiredValue(name), own), cancellationToken);
            terminal.Answer(added, () => terminal.Say($"Added {added.Name} ({added.Id}) with {Output.Words.Count(added.Tenants.Count, "tenant")}."));
            return ExitCodes.Ok;
        });
    }
}
