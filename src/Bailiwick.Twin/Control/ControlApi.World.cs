using System.Security.Cryptography;
using Bailiwick.Twin.Entra;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Control;

internal sealed partial class ControlApi
{
    private const int SecretBytes = 30;
    private const int HintLength = 3;

    private void MapWorld(IEndpointRouteBuilder app)
    {
        app.MapGet("/tenants", (HttpContext context) => WriteAsync(context, _directory.Tenants));
        app.MapPost("/tenants", CreateTenantsAsync);
        app.MapPatch("/tenants/{tenant}", ChangeTenantAsync);
        app.MapGet("/tenants/{tenant}/users", (HttpContext context, string tenant) => WriteAsync(context, _directory.Users(Tenant(tenant).Id).Select(View)));
        app.MapPost("/tenants/{tenant}/users", CreateUsersAsync);
        app.MapPost("/tenants/{tenant}/groups", CreateGroupAsync);
        app.MapGet("/tenants/{tenant}/groups", (HttpContext context, string tenant) => WriteAsync(context, _directory.Groups(Tenant(tenant).Id)));
        app.MapPost("/users/{id:guid}/revoke", (HttpContext context, Guid id) => WriteAsync(context, new RevokeView(_directory.RevokeSessions(User(id)))));
        app.MapPatch("/users/{id:guid}", ChangeUserAsync);
        app.MapDelete("/users/{id:guid}", (HttpContext context, Guid id) =>
        {
            _directory.RemoveUser(User(id));
            return DoneAsync(context, true);
        });

        app.MapPost("/tenants/{tenant}/gdap", CreateRelationshipAsync);
        app.MapGet("/apps", (HttpContext context) => WriteAsync(context, _directory.Apps.Select(known => new AppView(known.AppId, known.HomeTenantId, known.DisplayName, known.MultiTenant, known.PublicClient, known.Redirects, known.Required))));
        app.MapPost("/apps", CreateAppAsync);
        app.MapDelete("/apps/{id:guid}", (HttpContext context, Guid id) =>
        {
            _directory.RemoveApp(App(id).AppId);
            return DoneAsync(context, true);
        });
        app.MapPost("/apps/{id:guid}/secrets", AddSecretAsync);
        app.MapDelete("/apps/{id:guid}/secrets/{keyId:guid}", (HttpContext context, Guid id, Guid keyId) =>
        {
            var known = App(id);
            var left = known.Secrets.Where(secret => secret.KeyId != keyId).ToList();
            _directory.UpdateApp(known with { Secrets = left });
            return DoneAsync(context, left.Count < known.Secrets.Count);
        });
        app.MapPost("/apps/{id:guid}/certificates", AddCertificateAsync);

        app.MapPost("/tenants/{tenant}/consents", ConsentAsync);
        app.MapGet("/tenants/{tenant}/consents", (HttpContext context, string tenant) => WriteAsync(context, _directory.ServicePrincipals(Tenant(tenant).Id).Select(View)));
        app.MapDelete("/tenants/{tenant}/consents/{appId:guid}", (HttpContext context, string tenant, Guid appId) => DoneAsync(context, _directory.RemoveServicePrincipal(Tenant(tenant).Id, appId)));
        app.MapPatch("/tenants/{tenant}/apps/{appId:guid}", ChangePrincipalAsync);
        app.MapPost("/tenants/{tenant}/assignments", async (HttpContext context, string tenant) =>
        {
            var wanted = await ReadAsync<NewAssignment>(context);
            _directory.Assign(new TwinAssignment(Tenant(tenant).Id, wanted.AppId, wanted.PrincipalId, wanted.Role));
            await DoneAsync(context, true);
        });
    }

    private async Task CreateTenantsAsync(HttpContext context)
    {
        var (wanted, many) = await ReadManyAsync<NewTenant>(context);
        var tenants = wanted.ConvertAll(tenant => new TwinTenant(tenant.Id ?? _directory.NewId("tenant", tenant.Domain.ToLowerInvariant()), tenant.Name, tenant.Domain, tenant.Country, tenant.Licensed, tenant.Region, tenant.Plan));
        _directory.AddTenants(tenants);
        await WriteManyAsync(context, tenants, many);
    }

    private async Task ChangeTenantAsync(HttpContext context, string tenant)
    {
        var change = await ReadAsync<TenantChange>(context);
        var known = Tenant(tenant);
        known = known with { Plan = change.Plan ?? known.Plan, DefenderLicensed = change.Licensed ?? known.DefenderLicensed };
        _directory.UpdateTenant(known);
        await WriteAsync(context, known);
    }

    private async Task CreateUsersAsync(HttpContext context, string tenant)
    {
        var home = Tenant(tenant);
        var (wanted, many) = await ReadManyAsync<NewUser>(context);
        await WriteManyAsync(context, wanted.ConvertAll(user => View(CreateUser(home, user))), many);
    }

    private TwinUser CreateUser(TwinTenant tenant, NewUser wanted)
    {
        var roles = wanted.Roles.Select(role => DirectoryRoles.Find(role) ?? throw new TwinDirectoryException($"Directory role '{role}' is unknown.")).ToList();
        if (wanted.GuestOf is { } name)
        {
            var person = _directory.FindUserByName(name) ?? throw new TwinDirectoryException($"User '{name}' does not exist.");
            return _directory.AddGuest(tenant.Id, person, roles, wanted.Accepted);
        }

        if (wanted.Name is null || wanted.Upn is null || wanted.Password is null) throw new ArgumentException("A member needs name, upn and password; a guest needs guestOf.");
        return _directory.AddMember(tenant.Id, wanted.Name, wanted.Upn, wanted.Password, roles);
    }

    private async Task ChangeUserAsync(HttpContext context, Guid id)
    {
        var change = await ReadAsync<UserChange>(context);
        if (change.Password is { } password) _directory.SetPassword(User(id), password);
        if (change.Enabled is { } enabled) _directory.UpdateUser(User(id) with { Enabled = enabled });
        await WriteAsync(context, View(User(id)));
    }

    private async Task CreateGroupAsync(HttpContext context, string tenant)
    {
        var home = Tenant(tenant);
        var wanted = await ReadAsync<NewGroup>(context);
        var group = new TwinGroup(_directory.NewId("group", home.Id.ToString(), wanted.Name), home.Id, wanted.Name, wanted.Members ?? []);
        _directory.PutGroup(group);
        await WriteAsync(context, group, StatusCodes.Status201Created);
    }

    private async Task CreateAppAsync(HttpContext context)
    {
        var wanted = await ReadAsync<NewApp>(context);
        var home = Tenant(wanted.Tenant);
        var appId = wanted.AppId ?? _directory.NewAppId(home.Id, wanted.Name);
        foreach (var permission in wanted.Permissions)
        {
            if (_directory.FindResource(permission.Resource) is null) throw new TwinDirectoryException($"Resource '{permission.Resource}' is unknown.");
        }

        var secrets = wanted.Secrets.Select(Draw).ToList();
        var app = new TwinApp
        {
            AppId = appId,
            ObjectId = _directory.NewId("registration", appId.ToString()),
            HomeTenantId = home.Id,
            DisplayName = wanted.Name,
            MultiTenant = wanted.MultiTenant,
            PublicClient = wanted.PublicClient,
            IssuesIdTokens = wanted.IssuesIdTokens,
            AccessTokenVersion = wanted.AccessTokenVersion is 1 or 2 ? wanted.AccessTokenVersion : throw new ArgumentException("accessTokenVersion is 1 or 2."),
            Redirects =
            [
                .. wanted.RedirectUris.Select(uri => new TwinRedirect(uri)),
                .. wanted.SpaRedirectUris.Select(uri => new TwinRedirect(uri, RedirectPlatform.Spa)),
                .. wanted.PublicRedirectUris.Select(uri => new TwinRedirect(uri, RedirectPlatform.PublicClient)),
            ],
            IdentifierUris = wanted.IdentifierUris,
            Secrets = [.. secrets.Select(secret => secret.Kept)],
            Certificates = [.. wanted.Certificates.Select(TwinDirectory.ReadCertificate)],
            Required = wanted.Permissions,
            CreatedAt = services.Clock.GetUtcNow(),
        };
        _directory.AddApp(app);
        await WriteAsync(context, new CreatedApp(appId, app.ObjectId, home.Id, app.DisplayName, [.. secrets.Select(secret => secret.Shown)]), StatusCodes.Status201Created);
    }

    private async Task AddSecretAsync(HttpContext context, Guid id)
    {
        var (kept, shown) = Draw(await ReadAsync<NewSecret>(context));
        var app = App(id);
        _directory.UpdateApp(app with { Secrets = [.. app.Secrets, kept] });
        await WriteAsync(context, shown, StatusCodes.Status201Created);
    }

    private async Task AddCertificateAsync(HttpContext context, Guid id)
    {
        var certificate = TwinDirectory.ReadCertificate(await ReadAsync<string>(context));
        var app = App(id);
        _directory.UpdateApp(app with { Certificates = [.. app.Certificates, certificate] });
        await WriteAsync(context, certificate, StatusCodes.Status201Created);
    }

    private (TwinSecret Kept, SecretValue Shown) Draw(NewSecret wanted)
    {
        var value = wanted.Value ?? Base64Url.Encode(RandomNumberGenerator.GetBytes(SecretBytes));
        var ends = services.Clock.GetUtcNow().AddDays(wanted.Days);
        var id = Guid.NewGuid();
        return (new TwinSecret(id, SecretDigest.Of(value), value[..Math.Min(HintLength, value.Length)], ends), new SecretValue(id, value, ends));
    }

    private async Task ConsentAsync(HttpContext context, string tenant)
    {
        var home = Tenant(tenant);
        var wanted = await ReadAsync<NewConsent>(context);
        var app = App(wanted.AppId);
        _directory.Grant(home.Id, app, [.. wanted.Permissions ?? ConsentRules.StaticList(app)], null);
        await WriteAsync(context, View(_directory.FindServicePrincipal(home.Id, app.AppId)!), StatusCodes.Status201Created);
    }

    private async Task ChangePrincipalAsync(HttpContext context, string tenant, Guid appId)
    {
        var change = await ReadAsync<PrincipalChange>(context);
        var principal = _directory.FindServicePrincipal(Tenant(tenant).Id, appId) ?? throw new TwinDirectoryException($"Application {appId} has no service principal in tenant '{tenant}'.");
        principal = principal with { Enabled = change.Enabled ?? principal.Enabled, AssignmentRequired = change.AssignmentRequired ?? principal.AssignmentRequired };
        _directory.UpdateServicePrincipal(principal);
        await WriteAsync(context, View(principal));
    }

    private async Task CreateRelationshipAsync(HttpContext context, string tenant)
    {
        var partner = Tenant(tenant);
        var wanted = await ReadAsync<NewRelationship>(context);
        var customer = Tenant(wanted.Customer);
        if (wanted.Name.Length is 0 or > 50) throw new ArgumentException("A relationship's name has 1 to 50 characters.");
        if (wanted.Days is < 1 or > 730) throw new ArgumentException("days is 1 to 730.");
        if (wanted.AutoExtendDays is not (0 or 180)) throw new ArgumentException("autoExtendDays is 0 or 180.");
        var now = services.Clock.GetUtcNow();
        var relationship = new TwinRelationship
        {
            Id = $"{_directory.NewId("relationship", partner.Id.ToString(), wanted.Name):D}-{_directory.NewId("relationship-of", customer.Id.ToString(), wanted.Name):D}",
            PartnerId = partner.Id,
            CustomerId = customer.Id,
            DisplayName = wanted.Name,
            Duration = TimeSpan.FromDays(wanted.Days),
            AutoExtend = TimeSpan.FromDays(wanted.AutoExtendDays),
            Roles = [.. wanted.Roles.Select(role => DirectoryRoles.Find(role) ?? throw new TwinDirectoryException($"Directory role '{role}' is unknown."))],
            CreatedAt = now,
            ActivatedAt = wanted.Approved ? now : null,
        };
        if (_directory.FindRelationship(partner.Id, relationship.Id) is not null) throw new TwinDirectoryException($"A relationship named '{wanted.Name}' exists already.");
        _directory.PutRelationship(relationship);
        await WriteAsync(context, relationship, StatusCodes.Status201Created);
    }

    private TwinTenant Tenant(string text) =>
        (Guid.TryParse(text, out var id) ? _directory.FindTenant(id) : _directory.FindTenantByDomain(text)) ?? throw new TwinDirectoryException($"Tenant '{text}' does not exist.");

    private TwinUser User(Guid id) => _directory.FindUserAnywhere(id) ?? throw new TwinDirectoryException($"User {id} does not exist.");

    private TwinApp App(Guid id) => _directory.FindApp(id) ?? throw new TwinDirectoryException($"Application {id} does not exist.");

    private ConsentView View(TwinServicePrincipal principal) => new(principal.TenantId, principal.AppId, principal.Id, principal.Enabled, _directory.Grants(principal.TenantId, principal.AppId));

    private static UserView View(TwinUser user) => new(user.Id, user.TenantId, user.UserPrincipalName, user.DisplayName, user.Enabled, user.IsGuest, user.HomeTenantId, user.HomeUserId, user.Accepted, user.Roles);
}
