using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Bailiwick.Twin.Tests.Graph.Directory;

namespace Bailiwick.Twin.Tests.Entra;

/// <summary>Sign-in routes that the flows of other tests do not pass.</summary>
public sealed class FurtherRoutesTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    private RunningTwin Twin => people.Twin;

    [Theory]
    [InlineData("/device", "device-code")]
    [InlineData("/common/oauth2/deviceauth", "device-code")]
    [InlineData("/error", "error-help")]
    [InlineData("/twin", "home")]
    [InlineData("/myaccess/signout", "myaccess-signed-out")]
    [InlineData("/common/oauth2/logout", "signed-out")]
    public async Task A_page_says_what_it_is(string path, string kind)
    {
        using var walker = new Walker(Twin);

        (await walker.GetAsync(path)).Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData("/twin/style.css", "text/css")]
    [InlineData("/twin/post.js", "text/javascript")]
    [InlineData("/myaccess/style.css", "text/css")]
    public async Task What_pages_load_is_there(string path, string type)
    {
        using var client = Twin.CreateClient();

        using var answer = await client.GetAsync(path);

        (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, type));
    }

    [Theory]
    [InlineData("oauth2/v2.0")]
    [InlineData("oauth2")]
    public async Task Authorize_takes_a_form_and_logout_a_post(string version)
    {
        using var client = Twin.CreateClient();
        var asked = new Dictionary<string, string> { ["client_id"] = people.App.AppId.ToString(), ["response_type"] = "code", ["redirect_uri"] = RunningTwin.HubRedirect };
        asked[version == "oauth2" ? "resource" : "scope"] = version == "oauth2" ? "https://graph.microsoft.com" : "openid";

        using var authorize = await client.PostAsync($"/{Twin.Alder.Id}/{version}/authorize", new FormUrlEncodedContent(asked));
        using var logout = await client.PostAsync($"/{Twin.Alder.Id}/{version}/logout", new FormUrlEncodedContent([]));

        (await authorize.Content.ReadAsStringAsync()).ShouldContain("twin-page\" content=\"signin\"");
        (await logout.Content.ReadAsStringAsync()).ShouldContain("signed-out");
    }

    [Fact]
    public async Task The_old_device_endpoint_gives_codes_too()
    {
        var app = await Twin.CreateAppAsync("Old device", app => app with { PublicClient = true });
        var (status, body) = await Twin.TokenAsync(Twin.Alder.Id, new() { ["client_id"] = app.AppId.ToString(), ["resource"] = "https://graph.microsoft.com" }, "oauth2/devicecode");

        status.ShouldBe(HttpStatusCode.OK, body.ToString());
        body.GetProperty("user_code").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task UserInfo_is_the_person_of_the_token_and_nobody_else()
    {
        using var client = Twin.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await people.TokenOfAsync("adam@alder.example"));
        using var body = JsonDocument.Parse(await client.GetStringAsync("/graph/oidc/userinfo"));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await people.TokenAsync());
        using var refused = await client.GetAsync("/graph/oidc/userinfo");

        body.RootElement.GetProperty("email").GetString().ShouldBe("adam@alder.example");
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
