using System.Text.RegularExpressions;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>Pages of the portal that no other story opens: short addresses, and what exists already, changed.</summary>
public sealed partial class FurtherPagesTests
{
    [Fact]
    public async Task Short_addresses_lead_where_they_should()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        var alert = AlertPattern().Match(admin.Page).Groups[1].Value;

        (await admin.GetAsync($"{world.Root}/")).Kind.ShouldBe("portal-alerts");
        (await admin.GetAsync($"/alert/{alert}?tid={world.Tenant}")).Kind.ShouldBe("portal-alert");
        (await admin.GetAsync("/portal/style.css")).Response.Content.Headers.ContentType!.MediaType.ShouldBe("text/css");
    }

    [Fact]
    public async Task A_role_is_opened_and_changed()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        var role = world.Planes.Portals!.Of(world.Tenant).Roles.Single(known => known.Name == "Tier 1");

        await admin.GetAsync($"{world.Root}/settings/roles/{role.Id}");
        admin.Kind.ShouldBe("portal-role");
        await admin.PostAsync($"/settings/roles/{role.Id}", ("name", "Tier one"));

        admin.Words.ShouldContain("The role was saved.");
        world.Planes.Portals.Of(world.Tenant).Roles.Select(known => known.Name).ShouldContain("Tier one");
    }

    [Fact]
    public async Task A_notification_rule_is_opened_and_changed()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/notifications/new");
        await admin.PostAsync("/settings/notifications/new", ("act", "save"), ("name", "Night watch"), ("severity", "high"), ("recipients", "soc@northwatch.example"), ("devices", "all"));
        var rule = world.Planes.Portals!.Of(world.Tenant).MailRules.Single();

        await admin.GetAsync($"{world.Root}/settings/notifications/{rule.Id}");
        await admin.PostAsync($"/settings/notifications/{rule.Id}", ("act", "save"), ("name", "Day watch"));

        world.Planes.Portals.Of(world.Tenant).MailRules.Single().Name.ShouldBe("Day watch", admin.Words);
    }

    [GeneratedRegex("/alerts/([A-Za-z0-9_-]{8,})\"", RegexOptions.None, 1000)]
    private static partial Regex AlertPattern();
}
