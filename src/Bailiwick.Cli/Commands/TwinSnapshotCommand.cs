using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin snapshot</c>: one tenant of a running twin as a file for <c>twin restore</c>.</summary>
internal static class TwinSnapshotCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id or domain" };
        var file = new Argument<string>("FILE") { Description = "Snapshot to write; must not exist" };
        var control = TwinControl.Option();
        return cli.Does(new Command("snapshot", "Write a tenant of a running twin to a file") { tenant, file, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            try
            {
                var snapshot = await TwinControl.SendAsync(cli.Surroundings, address, HttpMethod.Get, $"/tenants/{Uri.EscapeDataString(parsed.GetRequiredValue(tenant))}/snapshot", null, "nothing was written", cancellationToken);
                var bytes = Encoding.UTF8.GetBytes(snapshot.ToJsonString() + "\n");
                await OutputFiles.WriteNewAsync(parsed.GetRequiredValue(file), bytes, "snapshot", cancellationToken);
                var told = new JsonObject { ["tenant"] = snapshot["tenant"]!.DeepClone(), ["takenAt"] = snapshot["takenAt"]!.DeepClone(), ["bytes"] = bytes.Length };
                terminal.AnswerNode(told, () => terminal.Say($"Wrote tenant {told["tenant"]} as it is at {told["takenAt"]} to {parsed.GetValue(file)}, {bytes.Length / 1024} KiB."));
                return ExitCodes.Ok;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }
}
