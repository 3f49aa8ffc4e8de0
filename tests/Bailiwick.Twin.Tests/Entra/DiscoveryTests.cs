using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Bailiwick.Twin.Tests.Entra;

public sealed class DiscoveryTests(RunningTwin twin) : IClassFixture<RunningTwin>
{
    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var client = twin.CreateClient();
        using var answer = await client.GetAsync(path);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    [Theory]
    [InlineData("alder.example", "v2.0/", "{0}{1}/v2.0")]
    [InlineData("alder.example", "", "{0}{1}/")]
    [InlineData("common", "v2.0/", "{0}{{tenantid}}/v2.0")]
    [InlineData("organizations", "v2.0/", "{0}{{tenantid}}/v2.0")]
    [InlineData("common", "", "{0}{{tenantid}}/")]
    public async Task Metadata_names_the_issuer_of_the_authority(string tenant, string version, string issuer)
    {
        var (status, body) = await GetAsync($"/{tenant}/{version}.well-known/openid-configuration");

        status.ShouldBe(HttpStatusCode.OK);
        body.Text("issuer").ShouldBe(string.Format(issuer, twin.Host.Address, twin.Alder.Id));
        foreach (var name in new[] { "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "end_session_endpoint", "jwks_uri", "userinfo_endpoint" }) body.Text(name)!.ShouldStartWith(twin.Host.Address.ToString());
    }

    [Fact]
    public async Task An_unknown_tenant_has_no_metadata()
    {
        var (status, body) = await GetAsync($"/{Guid.NewGuid()}/v2.0/.well-known/openid-configuration");

        status.ShouldBe(HttpStatusCode.BadRequest);
        body.Text("error").ShouldBe("invalid_tenant");
        body.Text("error_description")!.ShouldStartWith("AADSTS90002:");
    }

    [Theory]
    [InlineData("discovery/v2.0/keys", true)]
    [InlineData("discovery/keys", false)]
    public async Task Published_keys_verify_issued_tokens(string path, bool issuer)
    {
        var (_, keys) = await GetAsync($"/{twin.Alder.Id}/{path}");
        var (_, token) = await twin.TokenAsync(twin.Alder.Id, twin.AppOnly());
        var jwt = token.Text("access_token")!;
        var key = keys.GetProperty("keys").EnumerateArray().Single(known => known.Text("kid") == Jwt.Header(jwt).Text("kid"));
        using var rsa = RSA.Create(new RSAParameters { Modulus = System.Buffers.Text.Base64Url.DecodeFromChars(key.Text("n")), Exponent = System.Buffers.Text.Base64Url.DecodeFromChars(key.Text("e")) });

        rsa.VerifyData(Encoding.ASCII.GetBytes(jwt[..jwt.LastIndexOf('.')]), System.Buffers.Text.Base64Url.DecodeFromChars(jwt.AsSpan(jwt.LastIndexOf('.') + 1)), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).ShouldBeTrue();
        key.TryGetProperty("issuer", out _).ShouldBe(issuer);
        key.GetProperty("x5c").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Instance_discovery_knows_itself_and_refuses_strangers()
    {
        var (known, body) = await GetAsync($"/common/discovery/instance?api-version=1.1&authorization_endpoint={twin.Host.Address}common/oauth2/v2.0/authorize");
        var (unknown, refused) = await GetAsync("/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.stranger.example/common/oauth2/v2.0/authorize");

        known.ShouldBe(HttpStatusCode.OK);
        body.Text("tenant_discovery_endpoint").ShouldBe($"{twin.Host.Address}common/v2.0/.well-known/openid-configuration");
        unknown.ShouldBe(HttpStatusCode.BadRequest);
        refused.Text("error").ShouldBe("invalid_instance");
    }

    [Theory]
    [InlineData("ann@northwatch.example", "Managed")]
    [InlineData("ann@elsewhere.example", "Unknown")]
    public async Task Home_realm_tells_managed_domains(string user, string type) =>
        (await GetAsync($"/common/userrealm/{user}?api-version=1.0")).Body.Text("account_type").ShouldBe(type);
}
