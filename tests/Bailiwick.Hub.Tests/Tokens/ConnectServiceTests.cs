using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Microsoft.IdentityModel.Tokens;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Tokens;

public sealed class ConnectServiceTests : IAsyncLifetime
{
    private static readonly Uri s_redirect = new("https://hub.example.test/connect/callback");

    private TokenWorld _world = null!;

    public async Task InitializeAsync() => _world = await TokenWorld.CreateAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task App_only_stores_the_connection_after_the_proof()
    {
        var connected = (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Connected>();

        connected.Connection.ProvenAt.ShouldBe(_world.Time.GetUtcNow());
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None)).ShouldBe(connected.Connection);
    }

    [Fact]
    public async Task Another_organization_is_a_mismatch_and_nothing_is_stored()
    {
        _world.Organization = Guid.NewGuid();

        (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("tenant_mismatch");
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None)).ShouldBeNull();
        (await _world.EventsAsync()).ShouldContain("connection.tenant-mismatch");
    }

    [Fact]
    public async Task Where_the_permission_does_not_allow_asking_the_pinned_authority_is_the_proof()
    {
        _world.Organization = null;

        (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Connected>();
    }

    [Fact]
    public async Task A_refused_connect_stores_nothing()
    {
        _world.OnToken = _ => Task.FromResult((400, TokenWorld.Error("unauthorized_client", "AADSTS700016: no")));

        (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("unauthorized_client");
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_certificate_signs_in_without_a_secret()
    {
        using var key = RSA.Create(2048);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=collect", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(_world.Time.GetUtcNow().AddDays(-1), new DateTimeOffset(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var pem = Secret.FromText(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        using var credential = ApplicationCredential.FromPem(pem);
        var application = await _world.Applications.AddAsync(TokenWorld.Someone, "with-certificate", Guid.NewGuid(), credential, CancellationToken.None);
        application!.CredentialExpiresAt!.Value.Year.ShouldBe(2049);

        (await _world.Connect.ConnectAsync(TokenWorld.Someone, _world.Tenant, application.Id, SourceChoice.Of("GraphAlerts"), CancellationToken.None)).ShouldBeOfType<ConnectResult.Connected>();

        _world.Requests.TryPeek(out var form).ShouldBeTrue();
        form!.ShouldNotContainKey("client_secret");
        form["client_assertion"].Split('.').Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_token_of_every_plane_must_be_had_before_further_sources_are_stored()
    {
        var sources = new SourceChoice("GraphAlerts", ["DefenderAlerts", "GraphIncidents"]);
        var connected = (await _world.Connect.ConnectAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, sources, CancellationToken.None)).ShouldBeOfType<ConnectResult.Connected>();
        connected.Connection.Also.ShouldBe(["DefenderAlerts", "GraphIncidents"]);
        _world.Requests.Select(form => form["scope"]).ShouldBe(["https://graph.microsoft.com/.default", "https://api.securitycenter.microsoft.com/.default"], ignoreOrder: true);
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None)).ShouldBe(connected.Connection);

        _world.OnToken = form => Task.FromResult(form["scope"].Contains("graph", StringComparison.Ordinal)
            ? (200, _world.AppToken("app-token"))
            : (400, TokenWorld.Error("invalid_resource", "AADSTS500011: not there")));
        (await _world.Connect.ConnectAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, sources, CancellationToken.None))
            .ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("invalid_resource");
    }

    [Fact]
    public async Task A_region_without_an_address_is_refused_with_one_sentence_before_anybody_signs_in()
    {
        var tenant = await _world.AddBareTenantAsync();
        var sources = new SourceChoice("GraphAlerts", ["AlertExporter"]);
        var refused = (await _world.Connect.ConnectAsync(TokenWorld.Someone, tenant, _world.Application.Id, sources, CancellationToken.None)).ShouldBeOfType<ConnectResult.Refused>();
        (refused.Error, refused.Detail).ShouldBe(("no_address", "The cloud 'bare' has no address of AlertExporter: choose another source, or configure the address."));
        (await _world.Connect.FindFaultAsync(tenant, sources, CancellationToken.None)).ShouldBe(refused.Detail);
        (await _world.Connect.FindFaultAsync(tenant, SourceChoice.Of("DefenderAlerts"), CancellationToken.None)).ShouldBeNull();
        _world.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_is_shown_exactly_what_tokens_are_asked_for()
    {
        async Task<IReadOnlyList<string>> ShownAsync(SourceChoice sources) =>
            (await _world.Connect.BeginAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, sources, ConnectionPurpose.Collect, s_redirect, CancellationToken.None))!.Permissions;

        string[] graph = ["openid", "profile", "offline_access", "https://graph.microsoft.com/.default"];
        (await ShownAsync(SourceChoice.Of("GraphAlerts"))).ShouldBe(graph);
        (await ShownAsync(new SourceChoice("GraphAlerts", ["GraphIncidents"]))).ShouldBe(graph, "incidents are of the same plane");
        (await ShownAsync(new SourceChoice("GraphAlerts", ["DefenderAlerts"]))).ShouldBe([.. graph, "https://api.securitycenter.microsoft.com/.default"]);
    }

    [Fact]
    public async Task The_authorize_address_is_pinned_to_the_tenant_and_carries_state_nonce_and_pkce()
    {
        var address = await OpenAsync();
        var query = HttpUtility.ParseQueryString(address.Query);

        address.GetLeftPart(UriPartial.Path).ShouldBe($"{_world.Login}/{_world.Tenant}/oauth2/v2.0/authorize");
        query["state"]!.Length.ShouldBe(43);
        query["nonce"]!.Length.ShouldBe(43);
        query["code_challenge_method"].ShouldBe("S256");
        query["redirect_uri"].ShouldBe(s_redirect.ToString());
        query["client_id"].ShouldBe(_world.ClientId.ToString());
    }

    [Fact]
    public async Task The_code_is_redeemed_with_the_verifier_and_the_connection_stored()
    {
        var query = HttpUtility.ParseQueryString((await OpenAsync()).Query);
        Answer(query["nonce"]!);

        var connected = (await CompleteAsync(query)).ShouldBeOfType<ConnectResult.Connected>();

        connected.Connection.Flow.ShouldBe(ConnectionFlow.AuthorizationCode);
        connected.Connection.Visibility.ShouldBe("person");
        _world.Requests.TryPeek(out var form).ShouldBeTrue();
        var challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form!["code_verifier"])));
        challenge.ShouldBe(query["code_challenge"]);
        form["redirect_uri"].ShouldBe(s_redirect.ToString());
    }

    [Fact]
    public async Task A_link_works_once_and_for_fifteen_minutes()
    {
        var first = await BeginAsync();
        (await _world.Connect.OpenAsync(first, TokenWorld.Session, CancellationToken.None)).ShouldNotBeNull();
        (await _world.Connect.OpenAsync(first, TokenWorld.Session, CancellationToken.None)).ShouldBeNull();
        var second = await BeginAsync();
        _world.Time.Advance(TimeSpan.FromMinutes(15));
        (await _world.Connect.OpenAsync(second, TokenWorld.Session, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_state_is_useless_twice_late_or_in_another_browser()
    {
        var query = HttpUtility.ParseQueryString((await OpenAsync()).Query);
        Answer(query["nonce"]!);
        (await _world.Connect.CompleteAsync(query["state"]!, "c", "another-session", null, CancellationToken.None)).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("invalid_state");
        (await CompleteAsync(query)).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("invalid_state");

        query = HttpUtility.ParseQueryString((await OpenAsync()).Query);
        _world.Time.Advance(TimeSpan.FromMinutes(10));
        (await CompleteAsync(query)).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("invalid_state");
        _world.Requests.ShouldBeEmpty("no code of a foreign browser is ever redeemed");
    }

    [Fact]
    public async Task Another_issuer_in_the_answer_is_a_mismatch()
    {
        var query = HttpUtility.ParseQueryString((await OpenAsync()).Query);

        (await _world.Connect.CompleteAsync(query["state"]!, "c", TokenWorld.Session, "https://evil.example.test/v2.0", CancellationToken.None))
            .ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("tenant_mismatch");
        _world.Requests.ShouldBeEmpty();
    }

    public static TheoryData<string, string> BadIdTokens => new()
    {
        { "nonce", "invalid_id_token" },
        { "no-nonce", "invalid_id_token" },
        { "tenant", "tenant_mismatch" },
        { "two-tenants", "invalid_answer" },
        { "issuer", "invalid_id_token" },
        { "audience", "invalid_id_token" },
        { "two-audiences", "invalid_id_token" },
        { "azp", "invalid_id_token" },
        { "expired", "invalid_id_token" },
        { "not-yet", "invalid_id_token" },
        { "issued-later", "invalid_id_token" },
        { "other-key", "invalid_id_token" },
        { "unknown-kid", "invalid_id_token" },
        { "embedded-key", "invalid_id_token" },
        { "hmac", "invalid_id_token" },
        { "unsigned", "invalid_id_token" },
        { "rs512", "invalid_id_token" },
    };

    [Theory]
    [MemberData(nameof(BadIdTokens))]
    public async Task An_id_token_with_one_thing_wrong_is_refused_and_nothing_stored(string what, string error)
    {
        var query = HttpUtility.ParseQueryString((await OpenAsync()).Query);
        Answer(query["nonce"]!, descriptor => Spoil(descriptor, what));

        (await CompleteAsync(query)).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe(error);

        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_new_refresh_token_is_in_the_vault_before_its_access_token_is_handed_out()
    {
        await ConnectPersonAsync();
        _world.OnToken = form => Task.FromResult((200, _world.PersonToken("access-2", "refresh-2", _world.IdToken("n"))));

        (await GetAsync()).ShouldBeOfType<TokenResult.Acquired>();

        (await RefreshTokensAsync()).ShouldBe(["refresh-2", "refresh-1"], "the previous one stays until the new one has worked");
        _world.Time.Advance(TimeSpan.FromHours(1));
        _world.OnToken = form => Task.FromResult((200, _world.PersonToken("access-3", "refresh-3", _world.IdToken("n"))));
        (await GetAsync()).ShouldBeOfType<TokenResult.Acquired>();
        (await RefreshTokensAsync()).ShouldBe(["refresh-3", "refresh-2"]);
        _world.Requests.Where(form => form["grant_type"] == "refresh_token").Select(form => form["refresh_token"]).ShouldBe(["refresh-1", "refresh-2"]);
    }

    [Fact]
    public async Task When_the_new_refresh_token_cannot_be_stored_the_access_token_is_not_handed_out()
    {
        await ConnectPersonAsync();
        _world.OnToken = async form =>
        {
            // The disk fails between the answer of the server and our use of it.
            await _world.Temp.Database.WriteAsync(
                write => Dapper.SqlMapper.ExecuteAsync(write.Connection, "CREATE TRIGGER full BEFORE INSERT ON vault_credentials BEGIN SELECT RAISE(ABORT, 'disk full'); END", transaction: write.Transaction),
                CancellationToken.None);
            return (200, _world.PersonToken("access-2", "refresh-2", _world.IdToken("n")));
        };

        await Should.ThrowAsync<Microsoft.Data.Sqlite.SqliteException>(GetAsync);

        (await RefreshTokensAsync()).ShouldBe(["refresh-1"], "the token that still works is kept");
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_stored_refresh_token()
    {
        await ConnectPersonAsync();
        _world.OnToken = form => Task.FromResult((200, _world.PersonToken("access-2", "refresh-2", _world.IdToken("n"))));
        await GetAsync();
        _world.Compose(_world.Temp.Vault);
        _world.OnToken = form => Task.FromResult(form["refresh_token"] == "refresh-2"
            ? (200, _world.PersonToken("access-3", "refresh-3", _world.IdToken("n")))
            : (400, TokenWorld.Error("invalid_grant", "AADSTS70000: old")));

        (await GetAsync()).ShouldBeOfType<TokenResult.Acquired>().AccessToken.ShouldBe("access-3");
    }

    [Fact]
    public async Task When_the_newest_refresh_token_never_worked_the_one_before_is_used()
    {
        await ConnectPersonAsync();
        _world.OnToken = form => Task.FromResult((200, _world.PersonToken("access-2", "refresh-2", _world.IdToken("n"))));
        await GetAsync();
        _world.Time.Advance(TimeSpan.FromHours(1));
        _world.OnToken = form => Task.FromResult(form["refresh_token"] == "refresh-1"
            ? (200, _world.PersonToken("access-3", "refresh-3", _world.IdToken("n")))
            : (400, TokenWorld.Error("invalid_grant", "AADSTS70000: no")));

        (await GetAsync()).ShouldBeOfType<TokenResult.Acquired>().AccessToken.ShouldBe("access-3");
        (await RefreshTokensAsync()).ShouldBe(["refresh-3", "refresh-1"]);
    }

    [Fact]
    public async Task A_revoked_person_needs_a_person()
    {
        await ConnectPersonAsync();
        _world.OnToken = _ => Task.FromResult((400, TokenWorld.Error("invalid_grant", "AADSTS50173: revoked")));

        (await GetAsync()).ShouldBeOfType<TokenResult.Refused>().Detail.ShouldContain("connects the tenant again");
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None))!.State.ShouldBe(ConnectionState.NeedsPerson);
    }

    [Fact]
    public async Task Removing_a_connection_destroys_its_credential()
    {
        await ConnectPersonAsync();
        var credential = (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None))!.Credential!.Value;

        (await _world.Connections.RemoveAsync(TokenWorld.Someone, _world.Tenant, onlyComparing: false, CancellationToken.None)).ShouldBeTrue();

        await Should.ThrowAsync<CredentialMissingException>(() => _world.Temp.Vault.OpenAsync(credential, VaultOwner.Of(_world.Tenant), "connection", CancellationToken.None));
    }

    [Fact]
    public async Task A_tenant_is_compared_through_a_second_connection_of_the_other_kind_with_a_token_of_its_own()
    {
        (await ComparingAsync()).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("not_connected");
        await ConnectPersonAsync();
        var person = await GetAsync();
        _world.OnToken = _ => Task.FromResult((200, _world.AppToken("app-1")));
        var comparing = (await ComparingAsync()).ShouldBeOfType<ConnectResult.Connected>().Connection;
        (comparing.Flow, comparing.Source, comparing.Purpose).ShouldBe((ConnectionFlow.AppOnly, "GraphAlerts", ConnectionPurpose.Compare));

        (await TokenAsync(ConnectionPurpose.Compare)).ShouldBe("app-1");
        _world.OnToken = _ => Task.FromResult((400, TokenWorld.Error("invalid_grant", "AADSTS50173: revoked")));
        (await GetAsync()).ShouldBeOfType<TokenResult.Refused>(); // what was remembered of the tenant was dropped with the new connection
        (await TokenAsync(ConnectionPurpose.Compare)).ShouldBe("app-1");
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None))!.State.ShouldBe(ConnectionState.NeedsPerson);
        (await _world.Connections.GetAsync(_world.Tenant, ConnectionPurpose.Compare, CancellationToken.None))!.State.ShouldBe(ConnectionState.Connected);
        person.ShouldBeOfType<TokenResult.Acquired>();

        (await _world.Connections.RemoveAsync(TokenWorld.Someone, _world.Tenant, onlyComparing: true, CancellationToken.None)).ShouldBeTrue();
        (await _world.Connections.GetAsync(_world.Tenant, ConnectionPurpose.Compare, CancellationToken.None)).ShouldBeNull();
        (await RefreshTokensAsync()).ShouldNotBeEmpty("the one that collects stays");
    }

    [Fact]
    public async Task A_comparing_connection_goes_when_the_tenant_is_collected_its_way()
    {
        await ConnectPersonAsync();
        _world.OnToken = _ => Task.FromResult((200, _world.AppToken("app-1")));
        (await ComparingAsync()).ShouldBeOfType<ConnectResult.Connected>();
        (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Connected>();
        (await _world.Connections.GetAsync(_world.Tenant, ConnectionPurpose.Compare, CancellationToken.None)).ShouldBeNull();
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None))!.Flow.ShouldBe(ConnectionFlow.AppOnly);
    }

    [Fact]
    public async Task A_tenant_is_not_compared_with_itself()
    {
        _world.OnToken = _ => Task.FromResult((200, _world.AppToken("app-1")));
        (await AppOnlyAsync()).ShouldBeOfType<ConnectResult.Connected>();
        (await ComparingAsync()).ShouldBeOfType<ConnectResult.Refused>().Error.ShouldBe("same_kind");
    }

    private Task<ConnectResult> ComparingAsync() => _world.Connect.ConnectComparingAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, CancellationToken.None);

    private async Task<string> TokenAsync(ConnectionPurpose purpose) =>
        (await _world.Tokens.GetAsync(_world.Tenant, purpose, TokenAudience.Graph, false, CancellationToken.None)).ShouldBeOfType<TokenResult.Acquired>().AccessToken;

    private void Spoil(SecurityTokenDescriptor descriptor, string what)
    {
        var identity = descriptor.Subject;
        void Set(string type, string? value)
        {
            foreach (var claim in identity.FindAll(type).ToList()) identity.RemoveClaim(claim);
            if (value is not null) identity.AddClaim(new Claim(type, value));
        }

        var now = _world.Time.GetUtcNow().UtcDateTime;
        switch (what)
        {
            case "nonce": Set("nonce", "other"); break;
            case "no-nonce": Set("nonce", null); break;
            case "tenant": Set("tid", Guid.NewGuid().ToString()); break;
            case "two-tenants": identity.AddClaim(new Claim("tid", Guid.NewGuid().ToString())); break;
            case "issuer": descriptor.Issuer = $"{_world.Login}/{Guid.NewGuid()}/v2.0"; break;
            case "audience": descriptor.Audience = Guid.NewGuid().ToString(); break;
            case "two-audiences":
                descriptor.Audience = null;
                descriptor.Audiences.Add(_world.ClientId.ToString());
                descriptor.Audiences.Add(Guid.NewGuid().ToString());
                break;
            case "azp": Set("azp", Guid.NewGuid().ToString()); break;
            case "expired": (descriptor.IssuedAt, descriptor.NotBefore, descriptor.Expires) = (now.AddHours(-2), now.AddHours(-2), now.AddMinutes(-3)); break;
            case "not-yet": descriptor.NotBefore = now.AddMinutes(3); break;
            case "issued-later": descriptor.IssuedAt = now.AddMinutes(3); break;
            case "other-key": descriptor.SigningCredentials = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256); break;
            case "unknown-kid": descriptor.SigningCredentials = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "k9" }, SecurityAlgorithms.RsaSha256); break;
            case "embedded-key":
                var evil = RSA.Create(2048);
                descriptor.SigningCredentials = new SigningCredentials(new RsaSecurityKey(evil) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256);
                var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(evil.ExportParameters(false)));
                descriptor.AdditionalHeaderClaims = new Dictionary<string, object> { ["jwk"] = new Dictionary<string, object> { ["kty"] = "RSA", ["n"] = jwk.N, ["e"] = jwk.E } };
                break;
            case "hmac": descriptor.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(new byte[64]) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256); break;
            case "unsigned": descriptor.SigningCredentials = null; break;
            case "rs512": descriptor.SigningCredentials = new SigningCredentials(descriptor.SigningCredentials.Key, SecurityAlgorithms.RsaSha512); break;
            default: throw new ArgumentException(what);
        }
    }

    private Task<ConnectResult> AppOnlyAsync() => _world.Connect.ConnectAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, SourceChoice.Of("GraphAlerts"), CancellationToken.None);

    private async Task<string> BeginAsync() =>
        (await _world.Connect.BeginAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, SourceChoice.Of("GraphAlerts"), ConnectionPurpose.Collect, s_redirect, CancellationToken.None))!.Ticket;

    private async Task<Uri> OpenAsync() => (await _world.Connect.OpenAsync(await BeginAsync(), TokenWorld.Session, CancellationToken.None))!;

    private Task<ConnectResult> CompleteAsync(System.Collections.Specialized.NameValueCollection query) =>
        _world.Connect.CompleteAsync(query["state"]!, "the-code", TokenWorld.Session, null, CancellationToken.None);

    private void Answer(string nonce, Action<SecurityTokenDescriptor>? change = null) =>
        _world.OnToken = _ => Task.FromResult((200, _world.PersonToken("access-1", "refresh-1", _world.IdToken(nonce, change))));

    private async Task ConnectPersonAsync()
    {
        var query = HttpUtility.ParseQueryString((await OpenAsync()).Query);
        Answer(query["nonce"]!);
        (await CompleteAsync(query)).ShouldBeOfType<ConnectResult.Connected>();
    }

    private Task<TokenResult> GetAsync() => _world.Tokens.GetAsync(_world.Tenant, ConnectionPurpose.Collect, TokenAudience.Graph, false, CancellationToken.None);

    private async Task<List<string>> RefreshTokensAsync()
    {
        var connection = await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None);
        var versions = await _world.Temp.Vault.OpenAllAsync(connection!.Credential!.Value, VaultOwner.Of(_world.Tenant), "connection", CancellationToken.None);
        return [.. versions.Select(version =>
        {
            var text = Encoding.UTF8.GetString(PersonCredential.Read(version).Cache);
            return text[text.IndexOf("refresh-", StringComparison.Ordinal)..][..9];
        })];
    }
}
