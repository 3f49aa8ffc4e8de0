using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Operators;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Operators;

public sealed class AuthorizationTests
{
    private static readonly CustomerId s_own = new(Guid.Parse("11111111-0000-4000-8000-000000000001"));
    private static readonly CustomerId s_foreign = new(Guid.Parse("22222222-0000-4000-8000-000000000002"));

    public static TheoryData<Role, HubAction> Cells
    {
        get
        {
            var cells = new TheoryData<Role, HubAction>();
            foreach (var role in Enum.GetValues<Role>())
            {
                foreach (var action in Enum.GetValues<HubAction>()) cells.Add(role, action);
            }

            return cells;
        }
    }

    [Fact]
    public void Every_action_has_exactly_one_row() => AuthorizationMatrix.Rows.Select(row => row.Action).ShouldBe(Enum.GetValues<HubAction>());

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_role_for_all_customers_gives_what_its_cell_says(Role role, HubAction action)
    {
        var row = AuthorizationMatrix.Of(action);
        var expected = row.Roles.Contains(role) && role != Role.CustomerAdministrator ? Decision.Allowed : Decision.Denied;
        var principal = Of(new RoleGrant(role, null));

        Authorization.Decide(principal, action).ShouldBe(expected);
        if (row.PerCustomer)
        {
            Authorization.Decide(principal, action, s_own).ShouldBe(role == Role.CustomerAdministrator ? Decision.Hidden : expected);
            Authorization.ScopeOf(principal, action).All.ShouldBe(expected == Decision.Allowed);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_role_for_one_customer_gives_its_cell_there_and_nothing_elsewhere(Role role, HubAction action)
    {
        var row = AuthorizationMatrix.Of(action);
        var gives = row.PerCustomer && row.Roles.Contains(role) && role != Role.Owner;
        var principal = Of(new RoleGrant(role, s_own));

        Authorization.Decide(principal, action).ShouldBe(gives ? Decision.Allowed : Decision.Denied);
        Authorization.ScopeOf(principal, action).Customers.ShouldBe(gives ? [s_own] : []);
        Authorization.ScopeOf(principal, action).All.ShouldBeFalse();
        if (!row.PerCustomer) return;
        Authorization.Decide(principal, action, s_own).ShouldBe(gives ? Decision.Allowed : role == Role.Owner ? Decision.Hidden : Decision.Denied);
        Authorization.Decide(principal, action, s_foreign).ShouldBe(Decision.Hidden);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Nobody_may_anything(Role role, HubAction action)
    {
        Authorization.Decide(Of(), action).ShouldBe(Decision.Denied);
        Authorization.Decide(new Principal(new Actor("key", "k"), "k", [new RoleGrant(role, null)], new HashSet<HubAction>()), action).ShouldBe(Decision.Denied);
    }

    [Fact]
    public void A_narrowed_key_keeps_only_its_actions()
    {
        var principal = new Principal(new Actor("key", "k"), "k", [new RoleGrant(Role.Owner, null)], new HashSet<HubAction> { HubAction.AlertsRead });

        Authorization.Decide(principal, HubAction.AlertsRead, s_own).ShouldBe(Decision.Allowed);
        Authorization.Decide(principal, HubAction.KeysChange).ShouldBe(Decision.Denied);
        Authorization.Decide(principal, HubAction.SinksRead).ShouldBe(Decision.Denied);
    }

    [Fact]
    public void The_table_has_a_line_for_each_action_and_a_column_for_each_role()
    {
        var lines = AuthorizationMatrix.ToMarkdown().TrimEnd('\n').Split('\n');

        lines.Length.ShouldBe(2 + Enum.GetValues<HubAction>().Length);
        lines.ShouldAllBe(line => line.Count(letter => letter == '|') == Enum.GetValues<Role>().Length + 3);
        lines.ShouldContain("| KeysChange | hub | yes | - | - | - | - | - |");
    }

    private static Principal Of(params RoleGrant[] grants) => new(new Actor("key", "k"), "k", grants);
}
