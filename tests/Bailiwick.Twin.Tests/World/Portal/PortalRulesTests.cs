using Bailiwick.Twin.World.Generator;
using Bailiwick.Twin.World.Portal;
using Bailiwick.Twin.Tests.Planes;

namespace Bailiwick.Twin.Tests.World.Portal;

public sealed class PortalRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Group = Guid.NewGuid();

    private static PortalState Start { get; } = new()
    {
        TenantId = PlaneHost.Harrowgate,
        DeviceGroups = [new() { Id = 1, Name = "One" }, new() { Id = 2, Name = "Two" }, new() { Name = DeviceGroup.UnassignedName }],
    };

    [Fact]
    public void Roles_are_turned_on_once()
    {
        var on = PortalRules.TurnOnRoles(Start, "adam", Now);

        on.Model.ShouldBe(PermissionModel.MdeRbac);
        Refused(() => PortalRules.TurnOnRoles(on, "adam", Now)).ShouldBe("Roles are on already.");
        var unified = PortalRules.Activate(on, [Workload.Endpoints]);
        unified.Model.ShouldBe(PermissionModel.Unified);
        PortalRules.Activate(unified, []).Model.ShouldBe(PermissionModel.MdeRbac);
        PortalRules.Activate(PortalRules.Activate(Start, [Workload.Endpoints]), []).Model.ShouldBe(PermissionModel.Basic);
    }

    [Theory]
    [InlineData("", "needs a name")]
    [InlineData("   ", "needs a name")]
    [InlineData("MICROSOFT DEFENDER for endpoint administrator (default)", "already a role")]
    public void A_role_needs_a_name_of_its_own(string name, string reason) =>
        Refused(() => PortalRules.SaveRole(PortalRules.TurnOnRoles(Start, "adam", Now), new DefenderRole { Name = name, Permissions = [DefenderPermission.AlertsInvestigation] }, new HashSet<Guid>())).ShouldContain(reason);

    [Fact]
    public void A_role_is_given_to_security_groups_only_and_never_holds_the_system_settings()
    {
        var on = PortalRules.TurnOnRoles(Start, "adam", Now);
        Refused(() => PortalRules.SaveRole(Start, new DefenderRole { Name = "x", Permissions = [DefenderPermission.AlertsInvestigation] }, new HashSet<Guid>())).ShouldContain("turned on first");
        Refused(() => PortalRules.SaveRole(on, new DefenderRole { Name = "x", Permissions = [DefenderPermission.AlertsInvestigation], Groups = [Group] }, new HashSet<Guid>())).ShouldContain("security groups only");
        Refused(() => PortalRules.SaveRole(on, new DefenderRole { Name = "x", Permissions = [DefenderPermission.ManagePortalSystemSettings] }, new HashSet<Guid>())).ShouldContain("administrator (default) role only");
        Refused(() => PortalRules.SaveRole(on, new DefenderRole { Name = "x" }, new HashSet<Guid>())).ShouldContain("at least one permission");
        Refused(() => PortalRules.DeleteRole(on, on.Roles[0].Id)).ShouldContain("cannot be deleted");
    }

    [Fact]
    public void The_highest_ranked_group_that_fits_takes_a_device()
    {
        var world = TenantWorld.Create(PlaneHost.Find(PlaneHost.Harrowgate)!);
        var state = PortalRules.SaveDeviceGroup(Start, new DeviceGroup
        {
            Name = "Linux desks",
            Rule = [new(DeviceProperty.Os, DeviceOperator.Equals, "linux"), new(DeviceProperty.Os, DeviceOperator.Equals, "macOS"), new(DeviceProperty.Domain, DeviceOperator.EndsWith, "gate.example")],
        });
        state = PortalRules.SaveDeviceGroup(state, new DeviceGroup { Name = "All", Rule = [new(DeviceProperty.Name, DeviceOperator.Contains, "-")] });

        foreach (var device in world.Devices) PortalRules.GroupOf(state, device).Name.ShouldBe(device.Os is "Linux" or "macOS" ? "Linux desks" : "All");
        var moved = PortalRules.Move(state, state.DeviceGroups.First(group => group.Name == "All").Id, up: true);
        moved.DeviceGroups.Select(group => group.Name).ShouldBe(["One", "Two", "All", "Linux desks", "UnassignedGroup"]);
        foreach (var device in world.Devices) PortalRules.GroupOf(moved, device).Name.ShouldBe("All");
        PortalRules.GroupOf(Start, world.Devices[0]).IsUnassigned.ShouldBeTrue("a group without a rule takes nothing");
    }

    [Fact]
    public void Rank_ends_at_the_top_and_above_the_unassigned_group()
    {
        PortalRules.Move(Start, 1, up: true).DeviceGroups.ShouldBe(Start.DeviceGroups);
        PortalRules.Move(Start, 2, up: false).DeviceGroups.ShouldBe(Start.DeviceGroups);
        PortalRules.Move(Start, 1, up: false).DeviceGroups.Select(group => group.Id).ShouldBe([2, 1, 0]);
        Refused(() => PortalRules.Move(Start, 0, up: true)).ShouldContain("lowest rank");
        Refused(() => PortalRules.DeleteDeviceGroup(Start, 0)).ShouldContain("cannot be deleted");
    }

    [Fact]
    public void A_rule_has_ten_rows_of_a_kind_and_access_goes_to_groups_with_a_role()
    {
        Refused(() => PortalRules.SaveDeviceGroup(Start, new DeviceGroup { Name = "Many", Rule = [.. Enumerable.Range(0, 11).Select(n => new DeviceCondition(DeviceProperty.Name, DeviceOperator.Equals, $"d{n}"))] })).ShouldContain("at most 10 rows");
        Refused(() => PortalRules.SaveDeviceGroup(Start, new DeviceGroup { Name = "Open", Access = [Group] })).ShouldContain("has no Defender role");
        Refused(() => PortalRules.SaveDeviceGroup(Start, new DeviceGroup { Name = "oNe" })).ShouldContain("already a device group");
        Refused(() => PortalRules.SaveDeviceGroup(Start, new DeviceGroup { Name = "unassignedgroup" })).ShouldContain("already a device group");
    }

    [Fact]
    public void Deleting_a_device_group_takes_it_out_of_mail_rules_and_a_rule_left_with_none_goes_too()
    {
        var state = Start;
        foreach (var (name, groups) in new[] { ("both", new[] { 1, 2 }), ("one", [1]) }) state = PortalRules.SaveMailRule(state, Rule(name) with { DeviceGroups = groups }, Now);
        state = PortalRules.SaveMailRule(state, Rule("all"), Now);

        state = PortalRules.DeleteDeviceGroup(state, 1);

        state.MailRules.Select(rule => (rule.Name, rule.DeviceGroups is null ? "all" : string.Join(',', rule.DeviceGroups))).ShouldBe([("both", "2"), ("all", "all")]);
    }

    [Fact]
    public void An_address_that_stays_keeps_the_time_it_was_added()
    {
        var state = PortalRules.SaveMailRule(Start, Rule("r"), Now);

        state = PortalRules.SaveMailRule(state, state.MailRules[0] with { Recipients = [new("SOC@north.example", default), new("new@north.example", default), new("new@NORTH.example", default)] }, Now.AddDays(1));

        state.MailRules.Single().Recipients.ShouldBe([new("soc@north.example", Now), new("new@north.example", Now.AddDays(1))]);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("a b@x.example")]
    [InlineData("Ann <ann@x.example>")]
    [InlineData("\"ann\"@x.example")]
    [InlineData("ann@x.example, ben@x.example")]
    [InlineData("ann@x.example\r\nBcc: eve@x.example")]
    [InlineData("ann@[127.0.0.1]")]
    [InlineData("")]
    public void Only_a_plain_address_is_a_recipient(string address) => Refused(() => PortalRules.Address(address)).ShouldContain("is not an e-mail address");

    [Theory]
    [InlineData("x", "", "application ID must be a GUID")]
    [InlineData("11111111-2222-3333-4444-555555555555", "north.example", "tenant ID must be a GUID")]
    [InlineData("11111111-2222-3333-4444-555555555555", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "this tenant's own ID")]
    public void An_authorization_needs_two_good_ids(string application, string tenant, string reason) => Refused(() => PortalRules.Authorize(Start, application, tenant, "adam", Now)).ShouldContain(reason);

    [Theory]
    [InlineData("microsoft.xdr/secops/*/manage", "microsoft.xdr/secops/securitydata/alerts/manage", true)]
    [InlineData("microsoft.xdr/secops/*/manage", "microsoft.xdr/secops/securitydata/read", true)]
    [InlineData("microsoft.xdr/secops/*/read", "microsoft.xdr/secops/securitydata/alerts/manage", false)]
    [InlineData("microsoft.xdr/secops/securitydata/basics/read", "microsoft.xdr/secops/securitydata/read", true)]
    [InlineData("microsoft.xdr/configuration/*/manage", "microsoft.xdr/secops/securitydata/read", false)]
    public void Actions_cover_others(string held, string wanted, bool covers) => UnifiedActions.Covers(held, wanted).ShouldBe(covers);

    [Fact]
    public void What_a_wildcard_covers_is_dropped()
    {
        UnifiedActions.Normalise(["microsoft.xdr/secops/*/manage", "microsoft.xdr/secops/securitydata/read", "Microsoft.XDR/configuration/system/read", "microsoft.xdr/secops/*/manage"])
            .ShouldBe(["microsoft.xdr/secops/*/manage", "microsoft.xdr/configuration/system/read"]);
    }

    private static MailRule Rule(string name) => new() { Name = name, Severities = ["high"], Recipients = [new("soc@north.example", default)] };

    private static string Refused(Action change) => Should.Throw<PortalRefusedException>(change).Message;
}
