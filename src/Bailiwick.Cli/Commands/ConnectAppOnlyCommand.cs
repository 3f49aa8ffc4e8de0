using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick connect app-only</c>: client credentials for one tenant or all; every outcome stands for itself.</summary>
internal static class ConnectAppOnlyCommand
{
    private const int AtOnce = 20;

    public static Command Create(BailiwickCli cli)
    {
        var tenant = new Argument<string?>("TENANT") { Description = "Tenant id", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Every tenant that is not connected yet" };
        var again = new Option<bool>("--again") { Description = "With --all: also those that are" };
        var application = new Option<string?>("--application") { Description = "The application's name; the only provider application if left out", HelpName = "NAME" };
        var source = new Option<string?>("--source") { Description = "GraphAlerts (default), DefenderAlerts or AlertExporter", HelpName = "SOURCE" };
        var also = new Option<string[]>("--also") { Description = "A further source: GraphIncidents is collected too, another alert source is compared with; may be repeated", HelpName = "SOURCE" };
        var compare = new Option<bool>("--compare") { Description = "Beside the person's sign-in that collects: compare every hour what the application sees" };
        var command = new Command("app-only", "Connect with the provider's application, after the customer's admin consent") { tenant, all, again, application, source, also, compare };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            var one = parsed.GetValue(tenant);
            if (one is null == !parsed.GetValue(all)) throw new UsageException("Give one tenant id, or --all.");
            var comparing = parsed.GetValue(compare);
            var tenants = one is not null
                ? [Ids.Tenant(one)]
                : await hub.EveryConnectionAsync(cancellationToken)
                    .Where(connection => comparing
                        ? connection.Kind == ConnectionKind.Code && (parsed.GetValue(again) || connection.Comparing is null)
                        : parsed.GetValue(again) || connection.State != ConnectionState.Connected)
                    .Select(connection => connection.Tenant)
                    .ToListAsync(cancellationToken);
            var outcomes = new List<ConnectOutcome>();
            await terminal.ProgressAsync("Connecting", tenants.Count, async report =>
            {
                foreach (var some in tenants.Chunk(AtOnce))
                {
                    var answer = await hub.ConnectAppOnlyAsync(new ConnectAppOnly(some, parsed.GetValue(application), parsed.GetValue(source), parsed.GetValue(also) is { Length: > 0 } further ? further : null, comparing), cancellationToken);
                    outcomes.AddRange(answer.Outcomes);
                    report(some.Length);
                }
            });
            var failed = outcomes.Where(outcome => !outcome.Connected).ToList();
            foreach (var outcome in failed) terminal.Error($"{(outcome.CustomerName is { } customer ? $"{customer}, tenant" : "Tenant")} {outcome.Tenant}: {outcome.Detail ?? outcome.Error ?? "refused without a reason."}");
            terminal.Answer(new ConnectOutcomes(outcomes), () =>
                terminal.Say(tenants.Count == 0 ? comparing ? "No tenant that is collected with a person's sign-in is left to compare." : "Every tenant is connected already." : $"Connected {outcomes.Count - failed.Count} of {Words.Count(outcomes.Count, "tenant")}."));
            return failed.Count > 0 ? ExitCodes.PartlyFailed : ExitCodes.Ok;
        });
    }
}
