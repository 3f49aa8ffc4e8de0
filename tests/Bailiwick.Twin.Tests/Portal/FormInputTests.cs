using System.Globalization;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>Every form of the portal with whatever a person or a program may put into it.</summary>
public sealed class FormInputTests
{
    private static readonly string[] Paths =
    [
        "/settings/roles", "/settings/roles/new", "/settings/workloads", "/settings/device-groups", "/settings/device-groups/new", "/settings/device-groups/0", "/settings/device-groups/10",
        "/settings/siem", "/settings/notifications", "/settings/notifications/new", "/settings/retention", "/alerts/{alert}",
    ];

    private static readonly string[] Names =
    [
        "act", "id", "name", "description", "permission", "group", "workload", "level", "property", "operator", "value", "access", "application", "tenant", "secret", "devices", "severity",
        "recipients", "days", "status", "classification", "determination", "assignedTo", "comment", "organization",
    ];

    private static readonly string[] Values =
    [
        "", " ", "0", "-1", "99999999999999999999", "1e9", "null", "true", "x", "save", "delete", "ask", "up", "down", "import", "activate", "details", "authorize", "remove", "update", "comment", "preview",
        "Name", "Equals", "Full", "4", "groups", "all", "high", "resolved", "Endpoints", "AlertsInvestigation", "6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01", "{6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01}",
        "<script>alert(1)</script>", "'; DROP TABLE documents; --", "a@b.example\r\nBcc: c@d.example", "\0", "\uD800", "\u202Egnp.exe", "../../etc/passwd", "%00%0d%0a", "𝕏", "a\nb",
    ];

    [Fact]
    public async Task No_form_ends_in_an_error_of_the_server_and_a_refusal_says_why_and_changes_nothing()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var alert = world.Planes.Alerts.Raise(world.Tenant);
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        var token = admin.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];
        var random = new Random(20260301);
        var refused = 0;
        for (var round = 0; round < 400; round++)
        {
            var path = world.Root + Paths[round % Paths.Length].Replace("{alert}", alert, StringComparison.Ordinal);
            List<KeyValuePair<string, string>> fields = [new("ctx", token)];
            for (var i = random.Next(8); i >= 0; i--) fields.Add(new(Names[random.Next(Names.Length)], Text(random)));
            var what = string.Create(CultureInfo.InvariantCulture, $"{path}: {string.Join(", ", fields.Skip(1))}");
            var before = world.Planes.Portals!.Of(world.Tenant);

            await admin.SendFormAsync(path, fields);

            admin.Status.ShouldBeInRange(200, 499, what);
            admin.Page.ShouldNotContain("<script");
            if (admin.Status != 400) continue;
            refused++;
            admin.Fault.ShouldNotBeNullOrWhiteSpace(what);
            world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before, what);
        }

        refused.ShouldBeGreaterThan(150);
        (await admin.GetAsync($"{world.Root}/settings")).Kind.ShouldBe("portal-settings");
    }

    private static string Text(Random random) => random.Next(12) == 0 ? new string((char)random.Next(32, 0x2fff), random.Next(3000)) : Values[random.Next(Values.Length)];
}
