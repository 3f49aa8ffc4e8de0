using System.Net;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.Control;

namespace Bailiwick.Twin.Tests.Entra;

public sealed class TokenEndpointTests(RunningTwin twin) : IClassFixture<RunningTwin>
{
    public static TheoryData<string, string, string, string?, int, string, long> Refusals { get; } = new()
    {
        // tenant, changed field, value (null removes), expected status, error, code
        { "wrong secret", "alder.example", "client_secret", "nonsense", 401, "invalid_client", 7000215 },
        { "no secret", "alder.example", "client_secret", null, 401, "invalid_client", 7000218 },
        { "unknown client", "alder.example", "client_id", "11111111-2222-3333-4444-555555555555", 400, "unauthorized_client", 700016 },
        { "client id missing", "alder.example", "client_id", null, 400, "invalid_request", 900144 },
        { "not consented", "cedar.example", "client_id", "", 400, "unauthorized_client", 700016 },
        { "unknown tenant id", "99999999-aaaa-bbbb-cccc-dddddddddddd", "client_id", "", 400, "invalid_request", 90002 },
        { "unknown domain", "nobody.example", "client_id", "", 400, "invalid_request", 90002 },
        { "malformed tenant", "nobody", "client_id", "", 400, "invalid_request", 900023 },
        { "common", "common", "client_id", "", 400, "invalid_request", 9001023 },
        { "organizations", "organizations", "client_id", "", 400, "invalid_request", 9001023 },
        { "named scope", "alder.example", "scope", "https://graph.microsoft.com/User.Read", 400, "invalid_scope", 70011 },
        { "mixed scope", "alder.example", "scope", "https://graph.microsoft.com/.default https://graph.microsoft.com/User.Read", 400, "invalid_scope", 70011 },
        { "two resources", "alder.example", "scope", "https://graph.microsoft.com/.default https://api.securitycenter.microsoft.com/.default", 400, "invalid_request", 28000 },
        { "no scope", "alder.example", "scope", null, 400, "invalid_request", 900144 },
        { "unknown resource", "alder.example", "scope", "https://nothing.example/.default", 400, "invalid_resource", 500011 },
        { "resource on v2", "alder.example", "resource", "https://graph.microsoft.com", 400, "invalid_request", 901002 },
        { "unknown grant", "alder.example", "grant_type", "magic", 400, "unsupported_grant_type", 70003 },
        { "no grant", "alder.example", "grant_type", null, 400, "invalid_request", 900144 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_faulty_request_gets_its_documented_status_error_and_code(string why, string tenant, string field, string? value, int status, string error, long code)
    {
        var form = twin.AppOnly();
        if (value is null) form.Remove(field);
        else if (value.Length > 0) form[field] = value;

        var (answered, body) = await twin.TokenAsync(tenant, form);

        ((int)answered).ShouldBe(status, why);
        body.Text("error").ShouldBe(error, why);
        body.GetProperty("error_codes")[0].GetInt64().ShouldBe(code, why);
        body.Text("error_description")!.ShouldStartWith($"AADSTS{code}: ");
        body.TryGetProperty("claims", out _).ShouldBeFalse("MSAL takes any claims member for a challenge");
        body.TryGetProperty("suberror", out _).ShouldBeFalse();
        body.Text("error_uri")!.ShouldEndWith($"/error?code={code}");
    }

    [Fact]
    public async Task An_error_body_echoes_the_correlation_id_and_ends_with_ids_and_time()
    {
        using var client = twin.CreateClient();
        var correlation = Guid.NewGuid().ToString();
        client.DefaultRequestHeaders.Add("client-request-id", correlation);
        client.DefaultRequestHeaders.Add("return-client-request-id", "true");

        using var answer = await client.PostAsync($"/{twin.Cedar.Id}/oauth2/v2.0/token", new FormUrlEncodedContent(twin.AppOnly()));
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        body.Text("correlation_id").ShouldBe(correlation);
        answer.Headers.GetValues("client-request-id").ShouldBe([correlation]);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/json; charset=utf-8");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        body.Text("error_description")!.ShouldEndWith($" Trace ID: {body.Text("trace_id")} Correlation ID: {correlation} Timestamp: {body.Text("timestamp")}");
        body.Text("timestamp")!.ShouldMatch(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$");
    }

    [Fact]
    public async Task An_app_only_token_has_the_v1_claims_and_no_refresh_token()
    {
        var (status, body) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly("https://api.securitycenter.microsoft.com/.default"));

        status.ShouldBe(HttpStatusCode.OK);
        body.GetProperty("expires_in").ValueKind.ShouldBe(JsonValueKind.Number);
        body.GetProperty("expires_in").GetInt32().ShouldBeInRange(3600, 5400);
        body.TryGetProperty("refresh_token", out _).ShouldBeFalse();
        body.TryGetProperty("id_token", out _).ShouldBeFalse();
        body.TryGetProperty("scope", out _).ShouldBeFalse();
        var claims = Jwt.Claims(body.Text("access_token")!);
        claims.Text("aud").ShouldBe("https://api.securitycenter.microsoft.com");
        claims.Text("iss").ShouldBe($"{twin.Host.Address}{twin.Alder.Id}/");
        claims.Text("ver").ShouldBe("1.0");
        claims.Text("appid").ShouldBe(twin.Hub.AppId.ToString());
        claims.Text("appidacr").ShouldBe("1");
        claims.Text("oid").ShouldBe(claims.Text("sub"));
        claims.Text("scp").ShouldBeNull();
        claims.List("roles").ShouldBe(["Alert.Read.All"]);
        Jwt.Header(body.Text("access_token")!).Text("x5t").ShouldBe(Jwt.Header(body.Text("access_token")!).Text("kid"));
    }

    [Fact]
    public async Task A_resource_without_granted_permission_still_gets_a_token_without_roles()
    {
        var (status, body) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly("https://api.security.microsoft.com/.default"));

        status.ShouldBe(HttpStatusCode.OK);
        Jwt.Claims(body.Text("access_token")!).TryGetProperty("roles", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task The_v1_endpoint_takes_an_empty_query_and_answers_numbers_as_strings()
    {
        var form = twin.AppOnly();
        form.Remove("scope");
        form["resource"] = "https://graph.windows.net";

        var (status, body) = await twin.TokenAsync(twin.Alder.Id, form, "oauth2/token?");

        status.ShouldBe(HttpStatusCode.OK);
        foreach (var name in new[] { "expires_in", "ext_expires_in", "expires_on", "not_before" }) body.GetProperty(name).ValueKind.ShouldBe(JsonValueKind.String, name);
        body.Text("resource").ShouldBe("https://graph.windows.net");
        Jwt.Claims(body.Text("access_token")!).Text("aud").ShouldBe("https://graph.windows.net");
    }

    [Fact]
    public async Task A_double_slash_keeps_the_resource_that_ends_in_one()
    {
        var (_, body) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly("https://graph.windows.net//.default"));

        Jwt.Claims(body.Text("access_token")!).Text("aud").ShouldBe("https://graph.windows.net/");
    }

    [Fact]
    public async Task Basic_authentication_is_accepted()
    {
        using var client = twin.CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{twin.Hub.AppId}:{Uri.EscapeDataString(twin.HubSecret)}")));

        using var answer = await client.PostAsync($"/{twin.Alder.Id}/oauth2/v2.0/token", new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = "https://graph.microsoft.com/.default" }));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_GET_is_refused_with_405()
    {
        using var client = twin.CreateClient();
        using var answer = await client.GetAsync($"/{twin.Alder.Id}/oauth2/v2.0/token");

        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("AADSTS900561:");
    }

    [Fact]
    public async Task Defender_has_no_service_principal_where_it_is_not_licensed()
    {
        await twin.Control.ConsentAsync(twin.Cedar.Id, new NewConsent { AppId = (await twin.CreateAppAsync("Cedar reader")).AppId }, default);
        var app = await twin.CreateAppAsync("Cedar collector", app => app with { Permissions = RunningTwin.HubPermissions });
        await twin.Control.ConsentAsync(twin.Cedar.Id, new NewConsent { AppId = app.AppId }, default);

        var (_, defender) = await twin.TokenAsync(twin.Cedar.Id, twin.AppOnly("https://api.securitycenter.microsoft.com/.default", app));
        var (graph, _) = await twin.TokenAsync(twin.Cedar.Id, twin.AppOnly(app: app));

        defender.Text("error").ShouldBe("invalid_resource");
        defender.GetProperty("error_codes")[0].GetInt64().ShouldBe(500011);
        graph.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_single_tenant_application_exists_at_home_only()
    {
        var app = await twin.CreateAppAsync("At home", app => app with { MultiTenant = false });

        var (home, _) = await twin.TokenAsync(twin.Provider.Id, twin.AppOnly(app: app));
        var (_, away) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app));

        home.ShouldBe(HttpStatusCode.OK);
        away.GetProperty("error_codes")[0].GetInt64().ShouldBe(700016);
        (await Should.ThrowAsync<TwinControlException>(() => twin.Control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = app.AppId }, default))).Message.ShouldContain("single-tenant");
    }

    [Fact]
    public async Task A_disabled_application_and_a_removed_secret_end_new_tokens()
    {
        var app = await twin.CreateAppAsync("Switched off", app => app with { Permissions = RunningTwin.HubPermissions });
        await twin.Control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = app.AppId }, default);
        await twin.Control.ChangePrincipalAsync(twin.Alder.Id, app.AppId, new PrincipalChange(Enabled: false), default);
        var (_, disabled) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app));
        await twin.Control.ChangePrincipalAsync(twin.Alder.Id, app.AppId, new PrincipalChange(Enabled: true), default);
        var (again, _) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app));
        await twin.Control.DeleteSecretAsync(app.AppId, app.Secrets[0].KeyId, default);
        var (_, removed) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(app: app));

        disabled.GetProperty("error_codes")[0].GetInt64().ShouldBe(7000112);
        again.ShouldBe(HttpStatusCode.OK);
        removed.GetProperty("error_codes")[0].GetInt64().ShouldBe(7000215);
    }
}
