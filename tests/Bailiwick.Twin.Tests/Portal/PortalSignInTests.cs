namespace Bailiwick.Twin.Tests.Portal;

public sealed class PortalSignInTests
{
    [Fact]
    public async Task A_link_with_tid_opens_that_tenant_and_one_without_the_persons_own()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();

        using var guest = await world.OpenAsync(PortalWorld.One);
        guest.Kind.ShouldBe("portal-alerts", guest.Words);
        guest.Words.ShouldContain("Alder Mills");
        guest.Words.ShouldContain("rehearsal, not Microsoft");
        guest.Address.ShouldBe($"{world.Root}/alerts");

        await guest.GetAsync("/");
        guest.Kind.ShouldBe("portal-no-role");
        guest.Words.ShouldContain("North Watch");
        using var member = await PortalBrowser.OpenAsync(world.Twin, null, PortalWorld.Admin);
        (member.Kind, member.Address).ShouldBe(("portal-alerts", $"{world.Root}/alerts"));
    }

    [Fact]
    public async Task One_browser_keeps_several_tenants_open()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        using var browser = await world.OpenAsync(PortalWorld.One);

        await browser.GetAsync($"/?tid={world.Twin.Birch.Id}");
        (browser.Kind, browser.Status).ShouldBe(("portal-no-role", 403));
        browser.Words.ShouldContain("Missing: the directory role Security Reader");
        await browser.GetAsync($"{world.Root}/alerts");
        browser.Kind.ShouldBe("portal-alerts");
    }

    [Fact]
    public async Task Somebody_who_is_not_in_the_tenant_meets_sign_ins_own_error()
    {
        await using var world = await PortalWorld.StartAsync();
        using var browser = await world.OpenAsync(PortalWorld.Stranger);
        browser.Kind.ShouldBe("error");
        browser.Words.ShouldContain("AADSTS50020");

        using var lost = new PortalBrowser(world.Twin);
        await lost.GetAsync("/?tid=2f0cfd4e-9d1c-4f6e-8f2b-0a1b2c3d4e5f");
        lost.Words.ShouldContain("AADSTS90002");
        foreach (var bad in new[] { "/?tid=%2F%2Fevil.example", "/?tid=x%0d%0ay", "/?tid=..%2F..", "/?tid=%00" }) (await lost.GetAsync(bad)).Status.ShouldBeInRange(400, 499, bad);
    }

    [Fact]
    public async Task A_guest_who_is_removed_and_a_role_that_is_taken_away_lose_the_next_page()
    {
        await using var world = await PortalWorld.StartAsync();
        await world.GiveTiersAsync();
        using var one = await world.OpenAsync(PortalWorld.One);
        using var two = await world.OpenAsync(PortalWorld.Two);

        await world.PutAsync(new { roles = Array.Empty<object>() });
        (await two.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("portal-no-role");
        two.Words.ShouldContain("turned roles on");
        await world.Twin.Control.DeleteUserAsync(world.OneId, default);
        (await one.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("error");
        one.Words.ShouldContain("AADSTS50020");
    }

    [Fact]
    public async Task A_revoked_person_signs_in_again()
    {
        await using var world = await PortalWorld.StartAsync();
        using var admin = await world.OpenAsync(PortalWorld.Admin);
        admin.Kind.ShouldBe("portal-alerts");

        await world.Twin.Control.ChangeClockAsync(new() { AdvanceSeconds = 1 }, default);
        await world.Twin.Control.RevokeAsync(world.Twin.AlderAdmin.Id, default);

        (await admin.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("signin");
    }

    [Fact]
    public async Task Idle_sessions_end_and_sign_out_ends_them_at_once()
    {
        await using var world = await PortalWorld.StartAsync();
        using var browser = await world.OpenAsync(PortalWorld.Admin);
        var before = Session(browser);

        await world.Twin.Control.ChangeClockAsync(new() { AdvanceSeconds = 31 * 60 }, default);
        await browser.GetAsync($"{world.Root}/alerts");
        browser.Kind.ShouldBe("portal-alerts", "the account is still signed in");
        Session(browser).ShouldNotBe(before, "but the portal's session began anew");

        var token = browser.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];
        await browser.SendFormAsync("/portal/signout", [new("ctx", token)]);
        browser.Kind.ShouldBe("signed-out");
        (await browser.GetAsync($"{world.Root}/alerts")).Kind.ShouldBe("signin");

        static string Session(PortalBrowser browser) => browser.Cookies.GetAllCookies().Single(cookie => cookie.Name == "__Host-TWINPORTAL").Value;
    }

    [Fact]
    public async Task Cookies_and_pages_are_locked_down()
    {
        await using var world = await PortalWorld.StartAsync();
        using var browser = await world.OpenAsync(PortalWorld.Admin);

        var cookie = browser.Cookies.GetAllCookies().Single(cookie => cookie.Name == "__Host-TWINPORTAL");
        (cookie.HttpOnly, cookie.Secure, cookie.Path).ShouldBe((true, true, "/"));
        browser.Response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'none'");
        browser.Response.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        browser.Page.ShouldNotContain("<script");
        browser.Page.ShouldNotContain(" style=");
    }

    [Fact]
    public async Task An_answer_of_sign_in_is_taken_once_and_only_by_the_browser_that_asked()
    {
        await using var world = await PortalWorld.StartAsync();
        using var thief = new PortalBrowser(world.Twin);
        foreach (var query in new[] { "", "?code=x&state=y", "?state=&code=", "?error=access_denied" })
        {
            await thief.GetAsync("/portal/signin" + query);
            (thief.Kind, thief.Status).ShouldBe(("portal-signin-error", 400));
        }

        using var walker = new Walker(world.Twin);
        await walker.GetAsync("/");
        await walker.GetAsync(walker.Location!.OriginalString);
        await walker.SignInAsync(PortalWorld.Admin);
        var answer = walker.Location!.PathAndQuery;
        (await thief.GetAsync(answer)).Kind.ShouldBe("portal-signin-error");
        await walker.GetAsync(answer);
        walker.Kind.ShouldBe("portal-signin-error", "the thief's attempt used the answer up");
    }
}
