using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Tests.Portal;

public sealed class SettingsPagesTests
{
    [Fact]
    public async Task An_administrator_turns_roles_on_and_gives_a_tier_its_role()
    {
        await using var world = await PortalWorld.StartAsync();
        using var reader = await world.OpenAsync(PortalWorld.Reader);
        reader.Kind.ShouldBe("portal-alerts");
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/roles");
        admin.Words.ShouldContain("You cannot go back to basic permissions.");
        admin.Words.ShouldContain("until a role is given to one of their security groups: Rita Reader");

        await admin.PostAsync("/settings/roles", ("act", "turn-on"));
        admin.Fault.ShouldContain("cannot be undone");
        world.Planes.Portals!.Of(world.Tenant).RolesOn.ShouldBeFalse();
        await admin.PostAsync("/settings/roles", ("act", "turn-on"), ("confirm", "yes"));
        admin.Words.ShouldContain("Roles are on.");
        admin.Words.ShouldContain(DefenderRole.BuiltInName);
        (await reader.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("portal-no-role");

        await admin.GetAsync($"{world.Root}/settings/roles/new");
        await admin.PostAsync("/settings/roles/new", ("name", "Tier 1 Analyst"), ("permission", "ViewDataSecurityOperations"), ("group", world.TierOne.Id.ToString()));
        admin.Words.ShouldContain("The role was saved.");
        using var one = await world.OpenAsync(PortalWorld.One);
        one.Kind.ShouldBe("portal-alerts");
        (await one.GetAsync($"{world.Root}/settings/roles")).Kind.ShouldBe("portal-forbidden");
        (await one.GetAsync($"{world.Root}/settings")).Words.ShouldContain("Not within your permissions.");
    }

    [Theory]
    [InlineData("name", "", "needs a name")]
    [InlineData("permission", "", "at least one permission")]
    [InlineData("permission", "Everything", "'Everything' is not a permission.")]
    [InlineData("permission", "ManagePortalSystemSettings", "administrator (default) role only")]
    [InlineData("group", "x", "'x' is not an id.")]
    [InlineData("group", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "security groups only")]
    [InlineData("name", "Tier 2", "already a role named")]
    public async Task A_bad_role_is_one_sentence_and_changes_nothing(string field, string value, string reason)
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var before = world.Planes.Portals!.Of(world.Tenant);
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/roles/new");
        Dictionary<string, string?> fields = new() { ["name"] = "Fine <i>", ["permission"] = "AlertsInvestigation", ["group"] = world.TierOne.Id.ToString() };
        fields[field] = value.Length == 0 && field != "name" ? null : value;

        await admin.PostAsync("/settings/roles/new", [.. fields.Select(pair => (pair.Key, pair.Value))]);

        (admin.Status, admin.Kind).ShouldBe((400, "portal-role"));
        admin.Fault.ShouldContain(reason);
        admin.Page.ShouldNotContain("<i>");
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    [Fact]
    public async Task Device_groups_are_made_ranked_opened_and_deleted()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/device-groups/new");
        await admin.PostAsync("/settings/device-groups/new", ("act", "preview"), ("name", "Linux"), ("property", "Os"), ("operator", "Equals"), ("value", "Linux"));
        (admin.Kind, admin.Status).ShouldBe(("portal-device-group", 200));
        admin.Words.ShouldContain("Matching devices");
        State().DeviceGroups.ShouldNotContain(group => group.Name == "Linux");

        await admin.PostAsync("/settings/device-groups/new", ("act", "save"), ("access", world.TierTwo.Id.ToString()));
        admin.Words.ShouldContain("The device group was saved.");
        var made = State().DeviceGroups[^2];
        (made.Name, made.Rule.Single(), made.Access.Single()).ShouldBe(("Linux", new DeviceCondition(DeviceProperty.Os, DeviceOperator.Equals, "Linux"), world.TierTwo.Id));

        for (var i = State().DeviceGroups.Count; i > 2; i--) await admin.SendFormAsync($"{world.Root}/settings/device-groups", [new("ctx", Token(admin)), new("id", $"{made.Id}"), new("act", "up")]);
        State().DeviceGroups[0].Name.ShouldBe("Linux");
        var linux = world.Planes.Alerts.WorldOf(world.Tenant).Devices.Where(device => device.Os == "Linux").ToList();
        linux.ShouldAllBe(device => device.Group == "Linux");

        using var one = await world.OpenAsync(PortalWorld.One);
        (await one.GetAsync($"{world.Root}/devices")).Words.ShouldNotContain(" Linux ");
        await world.PutAsync(new { mailRules = new object[] { new { name = "Penguins", severities = new[] { "high" }, recipients = new[] { "soc@north.example" }, deviceGroups = new[] { "Linux" } } } });
        await admin.SendFormAsync($"{world.Root}/settings/device-groups", [new("ctx", Token(admin)), new("id", $"{made.Id}"), new("act", "ask")]);
        admin.Words.ShouldContain("Penguins has no other group and is deleted");
        await admin.PostAsync("/settings/device-groups", ("act", "delete"));
        admin.Words.ShouldContain("The device group was deleted.");
        (State().DeviceGroups.Any(group => group.Name == "Linux"), State().MailRules.Count).ShouldBe((false, 0));

        PortalState State() => world.Planes.Portals!.Of(world.Tenant);
    }

    [Fact]
    public async Task Bad_device_groups_are_refused_with_a_sentence()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        var before = world.Planes.Portals!.Of(world.Tenant);
        await admin.GetAsync($"{world.Root}/settings/device-groups/new");
        foreach (var (name, value, reason) in new[] { ("name", " ", "needs a name"), ("level", "9", "is not a value of the automation level"), ("access", "x", "is not an id"), ("property", "Colour", "is not a comparison"), ("name", new string('n', 121), "at most 120") })
        {
            await admin.PostAsync("/settings/device-groups/new", [("act", "save"), .. new (string Name, string? Value)[] { ("name", "ok"), ("property", "Name"), ("operator", "Equals"), ("value", "x") }.Where(field => field.Name != name), (name, value)]);
            (admin.Status, admin.Kind).ShouldBe((400, "portal-device-group"), reason);
            admin.Fault.ShouldContain(reason);
        }

        foreach (var fields in new[] { new[] { ("act", "up"), ("id", "99999999999") }, [("act", "up"), ("id", "4711")], [("act", "delete"), ("id", "0")], [("act", "burn"), ("id", "0")], [("act", "ask")] })
        {
            await admin.SendFormAsync($"{world.Root}/settings/device-groups", [new("ctx", Token(admin)), .. fields.Select(field => KeyValuePair.Create(field.Item1, field.Item2))]);
            (admin.Status, admin.Kind).ShouldBe((400, "portal-device-groups"));
            admin.Fault.ShouldNotBeEmpty();
        }

        (await admin.GetAsync($"{world.Root}/settings/device-groups/4711")).Status.ShouldBe(404);
        (await admin.GetAsync($"{world.Root}/settings/device-groups/-1")).Status.ShouldBe(404);
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    [Fact]
    public async Task Unified_roles_are_activated_imported_and_undone()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        using var one = await world.OpenAsync(PortalWorld.One);
        await admin.GetAsync($"{world.Root}/settings/workloads");
        await admin.PostAsync("/settings/workloads", ("act", "activate"), ("workload", "Endpoints"));
        (await one.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("portal-no-role");

        await admin.SendFormAsync($"{world.Root}/settings/workloads", [new("ctx", Token(admin)), new("act", "import")]);
        admin.Words.ShouldContain("microsoft.xdr/secops/securitydata/read");
        (await one.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("portal-alerts");
        await admin.PostAsync("/settings/workloads", ("act", "activate"), ("workload", null));
        world.Planes.Portals!.Of(world.Tenant).Model.ShouldBe(PermissionModel.MdeRbac);
        await admin.PostAsync("/settings/workloads", ("act", "activate"), ("workload", "Kitchen"));
        admin.Fault.ShouldBe("'Kitchen' is not a workload.");
    }

    [Fact]
    public async Task Retention_sets_the_tenants_knob()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/retention");
        await admin.PostAsync("/settings/retention", ("days", "90"));
        admin.Words.ShouldContain("The retention was saved.");
        world.Planes.EffectiveKnobs(world.Tenant).RetentionDays.ShouldBe(90);
        await admin.PostAsync("/settings/retention", ("days", "-5"));
        admin.Fault.ShouldContain("Choose one of");
        world.Planes.EffectiveKnobs(world.Tenant).RetentionDays.ShouldBe(90);
        using var reader = await world.OpenAsync(PortalWorld.Reader);
        foreach (var page in new[] { "retention", "siem", "notifications", "roles", "workloads", "device-groups", "device-groups/new", "notifications/new", "siem/arcsight.zip", "siem/splunk.txt" })
        {
            await reader.GetAsync($"{world.Root}/settings/{page}");
            (reader.Kind, reader.Status).ShouldBe(("portal-forbidden", 403), page);
        }
    }

    private static string Token(PortalBrowser browser) => browser.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];
}
