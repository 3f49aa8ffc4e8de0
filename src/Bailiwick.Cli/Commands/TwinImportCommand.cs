using System.CommandLine;
using System.Text.Json.Nodes;
using Bailiwick.Api;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin import</c>: real alerts into a tenant of a running twin.</summary>
internal static class TwinImportCommand
{
    /// <summary>The control address: POST, the file as it is; query <c>keepTenant</c> and <c>retime</c>.</summary>
    public const string Route = "/tenants/{tenant}/import";

    private const int MostBytes = 256 * 1024 * 1024;

    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string>("FILE") { Description = "JSON, arrays, value envelopes or NDJSON of Defender, Graph or exporter alerts; - for standard input" };
        var tenant = new Option<string>("--tenant") { Description = "Tenant id", Required = true, HelpName = "GUID" };
        var keep = new Option<bool>("--keep-tenant") { Description = "Leave the tenant fields of the file as they are" };
        var retime = new Option<bool>("--retime") { Description = "Move the times so that the newest is now" };
        var control = TwinControl.Option();
        return cli.Does(new Command("import", "Put alerts from a file into a tenant of a running twin") { file, tenant, keep, retime, control }, async (parsed, terminal, cancellationToken) =>
        {
            var address = HubConnection.Origin(parsed.GetRequiredValue(control), "twin");
            var path = Routes.Fill(Route, Ids.Tenant(parsed.GetRequiredValue(tenant)).ToString());
            var bytes = await InputFiles.ReadAsync(cli.Surroundings, parsed.GetRequiredValue(file), "alerts", MostBytes, cancellationToken);
            try
            {
                var answer = await TwinControl.SendAsync(
                    cli.Surroundings, address, HttpMethod.Post, $"{path}?keepTenant={Word(parsed.GetValue(keep))}&retime={Word(parsed.GetValue(retime))}", bytes, "nothing was imported", cancellationToken);
                terminal.AnswerNode(answer, () => terminal.Say(Told(answer)));
                return ExitCodes.Ok;
            }
            catch (HttpRequestException e)
            {
                return Failures.Report(e, terminal, address);
            }
        });
    }

    private static string Told(JsonNode answer)
    {
        if (answer is not JsonObject told || told["imported"] is not { } imported) return $"Imported: {answer.ToJsonString()}";
        var kinds = told["kinds"] is JsonObject counts ? string.Join(", ", counts.Select(kind => $"{kind.Value} {kind.Key}")) : "";
        var skipped = told["skipped"]?.ToString() is { } number and not "0" ? $"; {number} skipped" : "";
        return $"Imported {imported} records{(kinds.Length > 0 ? $" ({kinds})" : "")}, {told["distinct"]} different alerts{skipped}.";
    }

    private static string Word(bool value) => value ? "true" : "false";
}
