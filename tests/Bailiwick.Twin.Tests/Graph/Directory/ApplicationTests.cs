using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Graph;
using Microsoft.Graph.Applications.Item.AddPassword;
using Microsoft.Graph.Applications.Item.RemovePassword;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class ApplicationTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    private static readonly Guid SecurityAlertRead = new("472e4a4d-bb4a-4026-98d1-0b0d74cb74a5");
    private static readonly Guid UserRead = new("e1fe6dd8-ba31-4d61-89e7-88639da4683d");
    private const string GraphId = "00000003-0000-0000-c000-000000000000";

    [Fact]
    public async Task A_registration_made_and_consented_through_Graph_signs_in_with_its_secret()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        app.RequiredResourceAccess!.Single().ResourceAccess!.Select(access => (access.Id, access.Type)).ShouldBe([(SecurityAlertRead, "Role"), (UserRead, "Scope")]);
        var secret = (await graph.Applications[app.Id].AddPassword.PostAsync(new AddPasswordPostRequestBody { PasswordCredential = new PasswordCredential { DisplayName = "hub" } }))!;
        var form = Form(app.AppId!, secret.SecretText!);
        (await ErrorAsync(form)).ShouldBe(700016L); // registered, but present nowhere yet

        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        var resource = (await graph.ServicePrincipalsWithAppId(GraphId).GetAsync())!;
        var role = resource.AppRoles!.Single(role => role.Value == "SecurityAlert.Read.All");
        role.Id.ShouldBe(SecurityAlertRead);
        var assignment = (await graph.ServicePrincipals[resource.Id].AppRoleAssignedTo.PostAsync(new AppRoleAssignment { PrincipalId = Guid.Parse(principal.Id!), ResourceId = Guid.Parse(resource.Id!), AppRoleId = role.Id }))!;

        var (_, token) = await twin.Twin.TokenAsync(twin.Twin.Alder.Id, form);
        Jwt.Claims(token.GetProperty("access_token").GetString()!).GetProperty("roles")[0].GetString().ShouldBe("SecurityAlert.Read.All");
        (await graph.ServicePrincipals[principal.Id].AppRoleAssignments.GetAsync())!.Value!.Single().Id.ShouldBe(assignment.Id);
        await graph.ServicePrincipals[resource.Id].AppRoleAssignedTo[assignment.Id].DeleteAsync();
        (_, token) = await twin.Twin.TokenAsync(twin.Twin.Alder.Id, form);
        Jwt.Claims(token.GetProperty("access_token").GetString()!).TryGetProperty("roles", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_secret_lives_two_years_is_shown_once_and_ends_when_removed()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;

        var secret = (await graph.Applications[app.Id].AddPassword.PostAsync(new AddPasswordPostRequestBody()))!;

        secret.EndDateTime!.Value.ShouldBe(secret.StartDateTime!.Value.AddYears(2));
        secret.SecretText!.ShouldStartWith(secret.Hint!);
        var kept = (await graph.Applications[app.Id].GetAsync())!.PasswordCredentials!.Single();
        (kept.KeyId, kept.SecretText).ShouldBe((secret.KeyId, null));
        await graph.Applications[app.Id].RemovePassword.PostAsync(new RemovePasswordPostRequestBody { KeyId = secret.KeyId });
        (await graph.Applications[app.Id].GetAsync())!.PasswordCredentials!.ShouldBeEmpty();
        var again = await Should.ThrowAsync<ODataError>(() => graph.Applications[app.Id].RemovePassword.PostAsync(new RemovePasswordPostRequestBody { KeyId = secret.KeyId }));
        again.ResponseStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task Certificates_are_replaced_whole_and_kept_by_their_id()
    {
        var now = twin.Twin.Host.Services.Clock.GetUtcNow();
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=hub", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        await graph.Applications[app.Id].PatchAsync(new Application { KeyCredentials = [new KeyCredential { Type = "AsymmetricX509Cert", Usage = "Verify", Key = certificate.RawData, DisplayName = "first" }] });
        var first = (await graph.Applications[app.Id].GetAsync())!.KeyCredentials!.Single();

        await graph.Applications[app.Id].PatchAsync(new Application { KeyCredentials = [new KeyCredential { KeyId = first.KeyId, Type = "AsymmetricX509Cert", Usage = "Verify", DisplayName = "renamed" }] });

        var kept = (await graph.Applications[app.Id].GetAsync())!.KeyCredentials!.Single();
        (kept.KeyId, kept.DisplayName, kept.EndDateTime).ShouldBe((first.KeyId, "renamed", first.EndDateTime));
        await graph.Applications[app.Id].PatchAsync(new Application { KeyCredentials = [] });
        (await graph.Applications[app.Id].GetAsync())!.KeyCredentials!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Registrations_are_found_by_client_id_and_name_and_changed_in_part()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector("Found by name")))!;

        await graph.ApplicationsWithAppId(app.AppId!).PatchAsync(new Application { Web = new WebApplication { LogoutUrl = "https://hub.example/out" }, SignInAudience = "AzureADMultipleOrgs", IdentifierUris = [$"api://{app.AppId}"] });

        var read = (await graph.Applications.GetAsync(request => request.QueryParameters.Filter = $"appId eq '{app.AppId}'"))!.Value!.Single();
        (read.Web!.LogoutUrl, read.Web.RedirectUris!.Single(), read.SignInAudience).ShouldBe(("https://hub.example/out", "https://hub.example/cb", "AzureADMultipleOrgs"));
        (await graph.Applications.GetAsync(request => request.QueryParameters.Filter = "startswith(displayName,'Found by')"))!.Value!.Single().Id.ShouldBe(app.Id);
        (await graph.Applications.GetAsync(request => request.QueryParameters.Filter = $"identifierUris/any(u:u eq 'api://{app.AppId}')"))!.Value!.Single().Id.ShouldBe(app.Id);
        var foreign = await Should.ThrowAsync<ODataError>(() => graph.Applications[app.Id].PatchAsync(new Application { IdentifierUris = ["https://elsewhere.example/x"] }));
        foreign.Error!.Code.ShouldBe("HostNameNotOnVerifiedDomain");
    }

    [Fact]
    public async Task A_member_registers_and_changes_only_what_is_theirs_and_a_closed_policy_stops_it()
    {
        var name = $"dev{Guid.NewGuid():N}@alder.example";
        await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, new Bailiwick.Twin.Control.NewUser { Name = "Dev", Upn = name, Password = RunningTwin.Password }, default);
        var dev = await twin.GraphOfAsync(name);
        var others = (await (await twin.GraphAsync()).Applications.PostAsync(Connector()))!;

        var own = (await dev.Applications.PostAsync(Connector("Own")))!;
        await dev.Applications[own.Id].PatchAsync(new Application { Notes = "mine" });

        (await dev.Applications[own.Id].Owners.GetAsync())!.Value!.Single().ShouldBeOfType<User>();
        (await Should.ThrowAsync<ODataError>(() => dev.Applications[others.Id].PatchAsync(new Application { Notes = "not mine" }))).ResponseStatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task An_application_that_may_change_its_own_changes_no_other()
    {
        var onboarding = await twin.Twin.CreateAppAsync("Onboarding", app => app with { Permissions = [new Bailiwick.Twin.World.TwinPermission(DirectoryTwin.Resource, "Application.ReadWrite.OwnedBy", true)] });
        await twin.Twin.Control.ConsentAsync(twin.Twin.Alder.Id, new Bailiwick.Twin.Control.NewConsent { AppId = onboarding.AppId }, default);
        var (_, token) = await twin.Twin.TokenAsync(twin.Twin.Alder.Id, twin.Twin.AppOnly(app: onboarding));
        var bearer = token.GetProperty("access_token").GetString();
        var others = (await (await twin.GraphAsync()).Applications.PostAsync(Connector()))!;

        var own = await twin.SendAsync(HttpMethod.Post, "/applications", new { displayName = "Own" }, bearer);

        own.Status.ShouldBe(201);
        (await twin.SendAsync(HttpMethod.Post, $"/applications/{own.Body.GetProperty("id")}/addPassword", new { }, bearer)).Status.ShouldBe(200);
        (await twin.SendAsync(HttpMethod.Post, $"/applications/{others.Id}/addPassword", new { }, bearer)).Error.ShouldBe("Authorization_RequestDenied");
        (await twin.SendAsync(HttpMethod.Post, "/servicePrincipals", new { appId = others.AppId }, bearer)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_Cloud_Application_Administrator_grants_other_resources_but_no_application_permission_of_Graph()
    {
        var upn = $"caa{Guid.NewGuid():N}@alder.example";
        await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, new Bailiwick.Twin.Control.NewUser { Name = "Cloud Admin", Upn = upn, Password = RunningTwin.Password, Roles = ["Cloud Application Administrator"] }, default);
        var graph = await twin.GraphOfAsync(upn);
        var app = (await graph.Applications.PostAsync(Connector()))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        var defender = (await graph.ServicePrincipalsWithAppId("fc780465-2017-40d4-a0c5-307022471b92").GetAsync())!;
        var own = (await graph.ServicePrincipalsWithAppId(GraphId).GetAsync())!;
        Task<AppRoleAssignment?> GrantAsync(ServicePrincipal resource, string name) => graph.ServicePrincipals[resource.Id].AppRoleAssignedTo.PostAsync(
            new AppRoleAssignment { PrincipalId = Guid.Parse(principal.Id!), ResourceId = Guid.Parse(resource.Id!), AppRoleId = resource.AppRoles!.Single(role => role.Value == name).Id });

        (await GrantAsync(defender, "Alert.Read.All"))!.ResourceDisplayName.ShouldBe("WindowsDefenderATP");
        (await Should.ThrowAsync<ODataError>(() => GrantAsync(own, "SecurityAlert.Read.All"))).ResponseStatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task A_service_principal_is_made_once_and_disabled_it_signs_nobody_in()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        var secret = (await graph.Applications[app.Id].AddPassword.PostAsync(new AddPasswordPostRequestBody()))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;

        (await Should.ThrowAsync<ODataError>(() => graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))).ResponseStatusCode.ShouldBe(409);
        (await Should.ThrowAsync<ODataError>(() => graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = Guid.NewGuid().ToString() }))).ResponseStatusCode.ShouldBe(400);
        await graph.ServicePrincipals[principal.Id].PatchAsync(new ServicePrincipal { AccountEnabled = false });
        (await ErrorAsync(Form(app.AppId!, secret.SecretText!))).ShouldBe(7000112L);
        await graph.ServicePrincipalsWithAppId(app.AppId!).DeleteAsync();
        (await Should.ThrowAsync<ODataError>(() => graph.ServicePrincipals[principal.Id].GetAsync())).ResponseStatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task Microsofts_own_resources_stand_in_every_tenant_and_cannot_be_changed()
    {
        var graph = await twin.GraphAsync();

        var own = (await graph.ServicePrincipals.GetAsync(request => request.QueryParameters.Filter = $"appId eq '{GraphId}'"))!.Value!.Single();

        own.DisplayName.ShouldBe("Microsoft Graph");
        own.Oauth2PermissionScopes!.Single(scope => scope.Value == "User.Read").Id.ShouldBe(UserRead);
        own.AppRoles!.Select(role => role.Id).Distinct().Count().ShouldBe(own.AppRoles!.Count);
        (await Should.ThrowAsync<ODataError>(() => graph.ServicePrincipals[own.Id].DeleteAsync())).ResponseStatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task Delegated_grants_are_made_widened_narrowed_and_removed()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        var resource = (await graph.ServicePrincipalsWithAppId(GraphId).GetAsync())!;
        OAuth2PermissionGrant Grant() => new() { ClientId = principal.Id, ConsentType = "AllPrincipals", ResourceId = resource.Id, Scope = "User.Read Group.Read.All" };

        var grant = (await graph.Oauth2PermissionGrants.PostAsync(Grant()))!;

        (await Should.ThrowAsync<ODataError>(() => graph.Oauth2PermissionGrants.PostAsync(Grant()))).ResponseStatusCode.ShouldBe(409);
        await graph.Oauth2PermissionGrants[grant.Id].PatchAsync(new OAuth2PermissionGrant { Scope = "User.Read AuditLog.Read.All" });
        (await graph.Oauth2PermissionGrants.GetAsync(request => request.QueryParameters.Filter = $"clientId eq '{principal.Id}'"))!.Value!.Single().Scope.ShouldBe("User.Read AuditLog.Read.All");
        twin.Directory.Scopes(twin.Twin.Alder.Id, Guid.Parse(app.AppId!), Guid.Parse(GraphId), twin.Twin.AlderAdmin.Id).ShouldBe(["User.Read", "AuditLog.Read.All"], ignoreOrder: true);
        await graph.Oauth2PermissionGrants[grant.Id].DeleteAsync();
        (await graph.ServicePrincipals[principal.Id].Oauth2PermissionGrants.GetAsync())!.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task Owners_and_assignments_come_with_their_object_when_asked_for()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId }))!;
        await graph.ServicePrincipals[principal.Id].AppRoleAssignedTo.PostAsync(new AppRoleAssignment { PrincipalId = twin.Twin.AlderAdmin.Id, ResourceId = Guid.Parse(principal.Id!), AppRoleId = Guid.Empty });

        var owned = (await graph.Applications[app.Id].GetAsync(request => request.QueryParameters.Expand = ["owners"]))!;
        var assigned = (await graph.ServicePrincipals.GetAsync(request =>
        {
            request.QueryParameters.Filter = $"appId eq '{app.AppId}'";
            request.QueryParameters.Select = ["id", "displayName"];
            request.QueryParameters.Expand = ["appRoleAssignedTo"];
        }))!.Value!.Single();

        owned.Owners!.Single().ShouldBeOfType<ServicePrincipal>().AppId.ShouldBe(twin.App.AppId.ToString());
        assigned.AppRoleAssignedTo!.Single().PrincipalId.ShouldBe(twin.Twin.AlderAdmin.Id);
        assigned.AppId.ShouldBeNull();
    }

    [Fact]
    public async Task What_a_registration_does_is_written_to_the_audit_log()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        await graph.Applications[app.Id].AddPassword.PostAsync(new AddPasswordPostRequestBody());
        await graph.Applications[app.Id].PatchAsync(new Application { Notes = "n" });
        await graph.Applications[app.Id].DeleteAsync();

        var entries = (await graph.AuditLogs.DirectoryAudits.GetAsync(request => request.QueryParameters.Filter = $"targetResources/any(t:t/id eq '{app.Id}')"))!.Value!;

        entries.Select(entry => entry.ActivityDisplayName).ShouldBe(["Delete application", "Update application", "Update application – Certificates and secrets management", "Add application"]);
    }

    [Fact]
    public async Task Assigning_a_person_opens_an_application_that_requires_assignment()
    {
        var graph = await twin.GraphAsync();
        var app = (await graph.Applications.PostAsync(Connector()))!;
        var principal = (await graph.ServicePrincipals.PostAsync(new ServicePrincipal { AppId = app.AppId, AppRoleAssignmentRequired = true }))!;
        var person = twin.Twin.AlderAdmin.Id;

        var assigned = (await graph.ServicePrincipals[principal.Id].AppRoleAssignedTo.PostAsync(new AppRoleAssignment { PrincipalId = person, ResourceId = Guid.Parse(principal.Id!), AppRoleId = Guid.Empty }))!;

        (assigned.PrincipalType, assigned.PrincipalDisplayName).ShouldBe(("User", "Adam Admin"));
        twin.Directory.Assignments(twin.Twin.Alder.Id, Guid.Parse(app.AppId!), person).ShouldHaveSingleItem().Role.ShouldBeNull();
        await graph.ServicePrincipals[principal.Id].AppRoleAssignedTo[assigned.Id].DeleteAsync();
        twin.Directory.Assignments(twin.Twin.Alder.Id, Guid.Parse(app.AppId!), person).ShouldBeEmpty();
    }

    private static Application Connector(string name = "Alder Mills SIEM MSSP Connector") => new()
    {
        DisplayName = name,
        Web = new WebApplication { RedirectUris = ["https://hub.example/cb"] },
        RequiredResourceAccess = [new RequiredResourceAccess { ResourceAppId = GraphId, ResourceAccess = [new ResourceAccess { Id = SecurityAlertRead, Type = "Role" }, new ResourceAccess { Id = UserRead, Type = "Scope" }] }],
    };

    private static Dictionary<string, string> Form(string appId, string secret) =>
        new() { ["grant_type"] = "client_credentials", ["client_id"] = appId, ["client_secret"] = secret, ["scope"] = "https://graph.microsoft.com/.default" };

    private async Task<long> ErrorAsync(Dictionary<string, string> form) => (await twin.Twin.TokenAsync(twin.Twin.Alder.Id, form)).Body.GetProperty("error_codes")[0].GetInt64();
}
