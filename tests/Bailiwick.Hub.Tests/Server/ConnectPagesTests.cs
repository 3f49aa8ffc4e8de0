using System.Net;
using System.Web;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class ConnectPagesTests(HubServer hub)
{
    [Fact]
    public async Task A_link_shows_what_follows_in_one_browser_only_and_leads_to_the_sign_in_service_once()
    {
        var owner = hub.Api(await hub.KeyAsync(Role.Owner, null));
        var application = await owner.AddApplicationAsync(new NewApplication("pages", Guid.NewGuid(), Secret: "x"), default);
        var link = await owner.BeginCodeAsync(hub.OurTenant.Id, new BeginCode("pages"), default);
        link.Permissions.ShouldContain("https://graph.microsoft.com/.default");
        using var browser = hub.Client(null);
        using var page = await browser.GetAsync(link.Link);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync();
        html.ShouldContain(hub.OurTenant.Id.ToString());
        html.ShouldContain(application.ClientId.ToString());
        foreach (var permission in link.Permissions) html.ShouldContain(permission);
        html.ShouldNotContain("<b>");
        html.ShouldContain("Ours &lt;b&gt;&amp;amp;");
        html.ShouldNotContain("<script");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("form-action 'self' https://login.microsoftonline.com");
        var cookie = page.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");

        using var other = await browser.GetAsync(link.Link);
        other.StatusCode.ShouldBe(HttpStatusCode.NotFound, "another browser has no use of the link");
        (await SendAsync(browser, HttpMethod.Post, link.Link, null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var own = cookie.Split(';')[0];
        using var onward = await SendAsync(browser, HttpMethod.Post, link.Link, own);
        onward.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var query = HttpUtility.ParseQueryString(onward.Headers.Location!.Query);
        onward.Headers.Location.AbsoluteUri.ShouldStartWith($"https://login.microsoftonline.com/{hub.OurTenant.Id}/oauth2/v2.0/authorize?");
        query["redirect_uri"].ShouldBe(new Uri(hub.Address, Routes.ConnectCallback).AbsoluteUri);
        query["code_challenge_method"].ShouldBe("S256");
        (await SendAsync(browser, HttpMethod.Post, link.Link, own)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "a link works once");

        var back = new Uri(hub.Address, $"{Routes.ConnectCallback}?error=access_denied&error_description=%3Cscript%3E&state={query["state"]}");
        (await SendAsync(browser, HttpMethod.Get, back, null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var declined = await SendAsync(browser, HttpMethod.Get, back, own);
        declined.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await declined.Content.ReadAsStringAsync()).ShouldSatisfyAllConditions(text => text.ShouldContain("access_denied"), text => text.ShouldNotContain("script"));
        (await SendAsync(browser, HttpMethod.Get, back, own)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, "the state is used up");
        (await owner.ListAuditAsync(hub.OurTenant.Id, 50, null, default)).Items.ShouldContain(record => record.Event == "connection.refused" && record.Detail == "error=access_denied");
        await owner.RemoveApplicationAsync("pages", default);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, HttpMethod method, Uri address, string? cookie)
    {
        using var request = new HttpRequestMessage(method, address);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        return await browser.SendAsync(request);
    }
}
