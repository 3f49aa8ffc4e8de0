using System.Net;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>My Access in a browser without a screen.</summary>
public sealed class MyAccessTests(GovernanceTwin twin) : IClassFixture<GovernanceTwin>
{
    private const string Nasty = "\"><script>alert(1)</script>";

    [Fact]
    public async Task A_person_asks_cancels_asks_again_is_approved_extends_and_gives_up_and_a_reviewer_decides()
    {
        var own = await GovernanceTwin.StartAsync();
        try
        {
            await WalkAsync(own);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_first_page_needs_no_sign_in_and_follows_fragments()
    {
        using var walker = new Walker(twin.Twin);
        await walker.GetAsync("/myaccess/@alder.example");

        walker.Kind.ShouldBe("myaccess-landing");
        walker.Page.ShouldContain("Alder Mills");
        walker.Page.ShouldContain("<script src=\"/myaccess/forward.js\" defer></script>");
        (await walker.GetAsync("/myaccess/forward.js")).Page.ShouldContain("location.hash");
        (await walker.GetAsync("/myaccess/@nobody.example")).Kind.ShouldBe("myaccess-error");
    }

    [Fact]
    public async Task Forms_without_their_own_token_of_this_session_change_nothing()
    {
        var own = await GovernanceTwin.StartAsync();
        try
        {
            var access = await DelegatedAccess.SetUpAsync(await own.GraphAsync(own.Alder), "northwatch.example", own.Twin.AlderAdmin.Id.ToString(), (await own.Twin.Control.ClockAsync(default)).Now.AddDays(2));
            var (asked, other) = ($"/myaccess/@alder.example/access-packages/{access.Packages["Tier 1 Analyst"]}", $"/myaccess/@alder.example/access-packages/{access.Packages["Tier 2 Analyst"]}");
            using var stranger = new Walker(own.Twin);
            await OpenAsync(stranger, asked, "ann@northwatch.example");
            var strange = TokenOf(stranger);
            using var ann = new Walker(own.Twin);
            await OpenAsync(ann, asked, "ann@northwatch.example");
            var token = TokenOf(ann);

            foreach (var wrong in new[] { "", "guess", strange })
            {
                await ann.PostToAsync(asked, ("justification", "x"), ("ctx", wrong));
                ann.Kind.ShouldBe("myaccess-error", "another session's token, or none");
            }

            (await ann.PostToAsync(other, ("justification", "x"), ("ctx", token))).Kind.ShouldBe("myaccess-error", "the token of another form");
            (await ann.GetAsync("/myaccess/@alder.example")).Page.ShouldContain("You have made no request");
            await ann.PostToAsync(asked, ("justification", "x"), ("ctx", token));
            ann.Location.ShouldNotBeNull();
            (await ann.GetAsync("/myaccess/@alder.example")).Page.ShouldContain("pendingApproval");
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task Pages_are_closed_to_frames_and_to_scripts_of_others()
    {
        using var browser = twin.Twin.CreateClient();
        using var page = await browser.GetAsync(new Uri("/myaccess/@alder.example", UriKind.Relative));

        page.Headers.GetValues("Content-Security-Policy").Single().ShouldBe("default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task In_proxy_mode_the_real_name_leads_here()
    {
        await using var real = await RunningTwin.StartAsync(new TwinOptions { ProxyPort = 0 });
        using var handler = TwinTrust.CreateHandler(real.Host.CaFile);
        (handler.UseProxy, handler.Proxy, handler.AllowAutoRedirect) = (true, new WebProxy(real.Host.ProxyAddress), false);
        using var browser = new HttpClient(handler);

        var landing = await browser.GetStringAsync(new Uri("https://myaccess.microsoft.com/@alder.example"));
        landing.ShouldContain("href=\"/@alder.example?signin=1\"");
        using var start = await browser.GetAsync(new Uri($"https://myaccess.microsoft.com/@alder.example/access-packages/{Guid.NewGuid()}"));
        start.Headers.Location!.OriginalString.ShouldStartWith("https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?");
        start.Headers.Location.OriginalString.ShouldContain(Uri.EscapeDataString("https://myaccess.microsoft.com/signin"));
        using var signIn = await browser.GetAsync(start.Headers.Location);
        (await signIn.Content.ReadAsStringAsync()).ShouldContain("content=\"signin\"");
    }

    private static async Task WalkAsync(GovernanceTwin twin)
    {
        var start = (await twin.Twin.Control.ClockAsync(default)).Now;
        await twin.Twin.Control.CreateUserAsync(twin.Twin.Provider.Id, new NewUser { Name = $"Nils {Nasty}", Upn = "nils@northwatch.example", Password = RunningTwin.Password }, default);
        var access = await DelegatedAccess.SetUpAsync(await twin.GraphAsync(twin.Alder), "northwatch.example", twin.Twin.AlderAdmin.Id.ToString(), start.AddDays(2));
        var link = $"/myaccess/@alder.example/access-packages/{access.Packages["MSSP Analyst Approvers"]}";
        using var nils = new Walker(twin.Twin);
        await OpenAsync(nils, link, "nils@northwatch.example");

        await nils.PostAsync(); // without the justification that the policy wants
        (nils.Kind, nils.Page.Contains("requires a justification", StringComparison.Ordinal)).ShouldBe(("myaccess-package", true));
        await nils.PostAsync(("justification", Nasty));
        await FollowAsync(nils);
        nils.Page.ShouldContain("pendingApproval");
        await nils.PostAsync(); // the one form of the page cancels the request
        await FollowAsync(nils);
        nils.Page.ShouldContain("canceled");
        await nils.GetAsync(link);
        await nils.PostAsync(("justification", Nasty));

        // nobody from outside sees what waits for approval; the customer's administrator does
        (await nils.GetAsync("/myaccess/@alder.example/request-approval")).Location!.OriginalString.ShouldContain($"/{twin.Alder.Id}/oauth2/v2.0/authorize?");
        using var adam = new Walker(twin.Twin);
        await OpenAsync(adam, "/myaccess/@alder.example/request-approval", "adam@alder.example");
        adam.Kind.ShouldBe("myaccess-approvals");
        adam.Page.ShouldContain("North Watch SOC");
        adam.Page.ShouldContain(WebUtility.HtmlEncode(Nasty));
        adam.Page.ShouldNotContain("<script>alert");
        await adam.PostAsync(("decision", "approve"));
        adam.Page.ShouldContain("requires a justification");
        await adam.PostAsync(("decision", "approve"), ("justification", "Known"));
        await FollowAsync(adam);
        adam.Page.ShouldContain("Nothing waits for your decision");
        (await access.MembersAsync("MSSP Analyst Approvers")).ShouldBe([$"Nils {Nasty}"]);

        // extension asks again for approval; the administrator denies it
        await nils.GetAsync("/myaccess/@alder.example");
        await nils.PostAsync(("act", "extend"), ("justification", "More"));
        await adam.GetAsync("/myaccess/@alder.example/request-approval");
        adam.Page.ShouldContain("extension");
        await adam.PostAsync(("decision", "deny"), ("justification", "Not yet"));
        await nils.GetAsync("/myaccess/@alder.example");
        nils.Page.ShouldContain("userUpdate");
        nils.Page.ShouldContain("denied");

        // the review, two days later; sessions of the day before are over
        await twin.AdvanceAsync(3);
        await OpenAsync(adam, "/myaccess/@alder.example/access-reviews", "adam@alder.example");
        adam.Kind.ShouldBe("myaccess-reviews");
        await adam.PostAsync(("decision", "Approve"), ("justification", "Needed"));
        await FollowAsync(adam);
        adam.Page.ShouldContain("<dd>Approve</dd>");

        await OpenAsync(nils, "/myaccess/@alder.example?signin=1", "nils@northwatch.example");
        await nils.PostAsync(("act", "remove"));
        await FollowAsync(nils);
        nils.Page.ShouldContain("You have no access package");
        (await access.With(await twin.GraphAsync(twin.Alder)).MembersAsync("MSSP Analyst Approvers")).ShouldBeEmpty();
        (await nils.GetAsync(link)).Page.ShouldContain("blocked");
    }

    private static string TokenOf(Walker walker) => walker.Page.Split("name=\"ctx\" value=\"")[1].Split('"')[0];

    private static async Task OpenAsync(Walker walker, string page, string person)
    {
        await walker.GetAsync(page);
        await FollowAsync(walker);
        if (walker.Kind == "signin") await walker.SignInAsync(person);
        if (walker.Kind == "pick-account") await walker.PostAsync(("account", person));
        if (walker.Kind == "review") await walker.AcceptAsync();
        await FollowAsync(walker);
    }

    private static async Task FollowAsync(Walker walker)
    {
        while (walker.Location is { } next) await walker.GetAsync(next.OriginalString);
    }
}
