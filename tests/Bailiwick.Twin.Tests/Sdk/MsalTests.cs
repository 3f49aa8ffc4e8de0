using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Microsoft.Identity.Client;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>Microsoft's own identity libraries, unchanged, against the twin: secrets, certificates, guests, revocation, missing consent, throttling and the device flow.</summary>
public sealed class MsalTests(RunningTwin twin) : IClassFixture<RunningTwin>
{
    private static readonly string[] Graph = ["https://graph.microsoft.com/.default"];
    private static readonly string[] UserRead = ["https://graph.microsoft.com/User.Read"];

    private ConfidentialClientApplicationBuilder App(CreatedApp app, object tenant) => ConfidentialClientApplicationBuilder
        .Create(app.AppId.ToString())
        .WithAuthority($"{twin.Host.Address}{tenant}", validateAuthority: false)
        .WithInstanceDiscovery(false)
        .WithHttpClientFactory(new TwinHttpFactory(twin.Host.CaFile))
        .WithRedirectUri(RunningTwin.HubRedirect);

    private IConfidentialClientApplication Secret(CreatedApp app, object tenant) => App(app, tenant).WithClientSecret(app.Secrets[0].Value).Build();

    [Fact]
    public async Task A_secret_gets_tokens_of_two_tenants_each_in_its_own_cache_entry()
    {
        var app = Secret(twin.Hub, twin.Alder.Id);
        var first = await app.AcquireTokenForClient(Graph).ExecuteAsync();
        var second = await app.AcquireTokenForClient(Graph).WithTenantId(twin.Birch.Id.ToString()).ExecuteAsync();
        var again = await app.AcquireTokenForClient(Graph).ExecuteAsync();

        Jwt.Claims(first.AccessToken).Text("tid").ShouldBe(twin.Alder.Id.ToString());
        Jwt.Claims(second.AccessToken).Text("tid").ShouldBe(twin.Birch.Id.ToString());
        Jwt.Claims(first.AccessToken).List("roles").ShouldBe(["SecurityAlert.Read.All"]);
        again.AuthenticationResultMetadata.TokenSource.ShouldBe(TokenSource.Cache);
        again.AccessToken.ShouldBe(first.AccessToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_certificate_proves_the_client(bool sendChain)
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        await twin.Control.AddCertificateAsync(twin.Hub.AppId, certificate.ExportCertificatePem(), default);
        var app = App(twin.Hub, twin.Alder.Id).WithCertificate(certificate, sendChain).Build();

        var token = await app.AcquireTokenForClient(Graph).ExecuteAsync();

        Jwt.Claims(token.AccessToken).Text("appidacr").ShouldBe("2");
        Jwt.Claims(token.AccessToken).Text("tid").ShouldBe(twin.Alder.Id.ToString());
    }

    [Fact]
    public async Task An_unregistered_certificate_is_refused_with_700027()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));

        var refused = await Should.ThrowAsync<MsalServiceException>(() => App(twin.Hub, twin.Alder.Id).WithCertificate(certificate).Build().AcquireTokenForClient(Graph).ExecuteAsync());

        refused.ErrorCode.ShouldBe("invalid_client");
        refused.Message.ShouldContain("AADSTS700027:");
    }

    [Fact]
    public async Task An_OIDC_authority_works_with_secret_and_metadata_of_the_same_host()
    {
        var app = ConfidentialClientApplicationBuilder.Create(twin.Hub.AppId.ToString()).WithOidcAuthority($"{twin.Host.Address}{twin.Alder.Id}/v2.0").WithClientSecret(twin.HubSecret).WithHttpClientFactory(new TwinHttpFactory(twin.Host.CaFile)).Build();

        var token = await app.AcquireTokenForClient(Graph).ExecuteAsync();

        Jwt.Claims(token.AccessToken).Text("appid").ShouldBe(twin.Hub.AppId.ToString());
    }

    [Fact]
    public async Task An_expired_secret_is_refused_with_7000222()
    {
        var app = await twin.CreateAppAsync("Expired", app => app with { Secrets = [new NewSecret { Days = -1 }] });
        await twin.Control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = app.AppId }, default);

        var refused = await Should.ThrowAsync<MsalServiceException>(() => Secret(app, twin.Alder.Id).AcquireTokenForClient(Graph).ExecuteAsync());

        refused.ErrorCode.ShouldBe("invalid_client");
        refused.StatusCode.ShouldBe(401);
        refused.Message.ShouldContain("AADSTS7000222:");
        refused.ShouldNotBeOfType<MsalClaimsChallengeException>();
    }

    [Fact]
    public async Task A_tenant_without_service_principal_is_refused_with_700016()
    {
        var refused = await Should.ThrowAsync<MsalServiceException>(() => Secret(twin.Hub, twin.Cedar.Id).AcquireTokenForClient(Graph).ExecuteAsync());

        refused.ErrorCode.ShouldBe("unauthorized_client");
        refused.StatusCode.ShouldBe(400);
        refused.Message.ShouldStartWith("AADSTS700016:");
    }

    [Fact]
    public async Task A_guest_signs_in_with_home_account_and_resource_tenant_and_goes_silently_to_the_second_tenant()
    {
        var app = Secret(twin.Hub, twin.Alder.Id);
        var result = await RedeemAsync(app);

        result.Account.HomeAccountId.Identifier.ShouldBe($"{twin.Analyst.Id}.{twin.Provider.Id}");
        result.TenantId.ShouldBe(twin.Alder.Id.ToString());
        result.UniqueId.ShouldNotBe(twin.Analyst.Id.ToString());
        var claims = Jwt.Claims(result.AccessToken);
        claims.Text("idp").ShouldBe($"{twin.Host.Address}{twin.Provider.Id}/");
        claims.Text("acct").ShouldBe("1");
        claims.Text("upn").ShouldBeNull();

        var silent = await app.AcquireTokenSilent(UserRead, result.Account).WithTenantId(twin.Birch.Id.ToString()).ExecuteAsync();
        silent.AuthenticationResultMetadata.TokenSource.ShouldBe(TokenSource.IdentityProvider);
        Jwt.Claims(silent.AccessToken).Text("tid").ShouldBe(twin.Birch.Id.ToString());
        silent.Account.GetTenantProfiles().Select(profile => profile.TenantId).ShouldBe([twin.Alder.Id.ToString(), twin.Birch.Id.ToString()], ignoreOrder: true);
    }

    [Fact]
    public async Task A_revoked_refresh_token_asks_for_the_person_with_50173()
    {
        await using var own = await RunningTwin.StartAsync();
        var tests = new MsalTests(own);
        var app = tests.Secret(own.Hub, own.Alder.Id);
        var result = await tests.RedeemAsync(app);
        await own.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 5 }, default);
        (await own.Control.RevokeAsync(own.Analyst.Id, default)).Effective.ShouldBeTrue();

        var refused = await Should.ThrowAsync<MsalUiRequiredException>(() => app.AcquireTokenSilent(UserRead, result.Account).WithForceRefresh(true).ExecuteAsync());

        refused.ErrorCode.ShouldBe("invalid_grant");
        refused.Message.ShouldStartWith("AADSTS50173:");
    }

    [Fact]
    public async Task A_scope_without_consent_is_classified_as_consent_required()
    {
        var app = Secret(twin.Hub, twin.Alder.Id);
        var result = await RedeemAsync(app);

        var refused = await Should.ThrowAsync<MsalUiRequiredException>(() => app.AcquireTokenSilent(["https://graph.microsoft.com/Mail.Send"], result.Account).ExecuteAsync());

        refused.Classification.ShouldBe(UiRequiredExceptionClassification.ConsentRequired);
        refused.Message.ShouldStartWith("AADSTS65001:");
    }

    [Fact]
    public async Task A_429_with_Retry_After_throttles_the_library_without_a_second_request()
    {
        var created = await twin.CreateAppAsync($"Throttled {Guid.NewGuid():N}", app => app with { Permissions = RunningTwin.HubPermissions });
        await twin.Control.ConsentAsync(twin.Birch.Id, new NewConsent { AppId = created.AppId }, default);
        await twin.Control.AddFaultAsync(new TwinFault { Plane = "signin", Tenant = twin.Birch.Id, PathContains = "token", Kind = TwinFaultKind.Throttle429, Value = 60, Count = 1 }, default);

        var first = await Should.ThrowAsync<MsalServiceException>(() => Secret(created, twin.Birch.Id).AcquireTokenForClient(Graph).ExecuteAsync());
        var second = await Should.ThrowAsync<MsalThrottledServiceException>(() => Secret(created, twin.Birch.Id).AcquireTokenForClient(Graph).ExecuteAsync());

        first.StatusCode.ShouldBe(429);
        second.OriginalServiceException.StatusCode.ShouldBe(429);
        (await twin.Control.RequestsAsync(default)).Where(count => count.Tenant == twin.Birch.Id && count.Status == 429).Sum(count => count.Requests).ShouldBe(1);
    }

    [Fact]
    public async Task A_device_code_is_confirmed_by_a_person_and_polled_to_a_token()
    {
        var created = await twin.CreateAppAsync("Device", app => app with { PublicClient = true, RedirectUris = [], Secrets = [], Permissions = [new TwinPermission("https://graph.microsoft.com", "User.Read", false)] });
        var app = PublicClientApplicationBuilder.Create(created.AppId.ToString()).WithAuthority($"{twin.Host.Address}{twin.Provider.Id}", false).WithInstanceDiscovery(false).WithHttpClientFactory(new TwinHttpFactory(twin.Host.CaFile)).Build();

        var result = await app.AcquireTokenWithDeviceCode(UserRead, async code =>
        {
            using var walker = new Walker(twin);
            await walker.GetAsync(code.VerificationUrl);
            await walker.PostAsync(("user_code", code.UserCode.ToLowerInvariant()));
            await walker.SignInAsync(twin.Analyst.Upn);
            walker.Kind.ShouldBe("consent");
            await walker.AcceptAsync();
            walker.Kind.ShouldBe("device-confirm");
            await walker.AcceptAsync();
            walker.Kind.ShouldBe("device-done");
        }).ExecuteAsync();

        result.Account.Username.ShouldBe(twin.Analyst.Upn);
        Jwt.Claims(result.AccessToken).Text("appidacr").ShouldBe("0");
    }

    [Fact]
    public async Task Azure_Identity_gets_tokens_with_secret_and_reports_a_wrong_one()
    {
        using var http = new HttpClient(TwinTrust.CreateHandler(twin.Host.CaFile));
        var options = new ClientSecretCredentialOptions { AuthorityHost = twin.Host.Address, DisableInstanceDiscovery = true, Transport = new HttpClientTransport(http), AdditionallyAllowedTenants = { "*" }, Retry = { MaxRetries = 0 } };
        var credential = new ClientSecretCredential(twin.Alder.Id.ToString(), twin.Hub.AppId.ToString(), twin.HubSecret, options);

        var token = await credential.GetTokenAsync(new TokenRequestContext(Graph), default);
        var other = await credential.GetTokenAsync(new TokenRequestContext(Graph, tenantId: twin.Birch.Id.ToString()), default);
        var challenged = await credential.GetTokenAsync(new TokenRequestContext(Graph, isCaeEnabled: true), default);

        Jwt.Claims(token.Token).Text("tid").ShouldBe(twin.Alder.Id.ToString());
        Jwt.Claims(other.Token).Text("tid").ShouldBe(twin.Birch.Id.ToString());
        Jwt.Claims(challenged.Token).List("xms_cc").ShouldBe(["cp1"]);
        (challenged.ExpiresOn - TimeProvider.System.GetUtcNow()).ShouldBeGreaterThan(TimeSpan.FromHours(19));
        var refused = await Should.ThrowAsync<AuthenticationFailedException>(async () => await new ClientSecretCredential(twin.Alder.Id.ToString(), twin.Hub.AppId.ToString(), "not the secret", options).GetTokenAsync(new TokenRequestContext(Graph), default));
        refused.InnerException.ShouldBeOfType<MsalServiceException>().Message.ShouldContain("AADSTS7000215:");
    }

    [Fact]
    public async Task Unmodified_clients_reach_the_twin_through_the_proxy_under_the_real_names()
    {
        await using var own = await RunningTwin.StartAsync(new TwinOptions { ProxyPort = 0, IssuerMode = IssuerMode.Microsoft });
        var handler = TwinTrust.CreateHandler(own.Host.CaFile);
        handler.UseProxy = true;
        handler.Proxy = new System.Net.WebProxy(own.Host.ProxyAddress);
        using var http = new HttpClient(handler);
        var credential = new ClientSecretCredential(own.Alder.Id.ToString(), own.Hub.AppId.ToString(), own.HubSecret, new ClientSecretCredentialOptions { Transport = new HttpClientTransport(http) });

        var token = await credential.GetTokenAsync(new TokenRequestContext(Graph), default);

        Jwt.Claims(token.Token).Text("iss").ShouldBe($"https://sts.windows.net/{own.Alder.Id}/");
        (await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri("https://elsewhere.example/")))).Message.ShouldContain("403");
    }

    private async Task<AuthenticationResult> RedeemAsync(IConfidentialClientApplication app)
    {
        var (verifier, challenge) = Walker.Pkce();
        var address = await app.GetAuthorizationRequestUrl(UserRead)
            .WithExtraQueryParameters(new Dictionary<string, (string Value, bool IncludeInCacheKey)> { ["state"] = ("s1", false), ["code_challenge"] = (challenge, false), ["code_challenge_method"] = ("S256", false) })
            .ExecuteAsync();
        using var walker = new Walker(twin);
        await walker.GetAsync(address.AbsoluteUri);
        await walker.SignInAsync(twin.Analyst.Upn);
        walker.Answer["state"].ShouldBe("s1");
        return await app.AcquireTokenByAuthorizationCode(UserRead, walker.Answer["code"]).WithPkceCodeVerifier(verifier).ExecuteAsync();
    }
}
