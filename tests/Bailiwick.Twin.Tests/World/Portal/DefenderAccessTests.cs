using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Tests.World.Portal;

/// <summary>The table of who sees and does what, before and after roles are turned on.</summary>
public sealed class DefenderAccessTests
{
    private static readonly Guid Tenant = Guid.NewGuid();
    private static readonly Guid TierOne = Guid.NewGuid();
    private static readonly Guid TierTwo = Guid.NewGuid();
    private static readonly Guid Admins = Guid.NewGuid();
    private static readonly HashSet<Guid> Groups = [TierOne, TierTwo, Admins];
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private static PortalState Basic { get; } = new()
    {
        TenantId = Tenant,
        DeviceGroups = [new() { Id = 1, Name = "Shopfloor" }, new() { Id = 2, Name = "Servers" }, new() { Name = DeviceGroup.UnassignedName }],
    };

    private static PortalState RolesOn => PortalRules.TurnOnRoles(Basic, "adam@alder.example", Now);

    [Theory]
    [InlineData("Global Administrator")]
    [InlineData("Security Administrator")]
    public void Administrators_of_the_directory_keep_everything_in_every_model(string role)
    {
        var person = Person(role);
        foreach (var portal in new[] { Basic, RolesOn, PortalRules.Activate(Basic, [Workload.Endpoints]), Closed(RolesOn, TierOne) })
        {
            var access = DefenderAccess.Of(portal, person);
            access.IsAdministrator.ShouldBeTrue();
            access.ManagesRoles.ShouldBeTrue();
            access.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBeNull();
            DefenderPermissions.All.ShouldAllBe(permission => access.Can(permission, "Servers"));
        }
    }

    [Fact]
    public void Readers_see_all_lose_it_when_roles_are_turned_on_and_have_it_again_under_unified_roles()
    {
        foreach (var person in new[] { Person("Security Reader"), new PortalPerson(Guid.NewGuid(), [DefenderAccess.GlobalReader], []) })
        {
            var before = DefenderAccess.Of(Basic, person);
            before.HasRole.ShouldBeTrue();
            before.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBeNull();
            before.Can(DefenderPermission.AlertsInvestigation).ShouldBeFalse();

            DefenderAccess.Of(RolesOn, person).HasRole.ShouldBeFalse();

            var unified = DefenderAccess.Of(PortalRules.Activate(RolesOn, [Workload.Endpoints]), person);
            unified.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBeNull();
            unified.Can(DefenderPermission.AlertsInvestigation).ShouldBeFalse();
        }
    }

    [Fact]
    public void Nobody_else_sees_anything_under_basic_permissions()
    {
        var access = DefenderAccess.Of(Basic, new PortalPerson(Guid.NewGuid(), [DirectoryRoles.ApplicationAdministrator], [TierOne]));

        access.HasRole.ShouldBeFalse();
        access.Can(DefenderPermission.ViewDataSecurityOperations).ShouldBeFalse();
        access.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBe([]);
    }

    [Fact]
    public void A_role_reaches_people_through_their_groups_and_devices_that_are_open_to_all()
    {
        var portal = WithTiers(RolesOn);

        var analyst = DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierOne]));
        analyst.Can(DefenderPermission.AlertsInvestigation, "Servers").ShouldBeTrue();
        analyst.Can(DefenderPermission.LiveResponseBasic, "Servers").ShouldBeFalse();
        analyst.Can(DefenderPermission.ManagePortalSystemSettings).ShouldBeFalse();
        analyst.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBe(["Servers", "Shopfloor", "UnassignedGroup"]);
        DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [Admins])).HasRole.ShouldBeFalse();
    }

    [Fact]
    public void A_device_group_with_an_access_list_is_seen_through_the_groups_on_it_only()
    {
        var portal = Closed(WithTiers(RolesOn), TierTwo);

        var one = DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierOne]));
        one.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBe(["Shopfloor", "UnassignedGroup"]);
        one.Can(DefenderPermission.ViewDataSecurityOperations, "Servers").ShouldBeFalse();
        one.Can(DefenderPermission.AlertsInvestigation, null).ShouldBeTrue("an alert without a device needs the permission alone");

        var two = DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierTwo]));
        two.GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBe(["Servers", "Shopfloor", "UnassignedGroup"]);
    }

    [Fact]
    public void A_permission_on_a_device_comes_through_the_group_that_opens_it()
    {
        var portal = PortalRules.SaveRole(RolesOn, new DefenderRole { Name = "Look", Permissions = [DefenderPermission.ViewDataSecurityOperations], Groups = [TierTwo] }, Groups);
        portal = PortalRules.SaveRole(portal, new DefenderRole { Name = "Act", Permissions = [DefenderPermission.ViewDataSecurityOperations, DefenderPermission.AlertsInvestigation], Groups = [TierOne] }, Groups);
        portal = Closed(portal, TierTwo);

        var both = DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierOne, TierTwo]));

        both.Can(DefenderPermission.ViewDataSecurityOperations, "Servers").ShouldBeTrue();
        both.Can(DefenderPermission.AlertsInvestigation, "Servers").ShouldBeFalse("the group that opens the servers may only look");
        both.Can(DefenderPermission.AlertsInvestigation, "Shopfloor").ShouldBeTrue();
        both.GroupsWith(DefenderPermission.AlertsInvestigation).ShouldBe(["Shopfloor", "UnassignedGroup"]);
    }

    [Fact]
    public void A_group_added_to_the_built_in_role_has_everything_until_unified_roles_take_over()
    {
        var builtIn = RolesOn.Roles.Single();
        builtIn.Name.ShouldBe("Microsoft Defender for Endpoint administrator (default)");
        var portal = Closed(PortalRules.SaveRole(WithTiers(RolesOn), new DefenderRole { Id = portalId(), Name = "renamed", Groups = [Admins] }, Groups), TierTwo);
        portal.Roles[0].Name.ShouldBe(builtIn.Name);

        var person = new PortalPerson(Guid.NewGuid(), [], [Admins]);
        DefenderAccess.Of(portal, person).IsAdministrator.ShouldBeTrue();
        DefenderAccess.Of(portal, person).GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBeNull();
        DefenderAccess.Of(PortalRules.Activate(portal, [Workload.Endpoints]), person).HasRole.ShouldBeFalse();
        DefenderAccess.Of(PortalRules.Activate(portal, [Workload.Identity]), person).IsAdministrator.ShouldBeTrue("another workload changes nothing for endpoints");

        Guid portalId() => WithTiersId;
    }

    [Fact]
    public void Unified_roles_hold_for_people_and_groups_by_what_their_actions_cover()
    {
        var role = Guid.NewGuid();
        var someone = Guid.NewGuid();
        var portal = PortalRules.SaveUnifiedRole(PortalRules.Activate(Basic, [Workload.Endpoints]), new UnifiedRole { Id = role, Name = "Operations", Actions = ["microsoft.xdr/secops/*/manage"] });
        portal = PortalRules.SaveUnifiedAssignment(portal, new UnifiedAssignment { RoleId = role, Principals = [TierOne, someone] }, new HashSet<Guid> { TierOne, someone });
        var closed = Closed(portal, TierOne);

        foreach (var person in new[] { new PortalPerson(Guid.NewGuid(), [], [TierOne]), new PortalPerson(someone, [], [TierOne]) })
        {
            var access = DefenderAccess.Of(closed, person);
            access.Can(DefenderPermission.AlertsInvestigation, "Servers").ShouldBeTrue();
            access.Can(DefenderPermission.ViewDataSecurityOperations, "Servers").ShouldBeTrue("manage covers read");
            access.Can(DefenderPermission.ManageSecuritySettings).ShouldBeFalse();
            access.ManagesRoles.ShouldBeFalse();
        }

        DefenderAccess.Of(closed, new PortalPerson(someone, [], [])).Can(DefenderPermission.AlertsInvestigation, "Servers").ShouldBeFalse();
        var mail = PortalRules.SaveUnifiedAssignment(portal with { UnifiedAssignments = [] }, new UnifiedAssignment { RoleId = role, Principals = [TierOne], Scopes = ["Mdo"] }, Groups);
        DefenderAccess.Of(mail, new PortalPerson(Guid.NewGuid(), [], [TierOne])).HasRole.ShouldBeFalse("an assignment for mail does not reach endpoints");
    }

    [Fact]
    public void Authorization_manage_lets_others_change_roles()
    {
        var role = Guid.NewGuid();
        var portal = PortalRules.SaveUnifiedRole(PortalRules.Activate(Basic, [Workload.Endpoints]), new UnifiedRole { Id = role, Name = "Settings", Actions = ["microsoft.xdr/configuration/*/manage"] });
        portal = PortalRules.SaveUnifiedAssignment(portal, new UnifiedAssignment { RoleId = role, Principals = [TierOne] }, Groups);

        var access = DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierOne]));

        access.ManagesRoles.ShouldBeTrue();
        access.IsAdministrator.ShouldBeFalse();
        access.Can(DefenderPermission.ManagePortalSystemSettings).ShouldBeTrue();
    }

    [Fact]
    public void Imported_roles_give_the_same_access_as_before()
    {
        var before = Closed(WithTiers(RolesOn), TierTwo);
        var after = PortalRules.Activate(PortalRules.ImportRoles(before), [Workload.Endpoints]);

        foreach (Guid[] groups in new[] { new[] { TierOne }, [TierTwo], [TierOne, TierTwo], [Admins] })
        {
            var person = new PortalPerson(Guid.NewGuid(), [], groups);
            var (old, now) = (DefenderAccess.Of(before, person), DefenderAccess.Of(after, person));
            foreach (var permission in DefenderPermissions.All)
            {
                now.Can(permission).ShouldBe(old.Can(permission), permission.ToString());
                now.GroupsWith(permission).ShouldBe(old.GroupsWith(permission), permission.ToString());
            }
        }
    }

    [Fact]
    public void Alerts_of_a_renamed_or_deleted_group_stay_visible_to_those_who_may_see_their_devices()
    {
        var portal = WithTiers(RolesOn);
        portal = PortalRules.SaveDeviceGroup(portal, portal.DeviceGroups[0] with { Name = "Floor" });
        portal = PortalRules.DeleteDeviceGroup(portal, 2);

        DefenderAccess.Of(portal, new PortalPerson(Guid.NewGuid(), [], [TierOne])).GroupsWith(DefenderPermission.ViewDataSecurityOperations).ShouldBe(["Floor", "Servers", "Shopfloor", "UnassignedGroup"]);
    }

    private static Guid WithTiersId => Fixed.Roles[0].Id;

    private static PortalState Fixed { get; } = RolesOn;

    private static PortalPerson Person(string role) => new(Guid.NewGuid(), [DirectoryRoles.Find(role)!.Value], []);

    private static PortalState Closed(PortalState portal, Guid access) => portal with { DeviceGroups = [.. portal.DeviceGroups.Select(group => group.Name == "Servers" ? group with { Access = [access] } : group)] };

    /// <summary>The two tiers as the delegated-access pages describe them.</summary>
    private static PortalState WithTiers(PortalState portal)
    {
        DefenderPermission[] one =
        [
            .. DefenderPermissions.Assignable.Where(permission => permission is not (DefenderPermission.LiveResponseBasic or DefenderPermission.LiveResponseAdvanced or DefenderPermission.ManageSecuritySettings)),
        ];
        portal = PortalRules.SaveRole(portal with { Roles = [Fixed.Roles[0]] }, new DefenderRole { Name = "Tier 1 Analyst", Permissions = one, Groups = [TierOne] }, Groups);
        return PortalRules.SaveRole(portal, new DefenderRole { Name = "Tier 2 Analyst", Permissions = [.. one, DefenderPermission.LiveResponseBasic, DefenderPermission.LiveResponseAdvanced], Groups = [TierTwo] }, Groups);
    }
}
