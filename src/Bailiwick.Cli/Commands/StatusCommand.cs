using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick status</c>: the hub, its sinks and its tenants.</summary>
internal static class StatusCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var troubled = new Option<bool>("--troubled") { Description = "Only tenants whose walks fail or that wait for a person" };
        var command = new Command("status", "How the hub, its sinks and its tenants stand") { troubled };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var fleet = await hub.GetStatusAsync(cancellationToken);
            var tenants = await hub.EveryTenantStatusAsync(cancellationToken).ToListAsync(cancellationToken);
            if (parsed.GetValue(troubled)) tenants = [.. tenants.Where(IsTroubled)];
            if (terminal.Json) WriteJson(terminal, fleet, tenants);
            else WriteWords(terminal, fleet, tenants, parsed.GetValue(troubled) ? "No tenant is in trouble." : "No tenants.");
            return ExitCodes.Ok;
        });
    }

    /// <summary>A tenant that nobody has connected yet is not in trouble; <c>connect list</c> shows those.</summary>
    private static bool IsTroubled(TenantStatus tenant) =>
        tenant.NeedsPerson || tenant.FailingSince is not null || tenant.Connection == ConnectionState.NeedsAttention;

    private static void WriteJson(Terminal terminal, FleetStatus fleet, List<TenantStatus> tenants)
    {
        var whole = System.Text.Json.JsonSerializer.SerializeToNode(fleet, ApiJson.Indented)!.AsObject();
        whole["tenants"] = System.Text.Json.JsonSerializer.SerializeToNode(new Page<TenantStatus>(tenants), ApiJson.Indented)!["items"]!.DeepClone();
        terminal.AnswerNode(whole, static () => { });
    }

    private static void WriteWords(Terminal terminal, FleetStatus fleet, List<TenantStatus> tenants, string none)
    {
        var totals = fleet.Totals;
        terminal.Say($"Hub {fleet.Hub.Version}, {fleet.Hub.Profile}, {(fleet.Hub.Ready ? "ready" : "NOT READY")}, since {Words.Time(fleet.Hub.StartedAt)}");
        foreach (var reason in fleet.Hub.Reasons) terminal.Say($"  {reason.Check}: {reason.Reason}");
        terminal.Say(
            $"{totals.Customers} customers, {totals.Tenants} tenants: {totals.Connected} connected, {totals.NeedAttention} need attention; "
            + $"{totals.Versions} alert versions, {totals.DeadLetters} dead letters");
        terminal.Say("");
        terminal.Table(
            "No sinks yet: bailiwick sink add NAME --kind KIND",
            ["SINK", "KIND", "CLASS", "STATE", "DELIVERED", "WAITING", "DEAD LETTERS", "DETAIL"],
            fleet.Sinks.Select(sink => (string?[])
            [
                sink.Name, sink.Kind, sink.Class, sink.Parked ? "parked" : sink.FailingSince is { } since ? $"failing since {Words.Time(since)}" : "ok",
                Words.Number(sink.Delivered), Words.Number(sink.Waiting), Words.Number(sink.DeadLetters), sink.Detail ?? sink.Reason ?? "",
            ]));
        terminal.Say("");
        terminal.Table(
            none,
            ["CUSTOMER", "TENANT", "CONNECTION", "SOURCE", "LAST CLEAN WALK", "LAG", "LOG", "DETAIL"],
            tenants.Select(tenant => (string?[])
            [
                tenant.CustomerName, tenant.Tenant.ToString(), Words.Camel(tenant.Connection), tenant.Source ?? "-", Words.Time(tenant.LastCleanWalkAt),
                Words.Lag(tenant.LagSeconds), Words.Number(tenant.LogHead), tenant.Detail ?? "",
            ]));
    }
}
