using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.Graph.Directory;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Builder;
using Xunit.Abstractions;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed partial class BadBodyTests(DirectoryTwin twin, ITestOutputHelper output) : IClassFixture<DirectoryTwin>
{
    private const string GraphId = "00000003-0000-0000-c000-000000000000";
    private const string Analyst = "/policies/crossTenantAccessPolicy/partners";

    [Fact]
    public async Task No_write_of_the_directory_takes_a_bad_body()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BAILIWICK_SEED"), out var chosen) ? chosen : Random.Shared.Next();
        output.WriteLine($"BAILIWICK_SEED={seed}");
        var (values, samples) = await PrepareAsync();
        using var http = twin.Twin.CreateClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await twin.TokenAsync());
        var bodies = new BadBodies(await TableAsync(), route => Fill(route, values), samples, request =>
        {
            request.RequestUri = new Uri($"graph/beta{request.RequestUri!.OriginalString}", UriKind.Relative);
            return http.SendAsync(request);
        }, seed);

        var faults = await bodies.RunAsync();

        bodies.Sent.ShouldBeGreaterThan(500);
        faults.ShouldBeEmpty($"BAILIWICK_SEED={seed}, {faults.Count} of {bodies.Sent}:\n{string.Join('\n', faults.Take(60))}");
    }

    private async Task<IReadOnlyList<GraphRoute>> TableAsync()
    {
        var plane = new DirectoryPlane(twin.Twin.Host.Services, new GraphBatch());
        await using var app = WebApplication.CreateSlimBuilder().Build();
        plane.Map(app);
        return plane.Table;
    }

    /// <summary>The first value whose key begins the route's path, for each parameter.</summary>
    private static string Fill(GraphRoute route, IReadOnlyList<(string Prefix, string Parameter, string Value)> values) => Parameter().Replace(route.Path, match =>
        values.FirstOrDefault(known => known.Parameter == match.Groups[1].Value && route.Path.StartsWith(known.Prefix, StringComparison.Ordinal)).Value ?? throw new InvalidOperationException($"{route.Path} has no value for {match.Value}."));

    private async Task<string> MakeAsync(string path, object body)
    {
        var answer = await twin.SendAsync(HttpMethod.Post, path, body);
        answer.Status.ShouldBeOneOf([200, 201], answer.Body.ToString());
        return answer.Body.TryGetProperty("id", out var id) ? id.GetString()! : answer.Body.GetProperty("keyId").GetString()!;
    }

    private async Task<(IReadOnlyList<(string Prefix, string Parameter, string Value)> Values, IReadOnlyDictionary<string, BodySample> Samples)> PrepareAsync()
    {
        var user = await MakeAsync("/users", JsonSerializer.Deserialize<JsonElement>(User("una")));
        var group = await MakeAsync("/groups", JsonSerializer.Deserialize<JsonElement>(Group("Tier 1", "tier1-key")));
        var app = await MakeAsync("/applications", JsonSerializer.Deserialize<JsonElement>(Application("Connector")));
        var appId = (await twin.SendAsync(HttpMethod.Get, $"/applications/{app}")).Body.GetProperty("appId").GetString()!;
        var other = await MakeAsync("/applications", new { displayName = "Other" });
        var otherId = (await twin.SendAsync(HttpMethod.Get, $"/applications/{other}")).Body.GetProperty("appId").GetString()!;
        var keys = new[] { await MakeAsync($"/applications/{app}/addPassword", new { }), await MakeAsync($"/applications/{app}/addPassword", new { }) };
        var principal = await MakeAsync("/servicePrincipals", new { appId });
        var graph = (await twin.SendAsync(HttpMethod.Get, $"/servicePrincipals(appId='{GraphId}')")).Body.GetProperty("id").GetString()!;
        var grant = await MakeAsync("/oauth2PermissionGrants", new { clientId = principal, consentType = "AllPrincipals", resourceId = graph, scope = "User.Read" });
        var assignment = await MakeAsync($"/servicePrincipals/{graph}/appRoleAssignedTo", AppRole(principal, graph, "b0afded3-3588-46d8-8b3d-9842eff778da"));
        var role = (await twin.SendAsync(HttpMethod.Get, $"/directoryRoles(roleTemplateId='{DirectoryRoles.GlobalAdministrator}')")).Body.GetProperty("id").GetString()!;
        var held = (await twin.SendAsync(HttpMethod.Get, "/roleManagement/directory/roleAssignments")).Values[0].GetProperty("id").GetString()!;
        var partner = twin.Twin.Birch.Id;
        (await twin.SendAsync(HttpMethod.Post, Analyst, new { tenantId = partner })).Status.ShouldBe(201);
        (await twin.SendAsync(HttpMethod.Put, $"{Analyst}/{partner}/identitySynchronization", new { displayName = "Birch" })).Status.ShouldBe(204);
        var relationship = await twin.Twin.Control.CreateRelationshipAsync(twin.Twin.Alder.Id, new NewRelationship("birch.example", "Birch", ["Security Reader", "Global Reader"]), default);
        var second = await MakeAsync("/groups", JsonSerializer.Deserialize<JsonElement>(Group("Tier 2", "tier2-key")));
        var access = await MakeAsync($"/tenantRelationships/delegatedAdminRelationships/{relationship.Id}/accessAssignments", JsonSerializer.Deserialize<JsonElement>(Access(second)));
        var gone = await MakeAsync("/users", JsonSerializer.Deserialize<JsonElement>(User("gone")));
        (await twin.SendAsync(HttpMethod.Delete, $"/users/{gone}")).Status.ShouldBe(204);
        var audit = (await twin.SendAsync(HttpMethod.Get, "/auditLogs/directoryAudits")).Values[0].GetProperty("id").GetString()!;

        List<(string, string, string)> values =
        [
            ("/users/", "id", user), ("/groups/{id}/members/", "member", user), ("/groups/{id}/owners/", "member", user), ("/groups/", "id", group), ("/groups(", "name", "tier1-key"),
            ("/applications/", "id", app), ("/applications(", "appId", appId), ("/servicePrincipals/{id}/appRoleAssignedTo", "id", graph), ("/servicePrincipals/", "id", principal),
            ("/servicePrincipals(appId='{appId}')/appRoleAssignedTo", "appId", GraphId), ("/servicePrincipals(", "appId", appId), ("/servicePrincipals", "assignment", assignment), ("/oauth2PermissionGrants/", "id", grant),
            ("/roleManagement/directory/roleDefinitions/", "id", DirectoryRoles.GlobalReader.ToString()), ("/roleManagement/directory/roleAssignments/", "id", held), ("/directoryRoles/", "id", role),
            ("/directoryRoles(", "template", DirectoryRoles.GlobalAdministrator.ToString()), ("/directoryRoles", "member", user), ("/organization/", "id", twin.Twin.Alder.Id.ToString()), ("/domains/", "id", "alder.example"),
            ("/subscribedSkus/", "id", "none"), (Analyst, "id", partner.ToString()), ("/tenantRelationships/findTenantInformationByTenantId", "id", $"'{partner}'"), ("/tenantRelationships/findTenantInformationByDomainName", "name", "'birch.example'"),
            ("/tenantRelationships/delegatedAdminCustomers/", "id", partner.ToString()), ("/tenantRelationships/delegatedAdminRelationships/", "id", relationship.Id), ("/tenantRelationships/", "assignment", access),
            ("/auditLogs/", "id", audit), ("/directoryObjects/", "id", user), ("/directory/deletedItems/", "id", gone),
        ];
        var reference = new BodySample($$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{{{user}}}"}""");
        var both = """{"usersAndGroups":{"accessType":"allowed","targets":[{"target":"AllUsers","targetType":"user"}]},"applications":{"accessType":"allowed","targets":[{"target":"Office365","targetType":"application"}]}}""";
        var policy = new BodySample("""{"allowInvitesFrom":"adminsAndGuestInviters","guestUserRoleId":"2af84b1e-32c8-42b7-82bc-daa82404023b","allowedToUseSSPR":false,"defaultUserRolePermissions":{"allowedToCreateApps":false,"permissionGrantPoliciesAssigned":["a"]}}""");
        var keyed = new BodySample("""{"passwordCredential":{"displayName":"hub","endDateTime":"2090-01-01T00:00:00Z"}}""", EmptyIsFine: true);
        var principalChange = new BodySample("""{"accountEnabled":true,"appRoleAssignmentRequired":true,"tags":["a"],"notes":"n"}""");
        string Role(string id) => JsonSerializer.Serialize(AppRole(principal, graph, id));
        return (values, new Dictionary<string, BodySample>
        {
            ["POST /$batch"] = new("""{"requests":[{"id":"1","method":"GET","url":"/users","headers":{}}]}""", Open: "headers"),
            ["POST /users"] = new(User("ursula")),
            ["PATCH /users/{id}"] = new("""{"displayName":"Una Two","accountEnabled":true,"otherMails":["una@home.example"],"passwordProfile":{"password":"Correct-Horse-8","forceChangePasswordNextSignIn":false},"jobTitle":"Analyst"}"""),
            ["POST /users/{id}/revokeSignInSessions"] = new(null),
            ["POST /users/{id}/checkMemberGroups"] = new($$$"""{"groupIds":["{{{group}}}"]}"""),
            ["POST /users/{id}/getMemberGroups"] = new("""{"securityEnabledOnly":true}"""),
            ["POST /invitations"] = new("""{"invitedUserEmailAddress":"new@northwatch.example","inviteRedirectUrl":"https://hub.example","invitedUserDisplayName":"New","sendInvitationMessage":false,"invitedUserType":"Guest","invitedUserMessageInfo":{"messageLanguage":"en-US","customizedMessageBody":"Welcome"}}"""),
            ["POST /groups"] = new(Group("Tier 3", "tier3-key")),
            ["PATCH /groups/{id}"] = new($$$"""{"displayName":"Tier 1 again","description":"d","members@odata.bind":["https://graph.microsoft.com/v1.0/directoryObjects/{{{principal}}}"]}"""),
            ["PATCH /groups(uniqueName='{name}')"] = new("""{"displayName":"Tier 1 by key","mailNickname":"tier1"}"""),
            ["POST /groups/{id}/members/$ref"] = reference,
            ["POST /groups/{id}/owners/$ref"] = reference,
            ["POST /applications"] = new(Application("New")),
            ["PATCH /applications/{id}"] = new(Application("Changed")),
            ["PATCH /applications(appId='{appId}')"] = new(Application("Changed again")),
            ["POST /applications/{id}/addPassword"] = keyed,
            ["POST /applications(appId='{appId}')/addPassword"] = keyed,
            ["POST /applications/{id}/removePassword"] = new($$$"""{"keyId":"{{{keys[0]}}}"}"""),
            ["POST /applications(appId='{appId}')/removePassword"] = new($$$"""{"keyId":"{{{keys[1]}}}"}"""),
            ["POST /servicePrincipals"] = new($$$"""{"appId":"{{{otherId}}}","appRoleAssignmentRequired":false,"tags":["a"]}"""),
            ["PATCH /servicePrincipals/{id}"] = principalChange,
            ["PATCH /servicePrincipals(appId='{appId}')"] = principalChange,
            ["POST /servicePrincipals/{id}/appRoleAssignedTo"] = new(Role("df021288-bdef-4463-88db-98f22de89214")),
            ["POST /servicePrincipals(appId='{appId}')/appRoleAssignedTo"] = new(Role("5b567255-7703-4780-807c-7be8301ae99b")),
            ["POST /servicePrincipals/{id}/appRoleAssignments"] = new(Role("7ab1d382-f21e-4acd-a863-ba3e13f7da61")),
            ["POST /servicePrincipals(appId='{appId}')/appRoleAssignments"] = new(Role("dbb9058a-0e50-45d7-ae91-66909b5d4664")),
            ["POST /oauth2PermissionGrants"] = new($$$"""{"clientId":"{{{principal}}}","consentType":"Principal","principalId":"{{{user}}}","resourceId":"{{{graph}}}","scope":"User.Read"}"""),
            ["PATCH /oauth2PermissionGrants/{id}"] = new("""{"scope":"User.Read Group.Read.All"}"""),
            ["POST /roleManagement/directory/roleAssignments"] = new($$$"""{"roleDefinitionId":"{{{DirectoryRoles.GlobalReader}}}","principalId":"{{{user}}}","directoryScopeId":"/"}"""),
            ["POST /directoryRoles"] = new($$$"""{"roleTemplateId":"{{{DirectoryRoles.ReportsReader}}}"}"""),
            ["POST /directoryRoles/{id}/members/$ref"] = reference,
            ["POST /directoryRoles(roleTemplateId='{template}')/members/$ref"] = new($$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{{{principal}}}"}"""),
            ["PATCH /policies/authorizationPolicy"] = policy,
            ["PATCH /policies/authorizationPolicy/authorizationPolicy"] = policy,
            ["PATCH /admin/entra/uxSetting"] = new("""{"restrictNonAdminAccess":"true"}"""),
            ["PATCH /policies/crossTenantAccessPolicy"] = new("""{"allowedCloudEndpoints":["microsoftonline.us"]}"""),
            ["PATCH /policies/crossTenantAccessPolicy/default"] = new($$$"""{"b2bCollaborationInbound":{{{both}}},"inboundTrust":{"isMfaAccepted":true}}"""),
            ["POST /policies/crossTenantAccessPolicy/default/resetToSystemDefault"] = new(null),
            ["POST /policies/crossTenantAccessPolicy/partners"] = new($$$"""{"tenantId":"{{{twin.Twin.Provider.Id}}}","inboundTrust":{"isMfaAccepted":true},"b2bCollaborationInbound":{{{both}}},"automaticUserConsentSettings":{"inboundAllowed":true,"outboundAllowed":false}}"""),
            ["PATCH /policies/crossTenantAccessPolicy/partners/{id}"] = new($$$"""{"b2bDirectConnectInbound":{{{both}}},"isServiceProvider":true,"inboundTrust":{"isMfaAccepted":true}}"""),
            ["PUT /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization"] = new("""{"displayName":"Birch","userSyncInbound":{"isSyncAllowed":true}}""", EmptyIsFine: true),
            ["PATCH /policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization"] = new("""{"displayName":"Birch","userSyncInbound":{"isSyncAllowed":true}}"""),
            ["POST /tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments"] = new(Access(group)),
            ["PATCH /tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{assignment}"] = new($$$"""{"accessDetails":{"unifiedRoles":[{"roleDefinitionId":"{{{DirectoryRoles.GlobalReader}}}"}]}}"""),
            ["POST /directoryObjects/getByIds"] = new($$$"""{"ids":["{{{user}}}"],"types":["user"]}"""),
            ["POST /directory/deletedItems/{id}/restore"] = new(null),
        });
    }

    private static object AppRole(string principal, string resource, string role) => new { principalId = principal, resourceId = resource, appRoleId = role };

    private static string User(string name) =>
        $$$"""{"accountEnabled":true,"displayName":"{{{name}}}","mailNickname":"{{{name}}}","userPrincipalName":"{{{name}}}@alder.example","passwordProfile":{"password":"Correct-Horse-7","forceChangePasswordNextSignIn":true}}""";

    private static string Group(string name, string key) => $$$"""{"displayName":"{{{name}}}","mailEnabled":false,"mailNickname":"tier","securityEnabled":true,"groupTypes":[],"description":"d","uniqueName":"{{{key}}}"}""";

    private static string Access(string group) =>
        $$$"""{"accessContainer":{"accessContainerId":"{{{group}}}","accessContainerType":"securityGroup"},"accessDetails":{"unifiedRoles":[{"roleDefinitionId":"{{{DirectoryRoles.SecurityReader}}}"}]}}""";

    private static string Application(string name) =>
        $$$"""
        {"displayName":"{{{name}}}","signInAudience":"AzureADMyOrg","identifierUris":[],"isFallbackPublicClient":false,"tags":["a"],"notes":"n","web":{"redirectUris":["https://hub.example/cb"],"homePageUrl":"https://hub.example","implicitGrantSettings":{"enableIdTokenIssuance":false}},
        "spa":{"redirectUris":[]},"publicClient":{"redirectUris":[]},"requiredResourceAccess":[{"resourceAppId":"{{{GraphId}}}","resourceAccess":[{"id":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","type":"Scope"}]}],
        "api":{"requestedAccessTokenVersion":2,"oauth2PermissionScopes":[{"id":"e1fe6dd8-ba31-4d61-89e7-88639da46831","value":"Read","type":"User","isEnabled":true}]},
        "appRoles":[{"id":"e1fe6dd8-ba31-4d61-89e7-88639da46832","displayName":"Reader","value":"Reader","isEnabled":true,"allowedMemberTypes":["User"]}],"keyCredentials":[]}
        """.Trim();

    [GeneratedRegex(@"\{([a-zA-Z]+)\}", RegexOptions.None, 5000)]
    private static partial Regex Parameter();
}
