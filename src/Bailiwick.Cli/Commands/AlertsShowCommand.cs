using System.CommandLine;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick alerts show</c>.</summary>
internal static class AlertsShowCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string>("TENANT") { Description = "Tenant id" };
        var alert = new Argument<string>("ALERT") { Description = "Alert id as the source gave it" };
        var source = new Option<string?>("--source") { Description = "GraphAlerts, DefenderAlerts …; needed only when two sources know the id" };
        return cli.Asks(new Command("show", "Show an alert with its versions") { tenant, alert, source }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var detail = await hub.GetAlertAsync(Ids.Tenant(parsed.GetRequiredValue(tenant)), parsed.GetValue(source), parsed.GetRequiredValue(alert), cancellationToken);
            terminal.Answer(detail, () =>
            {
                var current = detail.Current;
                terminal.Facts(
                    ("Title", current.Title), ("Customer", current.CustomerName), ("Tenant", current.Tenant.ToString()), ("Source", current.Source), ("Alert", current.AlertId),
                    ("Severity", current.Severity), ("Status", current.Status), ("Category", current.Category), ("Updated", Words.Time(current.UpdatedAt)), ("Key", current.Key));
                terminal.Say("");
                terminal.Table(
                    "No versions.",
                    ["LOG NUMBER", "UPDATED", "COLLECTED", "BYTES", "KEY"],
                    detail.Versions.Select(version => (string?[])[Words.Number(version.LogNumber), Words.Time(version.UpdatedAt), Words.Time(version.CollectedAt), Words.Number(version.Bytes), version.Key]));
            });
            return ExitCodes.Ok;
        });
    }
}
