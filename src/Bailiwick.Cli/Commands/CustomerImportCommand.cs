using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick customer import</c>: the whole file is checked first, then sent in one request that does all or nothing.</summary>
internal static class CustomerImportCommand
{
    private const int MostBytes = 10 * 1024 * 1024;

    public static Command Create(BailiwickCli cli)
    {
        var file = new Argument<string>("FILE") { Description = "CSV with columns customer, tenant_id, cloud, region, or a JSON array of such objects; - for standard input" };
        var format = new Option<string?>("--format") { Description = "csv or json; by the file's ending if left out" };
        format.AcceptOnlyFromAmong("csv", "json");
        var command = new Command("import", "Add many customers and tenants at once: all or none") { file, format };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            var kind = parsed.GetValue(format) ?? Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
            if (kind is not ("csv" or "json")) throw new UsageException($"What {path} is cannot be told from its name: add --format csv or --format json.");
            var bytes = await InputFiles.ReadAsync(cli.Surroundings, path, "import", MostBytes, cancellationToken);
            var (lines, faults) = kind == "csv" ? CustomerFile.ReadCsv(bytes) : CustomerFile.ReadJson(bytes);
            if (faults.Count > 0) return Refuse(terminal, path, faults);
            try
            {
                var result = await hub.ImportCustomersAsync(new CustomerImport(lines), cancellationToken);
                terminal.Answer(result, () => terminal.Say($"Added {Words.Count(result.CustomersAdded, "customer")} and {Words.Count(result.TenantsAdded, "tenant")}; {Words.Count(result.Unchanged, "line")} known already."));
                return ExitCodes.Ok;
            }
            catch (ProblemException e) when (CustomerFile.FaultsOf(e.Problem, lines) is { Count: > 0 } refused)
            {
                return Refuse(terminal, path, refused);
            }
        });
    }

    private static int Refuse(Terminal terminal, string path, IReadOnlyList<LineFault> faults)
    {
        foreach (var fault in faults.OrderBy(fault => fault.Line)) terminal.Error($"{path}:{fault.Line}: {fault.Reason}");
        terminal.Error($"Nothing was imported: correct {(faults.Count == 1 ? "this line" : $"these {faults.Count} faults")} and import the file again.");
        return ExitCodes.Usage;
    }
}
