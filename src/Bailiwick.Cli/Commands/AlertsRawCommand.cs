using System.CommandLine;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick alerts raw</c>: the upstream JSON, byte for byte when written to a file or pipe.</summary>
internal static class AlertsRawCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id" };
        var alert = new Argument<string>("ALERT") { Description = "Alert id as the source gave it" };
        var source = new Option<string?>("--source") { Description = "GraphAlerts, DefenderAlerts …; needed only when two sources know the id" };
        var version = new Option<long?>("--version-number") { Description = "Log number of the version; the newest if left out", HelpName = "N" };
        return cli.Asks(new Command("raw", "Write the upstream JSON of an alert exactly as it was received") { tenant, alert, source, version }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var id = Ids.Tenant(parsed.GetRequiredValue(tenant));
            var detail = await hub.GetAlertAsync(id, parsed.GetValue(source), parsed.GetRequiredValue(alert), cancellationToken);
            var number = parsed.GetValue(version) ?? detail.Current.LogNumber;
            if (detail.Versions.All(one => one.LogNumber != number)) throw new UsageException($"The alert has no version {number}: see bailiwick alerts show.");
            terminal.Raw(await hub.GetRawAsync(id, number, cancellationToken));
            return ExitCodes.Ok;
        });
    }
}
