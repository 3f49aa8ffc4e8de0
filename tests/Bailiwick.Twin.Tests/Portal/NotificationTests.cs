using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Portal.Mail;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Tests.Portal;

public sealed class NotificationTests
{
    private static readonly TwinTenant Alder = new(Guid.Parse("6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01"), "Alder Mills", "alder.example", "SE");
    private static readonly MailedAlert Alert = new("da1_2", "Odd service\r\nBcc: eve@x.example \u202Etxt", "high", "Persistence", "microsoftDefenderForEndpoint", "new", "2026-03-01 08:00:00", "press-03.alder.example", "Servers");

    [SkippableFact]
    public async Task A_new_alert_is_mailed_to_those_who_were_on_the_rule_before()
    {
        await using var server = await MailServer.StartOrSkipAsync();
        await using var world = await PortalWorld.StartAsync(new TwinOptions { Smtp = $"127.0.0.1:{server.Port}" });
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        var early = Raise(world, "Before the rule", "high");
        await AddRuleAsync(admin, world, "All high", [("severity", "high")], "soc@north.example\nhub@north.example");

        var id = Raise(world, "Räksmörgås on the till", "high");
        Raise(world, "Not high", "low");
        world.Planes.Alerts.Update(world.Tenant, early);

        var mail = (await server.MailsAsync(1)).ShouldHaveSingleItem();
        Header(mail, "X-RcptTo").ShouldBe("soc@north.example, hub@north.example");
        var text = BodyOf(mail);
        text.ShouldContain("Organization: Alder Mills\n");
        text.ShouldContain("Alert: Räksmörgås on the till\nSeverity: High\n");
        text.ShouldContain($"\n{world.Twin.Host.Address}alerts/{id}?tid={world.Tenant}\n");
        text.ShouldNotContain("\nDevice: ");

        await admin.GetAsync($"{world.Root}/settings/notifications");
        admin.Words.ShouldContain("taken by the relay for 2");
        using var soc = await world.OpenAsync(PortalWorld.Admin);
        await soc.GetAsync($"/alerts/{id}?tid={world.Tenant}");
        soc.Title.ShouldBe("Räksmörgås on the till");
    }

    [SkippableFact]
    public async Task Send_test_email_sends_at_once_and_saves_nothing()
    {
        await using var server = await MailServer.StartOrSkipAsync();
        await using var world = await PortalWorld.StartAsync(new TwinOptions { Smtp = $"127.0.0.1:{server.Port}" });
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/notifications/new");

        await admin.PostAsync("/settings/notifications/new", ("act", "test"), ("name", "Mine"), ("recipients", "alerts+alder@hub.example"));

        admin.Words.ShouldContain("A test mail went to 1 recipient.");
        var mail = (await server.MailsAsync(1)).ShouldHaveSingleItem();
        Header(mail, "Subject").ShouldBe("[Alder Mills] Test email of the notification rule Mine");
        BodyOf(mail).ShouldContain($"{world.Twin.Host.Address}?tid={world.Tenant}");
        world.Planes.Portals!.Of(world.Tenant).MailRules.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_relay_the_page_says_so_and_with_a_dead_one_what_happened()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/notifications");
        admin.Words.ShouldContain("No mail is sent");
        await admin.GetAsync($"{world.Root}/settings/notifications/new");
        await admin.PostAsync("/settings/notifications/new", ("act", "test"), ("name", "Mine"), ("recipients", "soc@north.example"));
        admin.Fault.ShouldContain("without a mail relay");

        var closed = Bailiwick.Testing.LocalPort.Free();
        await using var dead = await PortalWorld.StartAsync(new TwinOptions { Smtp = $"127.0.0.1:{closed}" });
        using var other = await dead.OpenAsync(PortalWorld.Admin);
        await other.GetAsync($"{dead.Root}/settings/notifications/new");
        await other.PostAsync("/settings/notifications/new", ("act", "test"), ("name", "Mine"), ("recipients", "soc@north.example"));
        other.Status.ShouldBe(400);
        other.Fault.ShouldContain($"The relay 127.0.0.1:{closed} did not take the mail");
    }

    [Fact]
    public async Task People_without_an_administrators_role_make_rules_for_their_device_groups_only()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        var (mine, other) = (world.Planes.Portals!.Of(world.Tenant).DeviceGroups[0], world.Planes.Portals.Of(world.Tenant).DeviceGroups[1]);
        await world.PutAsync(new { deviceGroups = world.Planes.Portals.Of(world.Tenant).DeviceGroups.Select(group => group.Id == other.Id ? group with { Access = [world.TierOne.Id] } : group) });
        await world.PutAsync(new { mailRules = new object[] { new { name = "Everything", severities = new[] { "low" }, recipients = new[] { "it@alder.example" } } } });
        using var two = await world.OpenAsync(PortalWorld.Two);
        await two.GetAsync($"{world.Root}/settings/notifications/new");
        two.Page.ShouldNotContain("All devices</span>");
        two.Words.ShouldNotContain($" {other.Name} ");

        await two.PostAsync("/settings/notifications/new", ("act", "save"), ("name", "Mine"), ("recipients", "soc@north.example"), ("devices", "all"));
        two.Fault.ShouldContain("are made by administrators");
        await two.PostAsync("/settings/notifications/new", ("act", "save"), ("devices", null), ("group", $"{other.Id}"));
        two.Fault.ShouldContain("are made by administrators");
        await two.PostAsync("/settings/notifications/new", ("act", "save"), ("group", $"{mine.Id}"));
        two.Words.ShouldContain("The notification rule was saved.");
        var rules = world.Planes.Portals.Of(world.Tenant).MailRules;
        rules.Select(rule => rule.Name).ShouldBe(["Everything", "Mine"]);

        var token = two.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];
        await two.SendFormAsync($"{world.Root}/settings/notifications", [new("ctx", token), new("act", "delete"), new("id", rules[0].Id.ToString())]);
        two.Kind.ShouldBe("portal-forbidden");
        (await two.GetAsync($"{world.Root}/settings/notifications/{rules[0].Id}")).Kind.ShouldBe("portal-forbidden");
        await two.SendFormAsync($"{world.Root}/settings/notifications", [new("ctx", token), new("act", "delete"), new("id", rules[1].Id.ToString())]);
        world.Planes.Portals.Of(world.Tenant).MailRules.Select(rule => rule.Name).ShouldBe(["Everything"]);
        using var one = await world.OpenAsync(PortalWorld.One);
        (await one.GetAsync($"{world.Root}/settings/notifications")).Kind.ShouldBe("portal-forbidden");
    }

    [Theory]
    [InlineData("recipients", "nobody", "is not an e-mail address")]
    [InlineData("recipients", "", "at least one recipient")]
    [InlineData("severity", "loud", "is not a severity")]
    [InlineData("severity", null, "at least one severity")]
    [InlineData("name", "", "needs a name")]
    [InlineData("group", "4711", "There is no device group 4711.")]
    [InlineData("group", "x", "'x' is not a whole number.")]
    [InlineData("group", null, "Choose all devices")]
    public async Task A_bad_rule_is_one_sentence_and_changes_nothing(string field, string? value, string reason)
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        await admin.GetAsync($"{world.Root}/settings/notifications/new");
        var before = world.Planes.Portals!.Of(world.Tenant);
        Dictionary<string, string?> fields = new() { ["act"] = "save", ["name"] = "r", ["recipients"] = "soc@north.example", ["devices"] = "groups", ["group"] = "0", ["severity"] = "high" };
        fields[field] = value;

        await admin.PostAsync("/settings/notifications/new", [.. fields.Select(pair => (pair.Key, pair.Value))]);

        (admin.Status, admin.Kind).ShouldBe((400, "portal-notification"));
        admin.Fault.ShouldContain(reason);
        world.Planes.Portals.Of(world.Tenant).ShouldBeSameAs(before);
    }

    [Fact]
    public void The_mail_obeys_the_toggles_and_alert_text_cannot_break_out_of_its_line()
    {
        var bare = new MailRule { Name = "r", Recipients = [new("soc@north.example", default)] };

        using var mail = AlertMail.Of(Alder, bare, Alert, "https://localhost:9", default);
        mail.Subject.ShouldBe("High alert: Odd service  Bcc: eve@x.example \ufffdtxt");
        mail.Body.ShouldStartWith("Alert: Odd service  Bcc: eve@x.example \ufffdtxt\r\nSeverity: High\r\n");
        mail.Body.ShouldContain("https://localhost:9/alerts/da1_2\r\n");
        foreach (var absent in new[] { "Alder", "tid=", "press-03", "Organization" }) mail.Body.ShouldNotContain(absent);

        using var full = AlertMail.Of(Alder, bare with { IncludeOrganization = true, IncludeTenantLink = true, IncludeDevice = true }, Alert with { Title = new string('x', 300) }, "https://localhost:9", default);
        full.Subject.ShouldStartWith("[Alder Mills] High alert: xxx");
        full.Subject.Length.ShouldBe(200);
        full.Body.ShouldContain($"https://localhost:9/alerts/da1_2?tid={Alder.Id}\r\n");
        full.Body.ShouldContain("Device: press-03.alder.example\r\nDevice group: Servers\r\n");
    }

    [Theory]
    [InlineData("high", "Servers", true)]
    [InlineData("low", "Servers", false)]
    [InlineData("high", "Office", false)]
    [InlineData("high", null, false)]
    public void A_rule_for_some_groups_takes_alerts_of_their_devices_only(string severity, string? group, bool taken)
    {
        var state = new PortalState { TenantId = Alder.Id, DeviceGroups = [new() { Id = 2, Name = "Servers" }, new() { Id = 3, Name = "Office" }, new() { Name = DeviceGroup.UnassignedName }] };
        var rule = new MailRule { Name = "r", Severities = ["high"], DeviceGroups = [2] };

        AlertMailer.IsFor(state, rule, Alert with { Severity = severity, Group = group }).ShouldBe(taken);
        AlertMailer.IsFor(state, rule with { DeviceGroups = null }, Alert with { Severity = severity, Group = group }).ShouldBe(severity == "high");
    }

    [Theory]
    [InlineData("mail.example:25", true)]
    [InlineData("[::1]:2525", true)]
    [InlineData("mail.example", false)]
    [InlineData(":25", false)]
    [InlineData("mail.example:0", false)]
    [InlineData("a b:25", false)]
    public void The_relay_is_a_host_and_a_port(string relay, bool good) => (new TwinOptions { Smtp = relay }.Validate() is null).ShouldBe(good);

    private static async Task AddRuleAsync(PortalBrowser admin, PortalWorld world, string name, (string, string?)[] fields, string recipients)
    {
        await admin.GetAsync($"{world.Root}/settings/notifications/new");
        await admin.PostAsync("/settings/notifications/new", [("act", "save"), ("name", name), ("recipients", recipients), .. fields]);
        admin.Words.ShouldContain("The notification rule was saved.");
    }

    private static string Raise(PortalWorld world, string title, string severity) => world.Planes.Alerts.Raise(
        world.Tenant, new Dictionary<string, JsonElement> { ["title"] = JsonSerializer.SerializeToElement(title), ["severity"] = JsonSerializer.SerializeToElement(severity) });

    private static string Header(string mail, string name)
    {
        var lines = mail.Split("\n\n")[0].Replace("\n ", " ", StringComparison.Ordinal).Split('\n');
        return lines.First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();
    }

    private static string BodyOf(string mail)
    {
        var body = mail[(mail.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
        return Header(mail, "Content-Transfer-Encoding") switch
        {
            "base64" => Encoding.UTF8.GetString(Convert.FromBase64String(body.Replace("\n", "", StringComparison.Ordinal))).ReplaceLineEndings("\n"),
            "quoted-printable" => Unquoted(body),
            _ => body,
        };
    }

    private static string Unquoted(string body)
    {
        var bytes = new List<byte>();
        body = body.Replace("=\n", "", StringComparison.Ordinal);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '=') (bytes, i) = ([.. bytes, Convert.ToByte(body.Substring(i + 1, 2), 16)], i + 2);
            else bytes.Add((byte)body[i]);
        }

        return Encoding.UTF8.GetString([.. bytes]).ReplaceLineEndings("\n");
    }
}
