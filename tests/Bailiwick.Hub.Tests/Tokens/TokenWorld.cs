using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Bailiwick.Hub.Tests.Tokens;

/// <summary>A hub's token services against a small TLS sign-in endpoint of this test.</summary>
internal sealed class TokenWorld : IAsyncDisposable
{
    public const string Session = "the-browsers-session";

    public static readonly Actor Someone = new("key", "tests");

    private readonly TestCa _ca = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private LocalWeb _web = null!;
    private OutboundFactory _outbound = null!;

    public ManualTime Time { get; } = new();

    public TempVault Temp { get; private set; } = null!;

    public TenantId Tenant { get; } = new(Guid.NewGuid());

    public Guid ClientId { get; } = Guid.NewGuid();

    public ProviderApplication Application { get; private set; } = null!;

    public ApplicationStore Applications { get; private set; } = null!;

    public ConnectionStore Connections { get; private set; } = null!;

    public TokenProvider Tokens { get; private set; } = null!;

    public ConnectService Connect { get; private set; } = null!;

    public string Login => $"https://127.0.0.1:{_web.Port}";

    public string Issuer => $"{Login}/{Tenant}/v2.0";

    /// <summary>Every token request, as its form.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Requests { get; } = new();

    /// <summary>What the token endpoint answers: status and body.</summary>
    public Func<Dictionary<string, string>, Task<(int Status, object Body)>> OnToken { get; set; } = null!;

    public Guid? Organization { get; set; }

    public static async Task<TokenWorld> CreateAsync()
    {
        var world = new TokenWorld();
        world.OnToken = _ => Task.FromResult((200, world.AppToken("app-token")));
        world.Organization = world.Tenant.Value;
        world._web = await LocalWeb.StartAsync(world.AnswerAsync, world._ca.Issue("127.0.0.1"));
        world.Temp = await TempVault.CreateAsync(world.Time);
        world._outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true, ExtraCaFile = world._ca.WritePem(world.Temp.Temp.Folder) });
        world.Compose(world.Temp.Vault);
        var audit = new AuditLog(world.Temp.Keyring, world.Time);
        var customer = (AddCustomerResult.Added)await new CustomerStore(world.Temp.Database, audit, world.Time).AddAsync(Someone, "Fabrikam Mill", CancellationToken.None);
        (await world.Tenants(audit).AddAsync(Someone, world.Tenant, customer.Customer.Id, "local", null, CancellationToken.None)).ShouldBeAdded();
        using var credential = ApplicationCredential.FromSecret(Secret.FromText("app-secret"), null);
        world.Application = (await world.Applications.AddAsync(Someone, "collect", world.ClientId, credential, CancellationToken.None))!;
        return world;
    }

    /// <summary>Builds the services again over the same database, as a restart would.</summary>
    public void Compose(CredentialVault vault)
    {
        var audit = new AuditLog(Temp.Keyring, Time);
        Applications = new ApplicationStore(Temp.Database, vault, audit, Temp.Seal, Time);
        Connections = new ConnectionStore(Temp.Database, vault, audit, Temp.Seal, Time);
        var msal = new MsalApplications(Temp.Database, Tenants(audit), Clouds(), vault, audit, _outbound);
        Tokens = new TokenProvider(Temp.Database, Connections, Applications, vault, audit, Time, msal);
        Connect = new ConnectService(Temp.Database, Connections, Applications, Tokens, audit, Time, msal, new TenantProof(_outbound));
    }

    public object AppToken(string token, int seconds = 3600) => new { token_type = "Bearer", expires_in = seconds, access_token = token };

    public object PersonToken(string access, string refresh, string idToken) => new
    {
        token_type = "Bearer",
        expires_in = 3600,
        scope = "openid profile offline_access https://graph.microsoft.com/.default",
        access_token = access,
        refresh_token = refresh,
        id_token = idToken,
        client_info = Base64Url.EncodeToString(Encoding.UTF8.GetBytes("{\"uid\":\"aaaaaaaa-0000-4000-8000-000000000001\",\"utid\":\"bbbbbbbb-0000-4000-8000-000000000002\"}")),
    };

    public static object Error(string error, string description) => new { error, error_description = description };

    public string IdToken(string nonce, Action<SecurityTokenDescriptor>? change = null)
    {
        var now = Time.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = ClientId.ToString("D"),
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddHours(1),
            Subject = new ClaimsIdentity([
                new Claim("nonce", nonce), new Claim("tid", Tenant.ToString()), new Claim("oid", "cccccccc-0000-4000-8000-000000000003"),
                new Claim("preferred_username", "ann@msp.example.test"), new Claim("sub", "s"),
            ]),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    /// <summary>Another tenant, in a cloud without an exporter.</summary>
    public async Task<TenantId> AddBareTenantAsync()
    {
        var audit = new AuditLog(Temp.Keyring, Time);
        var tenant = new TenantId(Guid.NewGuid());
        var customer = (AddCustomerResult.Added)await new CustomerStore(Temp.Database, audit, Time).AddAsync(Someone, "Bare", CancellationToken.None);
        (await Tenants(audit).AddAsync(Someone, tenant, customer.Customer.Id, "bare", null, CancellationToken.None)).ShouldBeAdded();
        return tenant;
    }

    public async Task<List<string>> EventsAsync() =>
        [.. (await AuditLog.ListAsync(Temp.Database, 0, 1000, null, CancellationToken.None)).Select(record => record.Event)];

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _outbound.Dispose();
        await Temp.DisposeAsync();
        _ca.Dispose();
        _rsa.Dispose();
    }

    private CloudCatalog Clouds() => new(new Dictionary<string, CloudOptions>
    {
        ["local"] = new() { Login = Login, Graph = Login, Defender = Login + "/defender", Exporter = Login + "/exporter" },
        ["bare"] = new() { Login = Login, Graph = Login, Defender = Login + "/defender" },
    });

    private TenantStore Tenants(AuditLog audit) => new(Temp.Database, audit, Temp.Seal, Clouds(), Time);

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path == $"/{Tenant}/oauth2/v2.0/token")
        {
            var form = (await context.Request.ReadFormAsync()).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
            Requests.Enqueue(form);
            var (status, body) = await OnToken(form);
            context.Response.StatusCode = status;
            await context.Response.WriteAsJsonAsync(body);
        }
        else if (path == $"/{Tenant}/discovery/v2.0/keys")
        {
            var parameters = _rsa.ExportParameters(false);
            await context.Response.WriteAsJsonAsync(new
            {
                keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", n = Base64Url.EncodeToString(parameters.Modulus), e = Base64Url.EncodeToString(parameters.Exponent), issuer = Issuer } },
            });
        }
        else if (path == "/v1.0/organization" && Organization is { } id)
        {
            await context.Response.WriteAsJsonAsync(new { value = new[] { new { id } } });
        }
        else
        {
            context.Response.StatusCode = 403;
        }
    }
}

internal static class AddTenantResultAssertions
{
    public static void ShouldBeAdded(this AddTenantResult result)
    {
        if (result is not AddTenantResult.Added) throw new InvalidOperationException(result.ToString());
    }
}
