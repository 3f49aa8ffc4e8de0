using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests.Browser;

/// <summary>
/// A guest analyst opens the portals of three customers by their links: one with basic permissions, one with roles and device groups, one where the analyst has no role.
/// Then the first customer turns roles on.
/// </summary>
public sealed class DefenderPortalTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Password = "Correct-Horse-7";
    private const string Analyst = "ann@northwatch.example";
    private TwinFixture _twin = null!;
    private IReadOnlyList<TwinTenant> _customers = [];
    private TwinGroup _tier = null!;

    public async Task InitializeAsync()
    {
        _twin = await TwinFixture.StartAsync();
        _customers = await _twin.AddCustomersAsync(3);
        var provider = (await _twin.Control.TenantsAsync(default)).Single(tenant => tenant.DefaultDomain == "northwatch.example");
        await _twin.Control.CreateUserAsync(provider.Id, new NewUser { Name = "Ann Analyst", Upn = Analyst, Password = Password }, default);
        for (var i = 0; i < 3; i++)
        {
            _twin.Planes.Alerts.Generate(_customers[i].Id, 40, seed: i + 1);
            await _twin.Control.CreateUserAsync(_customers[i].Id, new NewUser { Name = "Adam Admin", Upn = $"adam@{_customers[i].DefaultDomain}", Password = Password, Roles = ["Global Administrator"] }, default);
            var guest = await _twin.Control.CreateUserAsync(_customers[i].Id, new NewUser { GuestOf = Analyst, Accepted = false, Roles = i == 0 ? ["Security Reader"] : [] }, default);
            var tier = await _twin.Control.CreateGroupAsync(_customers[i].Id, new NewGroup("Tier 1 Analyst", [guest.Id]), default);
            if (i == 0) _tier = tier;
            if (i == 1) await OpenOneGroupAsync(_customers[i], tier);
        }
    }

    public async Task DisposeAsync() => await _twin.DisposeAsync();

    [SkippableFact]
    public async Task A_guest_sees_in_each_customers_portal_what_the_customer_allows()
    {
        var analyst = await chromium.OpenAsync();

        await VisitAsync(analyst, _customers[0]);
        await Assertions.Expect(analyst.Locator("body")).ToContainTextAsync(_customers[0].DisplayName);
        var all = await GroupsSeenAsync(analyst, _customers[0]);
        await VisitAsync(analyst, _customers[1]);
        var own = await GroupsSeenAsync(analyst, _customers[1]);
        await Chromium.KeepAsync(analyst, "portal-tier-one");
        await VisitAsync(analyst, _customers[2]);
        (await KindAsync(analyst)).ShouldBe("portal-no-role");
        await Chromium.KeepAsync(analyst, "portal-no-role");

        all.Count.ShouldBeGreaterThan(2, "a Security Reader sees every device group with basic permissions");
        own.Count.ShouldBe(1, "the tier's role opens one device group only");
    }

    [SkippableFact]
    public async Task Turning_roles_on_takes_a_readers_access_until_a_role_gives_it_back()
    {
        var analyst = await chromium.OpenAsync();
        await VisitAsync(analyst, _customers[0]);
        (await KindAsync(analyst)).ShouldBe("portal-alerts");
        await Chromium.KeepAsync(analyst, "portal-basic");

        var admin = await chromium.OpenAsync();
        await VisitAsync(admin, _customers[0], $"adam@{_customers[0].DefaultDomain}");
        await admin.GotoAsync($"{_twin.Host.Address}portal/{_customers[0].Id}/settings/roles");
        await Chromium.KeepAsync(admin, "portal-turn-on");
        await admin.Locator("input[name=confirm]").CheckAsync();
        await admin.Locator("button[name=act][value=turn-on], form:has(input[value=turn-on]) button").First.ClickAsync();
        await Assertions.Expect(admin.Locator("body")).ToContainTextAsync("Roles are on.");
        await analyst.ReloadAsync();
        (await KindAsync(analyst)).ShouldBe("portal-no-role");

        await admin.GotoAsync($"{_twin.Host.Address}portal/{_customers[0].Id}/settings/roles/new");
        await admin.Locator("input[name=name]").FillAsync("Tier 1 Analyst");
        await admin.Locator("input[name=permission][value=ViewDataSecurityOperations]").CheckAsync();
        await admin.Locator($"input[name=group][value='{_tier.Id}']").CheckAsync();
        await Chromium.KeepAsync(admin, "portal-role");
        await admin.Locator("main form button[type=submit], main form button:not([type])").Last.ClickAsync();
        await Assertions.Expect(admin.Locator("body")).ToContainTextAsync("The role was saved.");
        await analyst.GotoAsync($"{_twin.Host.Address}?tid={_customers[0].Id}");
        (await KindAsync(analyst)).ShouldBe("portal-alerts");
    }

    [SkippableTheory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task No_page_scrolls_sideways_and_none_breaks_its_own_policy(int width)
    {
        var page = await chromium.OpenAsync(width);
        List<string> complaints = [];
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Add(message.Text);
        };
        await VisitAsync(page, _customers[0], $"adam@{_customers[0].DefaultDomain}");
        foreach (var path in new[] { "alerts", "devices", "settings", "settings/roles", "settings/device-groups", "settings/siem", "settings/notifications", "settings/retention" })
        {
            var answer = (await page.GotoAsync($"{_twin.Host.Address}portal/{_customers[0].Id}/{path}"))!;
            answer.Status.ShouldBe(200, path);
            (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0, $"{path} at {width} px");
            await Chromium.KeepAsync(page, $"portal-{path.Replace('/', '-')}-{width}");
        }

        complaints.ShouldBeEmpty();
    }

    /// <summary>Opens a customer's portal by its link; signs in and accepts the first visit where asked.</summary>
    private async Task VisitAsync(IPage page, TwinTenant customer, string person = Analyst)
    {
        await page.GotoAsync($"{_twin.Host.Address}?tid={customer.Id}");
        if (await KindAsync(page) == "pick-account") await page.Locator("button.account").First.ClickAsync();
        if (await KindAsync(page) == "signin")
        {
            await page.Locator("input[name=login]").FillAsync(person);
            await page.Locator("input[name=passwd]").FillAsync(Password);
            await page.Locator("button:not(.quiet)").ClickAsync();
        }

        if (await KindAsync(page) == "review") await page.Locator("button[value=accept]").ClickAsync();
    }

    private static async Task<string> KindAsync(IPage page) => await page.Locator("meta[name=twin-page]").GetAttributeAsync("content") ?? "";

    /// <summary>Names of device groups among the tenant's devices as the page shows them.</summary>
    private async Task<IReadOnlyCollection<string>> GroupsSeenAsync(IPage page, TwinTenant customer)
    {
        await page.GotoAsync($"{_twin.Host.Address}portal/{customer.Id}/devices");
        var text = await page.Locator("main").InnerTextAsync();
        var groups = await GroupNamesAsync(customer);
        return [.. groups.Where(group => text.Contains(group, StringComparison.Ordinal))];
    }

    private async Task<IReadOnlyList<string>> GroupNamesAsync(TwinTenant customer)
    {
        var portal = await _twin.Control.GetAsync<JsonElement>($"tenants/{customer.Id}/portal", default);
        return [.. portal.GetProperty("deviceGroups").EnumerateArray().Where(group => group.GetProperty("rule").GetArrayLength() > 0).Select(group => group.GetProperty("name").GetString()!)];
    }

    /// <summary>Roles are on; the tier's role opens the first device group, all others are closed to it.</summary>
    private async Task OpenOneGroupAsync(TwinTenant customer, TwinGroup tier)
    {
        var portal = await _twin.Control.GetAsync<System.Text.Json.Nodes.JsonObject>($"tenants/{customer.Id}/portal", default);
        var other = await _twin.Control.CreateGroupAsync(customer.Id, new NewGroup("Own people"), default);
        var groups = portal["deviceGroups"]!.DeepClone().AsArray();
        for (var i = 0; i < groups.Count; i++) groups[i]!["access"] = new System.Text.Json.Nodes.JsonArray((i == 0 ? tier : other).Id.ToString());
        await _twin.Control.PutAsync<JsonElement>(
            $"tenants/{customer.Id}/portal",
            new
            {
                model = "MdeRbac",
                roles = new object[]
                {
                    new { name = "Tier 1 Analyst", permissions = new[] { "ViewDataSecurityOperations" }, groups = new[] { tier.Id } },
                    new { name = "Own people", permissions = new[] { "ViewDataSecurityOperations" }, groups = new[] { other.Id } },
                },
                deviceGroups = groups,
            },
            default);
    }
}
