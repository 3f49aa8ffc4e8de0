using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick coverage</c>: whether anything is missing, why, and since when.</summary>
internal static class CoverageCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var customer = new Option<string?>("--customer") { Description = "Name or id", HelpName = "CUSTOMER" };
        var tenant = new Option<string?>("--tenant") { Description = "Tenant id; shows the spans too", HelpName = "GUID" };
        var source = new Option<string?>("--source") { Description = "One source only", HelpName = "SOURCE" };
        var from = TimeOption.Create("--from", "Beginning of last-update time; 24 hours before the end if left out");
        var to = TimeOption.Create("--to", "End of last-update time; now if left out");
        var holes = new Option<bool>("--holes") { Description = "Only what is to be looked at: holes, causes, unusual silence, broken sinks" };
        var differences = new Option<bool>("--differences") { Description = "Instead: each record that one source of a tenant shows and another does not" };
        var command = new Command("coverage", "Whether anything is missing, why, and since when") { customer, tenant, source, from, to, holes, differences };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            if (parsed.GetValue(differences))
            {
                if (parsed.GetValue(source) is not null || parsed.GetValue(from) is not null || parsed.GetValue(to) is not null || parsed.GetValue(holes))
                    throw new UsageException("--differences goes with --customer and --tenant only.");
                await ListDifferencesAsync(hub, parsed.GetValue(customer), parsed.GetValue(tenant), terminal, cancellationToken);
                return ExitCodes.Ok;
            }

            var rows = await hub.EveryCoverageAsync(
                new CoverageQuery
                {
                    Customer = parsed.GetValue(customer) is { } name ? await Ids.CustomerAsync(hub, name, cancellationToken) : null,
                    Tenant = parsed.GetValue(tenant) is { } id ? Ids.Tenant(id) : null,
                    Source = parsed.GetValue(source),
                    From = parsed.GetValue(from),
                    To = parsed.GetValue(to),
                    Holes = parsed.GetValue(holes),
                },
                cancellationToken).ToListAsync(cancellationToken);
            terminal.Answer(new Page<Coverage>(rows), () => Write(terminal, rows, parsed.GetValue(holes), parsed.GetValue(tenant) is not null));
            return ExitCodes.Ok;
        });
    }

    private static async Task ListDifferencesAsync(BailiwickClient hub, string? customer, string? tenant, Terminal terminal, CancellationToken cancellationToken)
    {
        CustomerId? owner = customer is null ? null : await Ids.CustomerAsync(hub, customer, cancellationToken);
        TenantId? id = tenant is null ? null : Ids.Tenant(tenant);
        var all = await BailiwickClient.EachAsync((cursor, stop) => hub.ListDifferencesAsync(owner, id, cursor, stop), cancellationToken).ToListAsync(cancellationToken);
        terminal.Answer(new Page<CoverageDifference>(all), () => terminal.Table(
            "No differences.",
            ["CUSTOMER", "TENANT", "RECORD", "SOURCE", "OTHER", "MISSING IN", "RECORD AT", "FOUND", "LIKELY"],
            all.Select(one => (string?[])
            [
                one.CustomerName, one.Tenant.ToString(), one.RecordId, one.Source, one.Other, one.MissingIn, Words.Time(one.RecordAt), Words.Time(one.FoundAt), one.Likely,
            ])));
    }

    private static void Write(Terminal terminal, List<Coverage> rows, bool holes, bool spans)
    {
        terminal.Table(
            holes ? "Nothing is missing." : "No tenants.",
            ["CUSTOMER", "TENANT", "SOURCE", "COMPLETE THROUGH", "HOLE SINCE", "CAUSE", "CAUSE SINCE", "OPEN", "COVERED", "PROVEN", "VERSIONS", "DETAIL"],
            rows.Select(row => (string?[])
            [
                row.CustomerName, row.Tenant.ToString(), row.Source ?? "-", Words.Time(row.CompleteThrough), Words.Time(row.HoleSince), CauseOf(row),
                Words.Time(row.Trouble?.Since ?? (row.Silence.Quiet == true ? row.Silence.Since : null)), Hours(row, CoverageState.Open), Hours(row, CoverageState.Covered),
                Hours(row, CoverageState.Proven), Words.Number(row.Spans.Sum(span => span.Versions)), DetailOf(row),
            ]));
        var readers = rows.SelectMany(row => row.Readers.Select(reader => (Row: row, Reader: reader))).Where(one => spans || one.Reader.Waiting > 0 || one.Reader.Cause is not null).ToList();
        if (readers.Count > 0)
        {
            terminal.Say("");
            terminal.Table(
                "",
                ["CUSTOMER", "SOURCE", "SINK", "COMPLETE THROUGH", "WAITING", "CAUSE", "CAUSE SINCE", "DETAIL"],
                readers.Select(one => (string?[])
                [
                    one.Row.CustomerName, one.Row.Source ?? "-", one.Reader.Sink, Words.Time(one.Reader.CompleteThrough), Words.Number(one.Reader.Waiting), one.Reader.Cause ?? "-",
                    Words.Time(one.Reader.Since), one.Reader.Detail ?? "",
                ]));
        }

        if (!spans) return;
        terminal.Say("");
        terminal.Table(
            "No spans.",
            ["SOURCE", "FROM", "TO", "STATE", "VERSIONS"],
            rows.SelectMany(row => row.Spans.Select(span => (string?[])
                [row.Source ?? "-", Words.Time(span.From), Words.Time(span.To), Words.Camel(span.State), Words.Number(span.Versions)])));
    }

    private static string CauseOf(Coverage row) => row.Trouble?.Cause ?? (row.Silence.Quiet == true ? "quiet" : row.Comparisons.Any(one => one.Differences > 0) ? "differences" : "-");

    private static string DetailOf(Coverage row) => row.Trouble?.Detail
        ?? (row.Silence.Quiet == true ? $"Nothing came for longer than usual: until now {Words.Number((long)row.Silence.LongestUsualHours!.Value)} h at most."
            : string.Join(' ', row.Comparisons.Where(one => one.Differences > 0 || one.Detail is not null)
                .Select(one => one.Detail is { } failed ? $"Not compared with {one.Other}: {failed}" : $"{Words.Count(one.Differences, "difference")} to {one.Other}: bailiwick coverage --differences.")));

    private static string Hours(Coverage row, CoverageState state) => $"{Words.Number((long)Math.Round(row.Spans.Where(span => span.State == state).Sum(span => (span.To - span.From).TotalHours)))}h";
}
