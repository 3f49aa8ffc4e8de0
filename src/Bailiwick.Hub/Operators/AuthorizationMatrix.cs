using System.Text;

namespace Bailiwick.Hub.Operators;

/// <summary>One row of the matrix.</summary>
/// <param name="Action">What is asked.</param>
/// <param name="PerCustomer">True when it concerns one customer's things, so that a role for that customer is enough; false when it concerns the hub and needs a role for all.</param>
/// <param name="Roles">Who may.</param>
public sealed record MatrixRow(HubAction Action, bool PerCustomer, IReadOnlySet<Role> Roles);

/// <summary>Who may do what: the data that the one authorization function, its tests and the documentation are made from.</summary>
public static class AuthorizationMatrix
{
    private static readonly Dictionary<HubAction, MatrixRow> s_rows = new[]
    {
        Customer(HubAction.CustomersRead, Role.Owner, Role.Engineer, Role.Analyst, Role.Approver, Role.Auditor, Role.CustomerAdministrator),
        Customer(HubAction.CustomersChange, Role.Owner, Role.Engineer),
        Hub(HubAction.CustomersAdd, Role.Owner, Role.Engineer),
        Hub(HubAction.ApplicationsRead, Role.Owner, Role.Engineer, Role.Auditor),
        Hub(HubAction.ApplicationsChange, Role.Owner),
        Customer(HubAction.ConnectionsRead, Role.Owner, Role.Engineer, Role.Analyst, Role.Auditor, Role.CustomerAdministrator),
        Customer(HubAction.ConnectionsChange, Role.Owner, Role.Engineer),
        Customer(HubAction.AlertsRead, Role.Owner, Role.Engineer, Role.Analyst, Role.CustomerAdministrator),
        Customer(HubAction.AlertsTriage, Role.Owner, Role.Analyst),
        Customer(HubAction.CoverageRead, Role.Owner, Role.Engineer, Role.Analyst, Role.Approver, Role.Auditor, Role.CustomerAdministrator),
        Customer(HubAction.FeedsRead, Role.Owner, Role.Engineer, Role.Analyst),
        Hub(HubAction.FeedsChange, Role.Owner, Role.Engineer),
        Hub(HubAction.SinksRead, Role.Owner, Role.Engineer, Role.Auditor),
        Hub(HubAction.SinksChange, Role.Owner, Role.Engineer),
        Customer(HubAction.DeadLettersRead, Role.Owner, Role.Engineer, Role.Analyst),
        Customer(HubAction.DeadLettersReplay, Role.Owner, Role.Engineer),
        Customer(HubAction.AuditRead, Role.Owner, Role.Auditor, Role.CustomerAdministrator),
        Hub(HubAction.KeysRead, Role.Owner, Role.Auditor),
        Hub(HubAction.KeysChange, Role.Owner),
        Hub(HubAction.VaultChange, Role.Owner),
        Hub(HubAction.StatusRead, Role.Owner, Role.Engineer, Role.Analyst, Role.Approver, Role.Auditor),
    }.ToDictionary(row => row.Action);

    /// <summary>Every action once, in the order of the enum.</summary>
    public static IReadOnlyList<MatrixRow> Rows { get; } = [.. s_rows.Values.OrderBy(row => row.Action)];

    /// <summary>The row of an action.</summary>
    /// <exception cref="KeyNotFoundException">A new action has no row yet; a test finds it.</exception>
    public static MatrixRow Of(HubAction action) => s_rows[action];

    /// <summary>The matrix as a Markdown table.</summary>
    public static string ToMarkdown()
    {
        var roles = Enum.GetValues<Role>();
        var table = new StringBuilder("| Action | Scope | ").AppendJoin(" | ", roles).Append(" |\n|---|---|").Append(string.Concat(roles.Select(_ => "---|"))).Append('\n');
        foreach (var row in Rows)
        {
            table.Append("| ").Append(row.Action).Append(" | ").Append(row.PerCustomer ? "customer" : "hub").Append(" | ")
                .AppendJoin(" | ", roles.Select(role => row.Roles.Contains(role) ? "yes" : "-")).Append(" |\n");
        }

        return table.ToString();
    }

    private static MatrixRow Customer(HubAction action, params Role[] roles) => new(action, PerCustomer: true, roles.ToHashSet());

    private static MatrixRow Hub(HubAction action, params Role[] roles) => new(action, PerCustomer: false, roles.ToHashSet());
}
