using System.Net;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Entra;

public sealed class AuthorizeTests(RunningTwin twin) : IClassFixture<RunningTwin>
{
    private string Authorize(object tenant, CreatedApp? app = null, params (string Name, string? Value)[] changes)
    {
        Dictionary<string, string> query = new()
        {
            ["client_id"] = (app ?? twin.Hub).AppId.ToString(),
            ["response_type"] = "code",
            ["redirect_uri"] = RunningTwin.HubRedirect,
            ["scope"] = "openid profile offline_access https://graph.microsoft.com/User.Read",
            ["state"] = "s 1&2",
        };
        foreach (var (name, value) in changes)
        {
            if (value is null) query.Remove(name);
            else query[name] = value;
        }

        return $"/{tenant}/oauth2/v2.0/authorize?{Walker.Query(query)}";
    }

    private async Task<string> CodeAsync(object tenant, params (string Name, string? Value)[] changes)
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(tenant, null, changes));
        await walker.SignInAsync(twin.Analyst.Upn);
        return walker.Answer["code"];
    }

    private Dictionary<string, string> Redeem(string code, CreatedApp? app = null) => new()
    {
        ["grant_type"] = "authorization_code",
        ["client_id"] = (app ?? twin.Hub).AppId.ToString(),
        ["client_secret"] = (app ?? twin.Hub).Secrets[0].Value,
        ["code"] = code,
        ["redirect_uri"] = RunningTwin.HubRedirect,
    };

    private Dictionary<string, string> Refresh(string token) => new()
    {
        ["grant_type"] = "refresh_token",
        ["client_id"] = twin.Hub.AppId.ToString(),
        ["client_secret"] = twin.HubSecret,
        ["refresh_token"] = token,
    };

    private static long Code(JsonElement body) => body.GetProperty("error_codes")[0].GetInt64();

    [Fact]
    public async Task State_comes_back_unchanged_and_the_code_becomes_tokens_of_the_resource_tenant()
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.DefaultDomain, null, ("nonce", "n1"), ("client_info", "1")));
        await walker.SignInAsync(twin.Analyst.Upn);
        walker.Answer["state"].ShouldBe("s 1&2");
        walker.Answer.ShouldContainKey("client_info");
        walker.Answer.ShouldContainKey("session_state");
        walker.Location!.OriginalString.ShouldStartWith(RunningTwin.HubRedirect + "?code=");

        var (status, body) = await twin.TokenAsync(twin.Alder.Id, Redeem(walker.Answer["code"]));

        status.ShouldBe(HttpStatusCode.OK);
        body.Text("scope").ShouldBe("openid profile offline_access https://graph.microsoft.com/User.Read");
        var id = Jwt.Claims(body.Text("id_token")!);
        id.Text("nonce").ShouldBe("n1");
        id.Text("tid").ShouldBe(twin.Alder.Id.ToString());
        id.Text("aud").ShouldBe(twin.Hub.AppId.ToString());
        id.Text("iss").ShouldBe($"{twin.Host.Address}{twin.Alder.Id}/v2.0");
        id.Text("preferred_username").ShouldBe(twin.Analyst.Upn);
        Jwt.Claims(body.Text("access_token")!).Text("scp").ShouldBe("User.Read openid profile");
    }

    [Fact]
    public async Task A_code_for_the_legacy_resource_needs_no_state_and_no_proof_key_and_consent_is_asked_once()
    {
        var app = await twin.CreateAppAsync("Alder Mills SIEM MSSP Connector");
        var query = Walker.Query(new() { ["prompt"] = "select_account", ["response_type"] = "code", ["client_id"] = app.AppId.ToString(), ["redirect_uri"] = RunningTwin.LegacyRedirect, ["resource"] = "https://graph.windows.net" });
        using var walker = new Walker(twin);
        await walker.GetAsync($"/{twin.Alder.Id}/oauth2/authorize?{query}");
        await walker.SignInAsync(twin.Analyst.Upn);
        walker.Kind.ShouldBe("consent");
        await walker.AcceptAsync();
        walker.Location!.OriginalString.ShouldStartWith("https://SiemMsspConnector/?code=");

        var (status, body) = await twin.TokenAsync(twin.Alder.Id, new()
        {
            ["grant_type"] = "authorization_code",
            ["client_id"] = app.AppId.ToString(),
            ["client_secret"] = app.Secrets[0].Value,
            ["code"] = walker.Answer["code"],
            ["redirect_uri"] = RunningTwin.LegacyRedirect,
            ["resource"] = "https://graph.windows.net",
        }, "oauth2/token?");

        status.ShouldBe(HttpStatusCode.OK);
        body.Text("refresh_token").ShouldNotBeNullOrEmpty();
        body.GetProperty("expires_in").ValueKind.ShouldBe(JsonValueKind.String);
        var claims = Jwt.Claims(body.Text("access_token")!);
        claims.Text("aud").ShouldBe("https://graph.windows.net");
        claims.Text("tid").ShouldBe(twin.Alder.Id.ToString());
        claims.Text("idp").ShouldBe($"{twin.Host.Address}{twin.Provider.Id}/");
        await walker.GetAsync($"/{twin.Alder.Id}/oauth2/authorize?{query}");
        walker.Kind.ShouldBe("pick-account");
        await walker.PostAsync(("account", twin.Analyst.Upn));
        walker.Answer.ShouldContainKey("code");
    }

    [Theory]
    [InlineData("redirect_uri", "https://hub.example/CB", "50011")]
    [InlineData("redirect_uri", "https://hub.example/cb/", "50011")]
    [InlineData("client_id", "11111111-2222-3333-4444-555555555555", "700016")]
    [InlineData("client_id", null, "900144")]
    public async Task What_makes_the_redirect_unsafe_ends_on_a_page(string field, string? value, string code)
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id, null, (field, value)));

        walker.Location.ShouldBeNull();
        walker.Kind.ShouldBe("error");
        walker.Error.ShouldBe(code);
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("scope", "https://nothing.example/Read", "invalid_resource")]
    [InlineData("prompt", "none", "login_required")]
    [InlineData("prompt", "sometimes", "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_grant")]
    public async Task Other_faults_go_back_to_the_client_with_its_state(string field, string value, string error)
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id, null, (field, value)));

        walker.Answer["error"].ShouldBe(error);
        walker.Answer["state"].ShouldBe("s 1&2");
        walker.Answer["error_description"].ShouldStartWith("AADSTS");
    }

    [Fact]
    public async Task A_person_without_guest_object_sees_50020()
    {
        using var walker = new Walker(twin);
        var app = await twin.CreateAppAsync("Foreign", app => app with { Permissions = RunningTwin.HubPermissions });
        await walker.GetAsync(Authorize(twin.Cedar.Id, app));
        await walker.SignInAsync(twin.Analyst.Upn);

        walker.Kind.ShouldBe("error");
        walker.Error.ShouldBe("50020");
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_name_stay_on_the_page()
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id));
        await walker.SignInAsync(twin.Analyst.Upn, "wrong");
        (walker.Kind, walker.Error).ShouldBe(("signin", "50126"));
        await walker.SignInAsync("nobody@northwatch.example");
        (walker.Kind, walker.Error).ShouldBe(("signin", "50034"));
        await walker.SignInAsync(twin.Analyst.Upn);
        walker.Answer.ShouldContainKey("code");
    }

    [Fact]
    public async Task A_pending_guest_reviews_permissions_once()
    {
        var person = await twin.Control.CreateUserAsync(twin.Provider.Id, new NewUser { Name = "New Person", Upn = "new@northwatch.example", Password = RunningTwin.Password }, default);
        await twin.Control.CreateUserAsync(twin.Alder.Id, new NewUser { GuestOf = person.Upn, Accepted = false }, default);
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id));
        await walker.SignInAsync(person.Upn);
        walker.Kind.ShouldBe("review");
        await walker.AcceptAsync();
        walker.Answer.ShouldContainKey("code");
        await walker.GetAsync(Authorize(twin.Alder.Id));
        walker.Answer.ShouldContainKey("code");
    }

    [Fact]
    public async Task Only_an_administrator_grants_a_strong_permission_and_for_everybody_when_asked()
    {
        var app = await twin.CreateAppAsync("Strong");
        var scope = ("scope", (string?)"openid https://graph.microsoft.com/SecurityAlert.Read.All");
        using (var guest = new Walker(twin))
        {
            await guest.GetAsync(Authorize(twin.Alder.Id, app, scope));
            await guest.SignInAsync(twin.Analyst.Upn);
            guest.Error.ShouldBe("90094");
        }

        using (var admin = new Walker(twin))
        {
            await admin.GetAsync(Authorize(twin.Alder.Id, app, scope));
            await admin.SignInAsync(twin.AlderAdmin.Upn);
            admin.Kind.ShouldBe("consent");
            await admin.PostAsync(("decision", "accept"), ("onBehalf", "on"));
            admin.Answer.ShouldContainKey("code");
        }

        using var again = new Walker(twin);
        await again.GetAsync(Authorize(twin.Alder.Id, app, scope));
        await again.SignInAsync(twin.Analyst.Upn);
        again.Answer.ShouldContainKey("code");
    }

    [Fact]
    public async Task Declining_consent_returns_access_denied_with_cancel()
    {
        var app = await twin.CreateAppAsync("Declined");
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id, app));
        await walker.SignInAsync(twin.Analyst.Upn);
        await walker.PostAsync(("decision", "decline"));

        walker.Answer["error"].ShouldBe("access_denied");
        walker.Answer["error_subcode"].ShouldBe("cancel");
        walker.Answer["error_description"].ShouldStartWith("AADSTS65004:");
    }

    [Fact]
    public async Task A_page_cannot_be_posted_twice()
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id));
        var first = walker.Page;
        await walker.SignInAsync(twin.Analyst.Upn);
        using var client = twin.CreateClient();
        var ctx = first.Split("name=\"ctx\" value=\"")[1].Split('"')[0];
        using var replay = await client.PostAsync($"/{twin.Alder.Id}/login", new FormUrlEncodedContent(new Dictionary<string, string> { ["ctx"] = ctx, ["login"] = twin.Analyst.Upn, ["passwd"] = RunningTwin.Password }));

        replay.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_code_is_redeemed_once_and_a_second_try_revokes_what_came_of_it()
    {
        var code = await CodeAsync(twin.Alder.Id);
        var (_, first) = await twin.TokenAsync(twin.Alder.Id, Redeem(code));
        var (_, second) = await twin.TokenAsync(twin.Alder.Id, Redeem(code));
        var (_, refreshed) = await twin.TokenAsync(twin.Alder.Id, Refresh(first.Text("refresh_token")!));

        Code(second).ShouldBe(54005);
        Code(refreshed).ShouldBe(50173);
    }

    [Fact]
    public async Task A_code_is_bound_to_tenant_client_redirect_and_verifier()
    {
        var (verifier, challenge) = Walker.Pkce();
        var code = await CodeAsync(twin.Alder.Id, ("code_challenge", challenge), ("code_challenge_method", "S256"));
        var other = await twin.CreateAppAsync("Other client");
        var good = Redeem(code);
        good["code_verifier"] = verifier;

        Code((await twin.TokenAsync(twin.Birch.Id, good)).Body).ShouldBe(700005);
        Code((await twin.TokenAsync(twin.Alder.Id, Redeem(code, other))).Body).ShouldBe(70000);
        Code((await twin.TokenAsync(twin.Alder.Id, new(good) { ["redirect_uri"] = RunningTwin.LegacyRedirect })).Body).ShouldBe(500112);
        Code((await twin.TokenAsync(twin.Alder.Id, new(good) { ["code_verifier"] = new string('x', 43) })).Body).ShouldBe(501481);
        good.Remove("code_verifier");
        Code((await twin.TokenAsync(twin.Alder.Id, good)).Body).ShouldBe(900144);
        good["code_verifier"] = verifier;
        (await twin.TokenAsync(twin.Alder.Id, good)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_old_refresh_token_stays_good_and_a_new_one_comes_each_time()
    {
        var (_, first) = await twin.TokenAsync(twin.Alder.Id, Redeem(await CodeAsync(twin.Alder.Id)));
        var old = first.Text("refresh_token")!;
        var (_, second) = await twin.TokenAsync(twin.Alder.Id, Refresh(old));
        var (status, third) = await twin.TokenAsync(twin.Birch.Id, Refresh(old));

        second.Text("refresh_token").ShouldNotBe(old);
        status.ShouldBe(HttpStatusCode.OK);
        Jwt.Claims(third.Text("access_token")!).Text("tid").ShouldBe(twin.Birch.Id.ToString());
        Code((await twin.TokenAsync(twin.Cedar.Id, Refresh(old))).Body).ShouldBe(50020);
        Code((await twin.TokenAsync(twin.Alder.Id, Refresh("1.ATnonsense"))).Body).ShouldBe(9002313);
    }

    [Fact]
    public async Task Public_clients_need_a_proof_key_and_may_use_any_localhost_port()
    {
        var app = await twin.CreateAppAsync("Desktop", app => app with { RedirectUris = [], PublicRedirectUris = ["http://localhost/back"], Secrets = [], PublicClient = true });
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Provider.Id, app, ("redirect_uri", "http://localhost:51234/back")));
        walker.Answer["error_description"].ShouldStartWith("AADSTS9002325:");
        var (verifier, challenge) = Walker.Pkce();
        await walker.GetAsync(Authorize(twin.Provider.Id, app, ("redirect_uri", "http://localhost:51234/back"), ("code_challenge", challenge), ("code_challenge_method", "S256")));
        await walker.SignInAsync(twin.Analyst.Upn);
        await walker.AcceptAsync();

        var (status, body) = await twin.TokenAsync(twin.Provider.Id, new() { ["grant_type"] = "authorization_code", ["client_id"] = app.AppId.ToString(), ["code"] = walker.Answer["code"], ["redirect_uri"] = "http://localhost:51234/back", ["code_verifier"] = verifier });

        status.ShouldBe(HttpStatusCode.OK);
        Jwt.Claims(body.Text("access_token")!).Text("appidacr").ShouldBe("0");
    }

    [Fact]
    public async Task Form_post_and_hybrid_answers_carry_the_code()
    {
        var app = await twin.CreateAppAsync("Hybrid", app => app with { IssuesIdTokens = true });
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Provider.Id, app, ("response_type", "code id_token"), ("nonce", "n7"), ("response_mode", "form_post"), ("prompt", "consent")));
        await walker.SignInAsync(twin.Analyst.Upn);
        await walker.AcceptAsync();

        walker.Kind.ShouldBe("form-post");
        walker.Page.ShouldContain($"action=\"{RunningTwin.HubRedirect}\"");
        var token = walker.Page.Split("name=\"id_token\" value=\"")[1].Split('"')[0];
        Jwt.Claims(token).Text("nonce").ShouldBe("n7");
        Jwt.Claims(token).Text("c_hash").ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task An_application_that_requires_assignment_blocks_others_and_puts_roles_into_tokens()
    {
        var app = await twin.CreateAppAsync("Assigned", app => app with { IdentifierUris = ["api://assigned.example"] });
        await twin.Control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = app.AppId, Permissions = [new TwinPermission("https://graph.microsoft.com", "User.Read", false)] }, default);
        await twin.Control.ChangePrincipalAsync(twin.Alder.Id, app.AppId, new PrincipalChange(AssignmentRequired: true), default);
        using (var blocked = new Walker(twin))
        {
            await blocked.GetAsync(Authorize(twin.Alder.Id, app));
            await blocked.SignInAsync(twin.Analyst.Upn);
            blocked.Error.ShouldBe("50105");
        }

        var guest = (await twin.Control.UsersAsync(twin.Alder.Id, default)).Single(user => user.HomeUserId == twin.Analyst.Id);
        var group = await twin.Control.CreateGroupAsync(twin.Alder.Id, new NewGroup("Tier 1", [guest.Id]), default);
        await twin.Control.AssignAsync(twin.Alder.Id, new NewAssignment(app.AppId, group.Id, "Reader"), default);
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Alder.Id, app, ("scope", "openid api://assigned.example/access")));
        await walker.SignInAsync(twin.Analyst.Upn);
        var (_, body) = await twin.TokenAsync(twin.Alder.Id, Redeem(walker.Answer["code"], app));

        var claims = Jwt.Claims(body.Text("access_token")!);
        claims.List("roles").ShouldBe(["Reader"]);
        (claims.Text("ver"), claims.Text("aud"), claims.Text("azp")).ShouldBe(("2.0", app.AppId.ToString(), app.AppId.ToString()));
    }

    [Fact]
    public async Task Admin_consent_in_both_forms_creates_the_service_principal_and_grants()
    {
        foreach (var (path, extra) in new[] { ("adminconsent", ""), ("v2.0/adminconsent", "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default") })
        {
            var app = await twin.CreateAppAsync($"Consented by {path}", app => app with { Permissions = RunningTwin.HubPermissions });
            using var walker = new Walker(twin);
            await walker.GetAsync($"/{twin.Alder.Id}/{path}?client_id={app.AppId}&redirect_uri={Uri.EscapeDataString(RunningTwin.HubRedirect)}&state=x{extra}");
            await walker.SignInAsync(twin.AlderAdmin.Upn);
            walker.Kind.ShouldBe("admin-consent");
            await walker.AcceptAsync();

            walker.Answer["tenant"].ShouldBe(twin.Alder.Id.ToString());
            walker.Answer["admin_consent"].ShouldBe("True");
            walker.Answer["state"].ShouldBe("x");
            var (status, body) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app));
            status.ShouldBe(HttpStatusCode.OK, path);
            Jwt.Claims(body.Text("access_token")!).List("roles").ShouldBe(["SecurityAlert.Read.All"]);
        }
    }

    [Theory]
    [InlineData("adminconsent", "", "permission_denied")]
    [InlineData("v2.0/adminconsent", "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default", "consent_required")]
    public async Task Refused_admin_consent_says_so_and_grants_nothing(string path, string extra, string error)
    {
        var app = await twin.CreateAppAsync($"Refused by {path}", app => app with { Permissions = RunningTwin.HubPermissions });
        using var walker = new Walker(twin);
        await walker.GetAsync($"/{twin.Alder.Id}/{path}?client_id={app.AppId}&redirect_uri={Uri.EscapeDataString(RunningTwin.HubRedirect)}&state=x{extra}");
        await walker.SignInAsync(twin.AlderAdmin.Upn);
        await walker.PostAsync(("decision", "decline"));

        walker.Answer["error"].ShouldBe(error);
        walker.Answer["admin_consent"].ShouldBe("True");
        (await twin.Control.ConsentsAsync(twin.Alder.Id, default)).ShouldNotContain(consent => consent.AppId == app.AppId);
    }

    [Fact]
    public async Task Logout_ends_the_session()
    {
        using var walker = new Walker(twin);
        await walker.GetAsync(Authorize(twin.Provider.Id));
        await walker.SignInAsync(twin.Analyst.Upn);
        await walker.GetAsync(Authorize(twin.Provider.Id, null, ("prompt", "none")));
        walker.Answer.ShouldContainKey("code");
        await walker.GetAsync($"/{twin.Provider.Id}/oauth2/v2.0/logout?post_logout_redirect_uri={Uri.EscapeDataString(RunningTwin.HubRedirect)}&state=bye");
        walker.Location!.OriginalString.ShouldBe(RunningTwin.HubRedirect + "?state=bye");
        await walker.GetAsync(Authorize(twin.Provider.Id, null, ("prompt", "none")));
        walker.Answer["error"].ShouldBe("login_required");
    }
}
