using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Microsoft.Graph.Models;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>What the pages of the API reference say beside the main road: who may, what is refused, what comes back.</summary>
public sealed class GovernanceRouteTests : IAsyncLifetime
{
    private GovernanceTwin _twin = null!;
    private DelegatedAccess _access = null!;
    private HttpClient _http = null!;

    private string Tier1 => _access.Packages["Tier 1 Analyst"];

    public async Task InitializeAsync()
    {
        _twin = await GovernanceTwin.StartAsync();
        _access = await DelegatedAccess.SetUpAsync(await _twin.GraphAsync(_twin.Alder), "northwatch.example", _twin.Twin.AlderAdmin.Id.ToString(), (await _twin.Twin.Control.ClockAsync(default)).Now.AddDays(100));
        _http = _twin.Http(await _twin.AppTokenAsync(_twin.Alder));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _twin.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_role_or_the_licence_nothing_is_shown_but_what_is_ones_own()
    {
        await _twin.Twin.Control.CreateUserAsync(_twin.Alder.Id, new NewUser { Name = "Mia Member", Upn = "mia@alder.example", Password = RunningTwin.Password }, default);
        using var member = _twin.Http(await _twin.PersonTokenAsync(_twin.Alder, "mia@alder.example"));
        using var guest = _twin.Http(await _twin.PersonTokenAsync(_twin.Alder, "ann@northwatch.example"));

        (await StatusAsync(member, "GET", "entitlementManagement/accessPackages")).ShouldBe(403);
        (await StatusAsync(guest, "GET", "entitlementManagement/assignmentRequests")).ShouldBe(403);
        (await ListAsync(guest, "entitlementManagement/accessPackages/filterByCurrentUser(on='allowedRequestor')")).Count.ShouldBe(3);
        (await ListAsync(guest, "entitlementManagement/accessPackages/filterByCurrentUser(on=%27allowedRequestor%27)")).Count.ShouldBe(3);
        (await ListAsync(guest, "entitlementManagement/accessPackages/filterByCurrentUser(on=allowedRequestor)")).Count.ShouldBe(3);
        (await ListAsync(member, "entitlementManagement/accessPackages/filterByCurrentUser(on='allowedRequestor')")).ShouldBeEmpty();
        (await SendAsync(guest, "POST", $"entitlementManagement/accessPackages/{Tier1}/getApplicablePolicyRequirements", "")).Body!["value"]![0]!["isApprovalRequiredForAdd"]!.GetValue<bool>().ShouldBeTrue();
        var asked = (await SendAsync(guest, "POST", "entitlementManagement/assignmentRequests", Ask("userAdd"))).Body!["id"]!.GetValue<string>();
        (await StatusAsync(guest, "GET", $"entitlementManagement/assignmentRequests/{asked}")).ShouldBe(200);
        (await StatusAsync(member, "GET", $"entitlementManagement/assignmentRequests/{asked}")).ShouldBe(404);
        (await StatusAsync(member, "POST", $"entitlementManagement/assignmentRequests/{asked}/cancel", "")).ShouldBe(404);
        (await StatusAsync(guest, "POST", "entitlementManagement/assignmentRequests", Ask("adminAdd"))).ShouldBe(403);
        (await StatusAsync(member, "GET", $"entitlementManagement/accessPackageAssignmentApprovals/{asked}")).ShouldBe(403);
        (await StatusAsync(_http, "GET", $"entitlementManagement/accessPackageAssignmentApprovals/{asked}")).ShouldBe(403, "approvals are for people");
        (await StatusAsync(guest, "POST", $"entitlementManagement/assignmentRequests/{asked}/cancel", "")).ShouldBe(204);

        _twin.Twin.Host.Services.Directory.UpdateTenant(_twin.Twin.Host.Services.Directory.FindTenant(_twin.Alder.Id)! with { Plan = EntraPlan.P1 });
        (await StatusAsync(_http, "GET", "entitlementManagement/accessPackages")).ShouldBe(403);
        (await StatusAsync(_http, "GET", "accessReviews/definitions")).ShouldBe(403);
    }

    [Fact]
    public async Task A_policy_is_replaced_whole_and_never_patched()
    {
        var path = $"entitlementManagement/assignmentPolicies/{_access.Policies["Tier 1 Analyst"]}";
        var before = (await SendAsync(_http, "GET", path)).Body!;
        before["requestApprovalSettings"]!["stages"]![0]!["durationBeforeAutomaticDenial"]!.GetValue<string>().ShouldBe("P7D");
        before["requestApprovalSettings"]!["stages"]![0]!["primaryApprovers"]![0]!["@odata.type"]!.GetValue<string>().ShouldBe("#microsoft.graph.groupMembers");

        (await StatusAsync(_http, "PATCH", path, "{}")).ShouldBe(405);
        before["displayName"] = "renamed"; // read, modify, write: what the service wrote itself may come back
        var same = (await SendAsync(_http, "PUT", path, before.ToJsonString())).Body!;
        same["reviewSettings"]!.ToJsonString().ShouldBe(before["reviewSettings"]!.ToJsonString());
        var bare = (await SendAsync(_http, "PUT", path, $$$"""{"displayName":"bare","accessPackage":{"id":"{{{Tier1}}}"}}""")).Body!;

        bare["allowedTargetScope"]!.GetValue<string>().ShouldBe("notSpecified");
        bare["requestApprovalSettings"]!["stages"]!.AsArray().ShouldBeEmpty();
        bare["reviewSettings"].ShouldBeNull();
        (await ListAsync(_http, $"accessReviews/definitions?$filter=contains(scope/microsoft.graph.accessReviewQueryScope/query, '{Tier1}')")).Single()!["status"]!.GetValue<string>().ShouldBe("Completed");
    }

    [Theory]
    [InlineData("""{"requestApprovalSettings":{"isApprovalRequiredForAdd":true,"stages":[]}}""")]
    [InlineData("""{"requestApprovalSettings":{"isApprovalRequiredForAdd":true,"stages":[{"durationBeforeAutomaticDenial":"P15D","primaryApprovers":[{"@odata.type":"#microsoft.graph.requestorManager","managerLevel":1}]}]}}""")]
    [InlineData("""{"requestApprovalSettings":{"isApprovalRequiredForAdd":true,"stages":[{"durationBeforeAutomaticDenial":"P3D","isEscalationEnabled":true,"durationBeforeEscalation":"P1D","primaryApprovers":[{"@odata.type":"#microsoft.graph.requestorManager"}],"escalationApprovers":[{"@odata.type":"#microsoft.graph.requestorManager"}]}]}}""")]
    [InlineData("""{"expiration":{"type":"afterDuration","duration":"P3661D"}}""")]
    [InlineData("""{"expiration":{"type":"afterDateTime"}}""")]
    [InlineData("""{"allowedTargetScope":"specificDirectoryUsers"}""")]
    [InlineData("""{"allowedTargetScope":"everybody"}""")]
    [InlineData("""{"specificAllowedTargets":[{"@odata.type":"#microsoft.graph.noSuchSet"}]}""")]
    [InlineData("""{"specificAllowedTargets":[{"@odata.type":"#microsoft.graph.groupMembers","groupId":"11111111-2222-4333-8444-555555555555"}]}""")]
    [InlineData("""{"reviewSettings":{"isEnabled":true,"isSelfReview":true,"schedule":{"recurrence":{"pattern":{"type":"absoluteMonthly","interval":5}}}}}""")]
    [InlineData("""{"questions":[{"@odata.type":"#microsoft.graph.accessPackageTextInputQuestion","text":"x","regexPattern":"("}]}""")]
    public async Task A_policy_that_contradicts_itself_is_refused(string part)
    {
        var body = (JsonObject)JsonNode.Parse(part)!;
        (body["displayName"], body["accessPackage"]) = ("second", new JsonObject { ["id"] = Tier1 });

        (await StatusAsync(_http, "POST", "entitlementManagement/assignmentPolicies", body.ToJsonString())).ShouldBe(400);
        (await ListAsync(_http, "entitlementManagement/assignmentPolicies")).Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_in_use_stays_and_relations_come_only_when_asked_for()
    {
        var admin = _twin.Twin.AlderAdmin.Id.ToString();
        await _access.Graph.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(_access.Request("Tier 1 Analyst", AccessPackageRequestType.AdminAdd, admin));
        foreach (var path in new[] { $"connectedOrganizations/{_access.Organization}", $"catalogs/{_access.Catalog}", $"accessPackages/{Tier1}", $"assignmentPolicies/{_access.Policies["Tier 1 Analyst"]}" })
            (await StatusAsync(_http, "DELETE", $"entitlementManagement/{path}")).ShouldBe(400, path);
        (await StatusAsync(_http, "POST", "entitlementManagement/connectedOrganizations", """{"displayName":"again","identitySources":[{"@odata.type":"#microsoft.graph.domainIdentitySource","domainName":"northwatch.example"}]}""")).ShouldBe(400);
        (await StatusAsync(_http, "POST", "entitlementManagement/resourceRequests", $$$"""{"requestType":"adminAdd","catalog":{"id":"{{{_access.Catalog}}}"},"resource":{"originId":"{{{_access.Groups["Tier 1 Analyst"]}}}","originSystem":"AadGroup"}}""")).ShouldBe(400, "it is in the catalog already");

        var plain = (await ListAsync(_http, "entitlementManagement/assignments"))[0]!;
        plain["target"].ShouldBeNull();
        plain["schedule"]!["expiration"]!["type"]!.GetValue<string>().ShouldBe("afterDateTime");
        var deep = (await ListAsync(_http, $"entitlementManagement/assignments?$expand=target,accessPackage($expand=catalog)&$filter=target/objectId eq '{admin}' and state eq 'Delivered'"))[0]!;
        deep["accessPackage"]!["catalog"]!["displayName"]!.GetValue<string>().ShouldBe("MSSP Accesses");
        (await StatusAsync(_http, "GET", "entitlementManagement/assignments?$expand=owner")).ShouldBe(400);
        (await ListAsync(_http, "entitlementManagement/catalogs?$filter=catalogType eq 'serviceDefault'"))[0]!["displayName"]!.GetValue<string>().ShouldBe("General");

        var group = _access.Groups["Tier 1 Analyst"];
        (await StatusAsync(_http, "GET", $"entitlementManagement/catalogs/{_access.Catalog}/resourceRoles")).ShouldBe(400, "the list needs a resource");
        var resource = (await ListAsync(_http, $"entitlementManagement/catalogs/{_access.Catalog}/resources?$filter=originId eq '{group}'"))[0]!["id"]!.GetValue<string>();
        var roles = await ListAsync(_http, $"entitlementManagement/catalogs/{_access.Catalog}/resourceRoles?$filter=(originSystem eq 'AadGroup' and resource/id eq '{resource}')&$expand=resource");
        roles.Select(role => role!["originId"]!.GetValue<string>()).ShouldBe([$"Member_{group}", $"Owner_{group}"]);
    }

    [Fact]
    public async Task Packages_are_made_incompatible_by_reference_and_who_has_both_is_found()
    {
        var (one, two) = (Tier1, _access.Packages["MSSP Analyst Approvers"]);
        var admin = _twin.Twin.AlderAdmin.Id.ToString();
        foreach (var name in new[] { "Tier 1 Analyst", "MSSP Analyst Approvers" }) await _access.Graph.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(_access.Request(name, AccessPackageRequestType.AdminAdd, admin));
        var reference = $$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/identityGovernance/entitlementManagement/accessPackages/{{{two}}}"}""";

        (await StatusAsync(_http, "POST", $"entitlementManagement/accessPackages/{one}/incompatibleAccessPackages/$ref", reference)).ShouldBe(204);
        (await StatusAsync(_http, "POST", $"entitlementManagement/accessPackages/{one}/incompatibleAccessPackages/$ref", reference)).ShouldBe(400);
        (await ListAsync(_http, $"entitlementManagement/accessPackages/{two}/accessPackagesIncompatibleWith"))[0]!["id"]!.GetValue<string>().ShouldBe(one);
        (await ListAsync(_http, $"entitlementManagement/assignments/additionalAccess(accessPackageId='{one}',incompatibleAccessPackageId='{two}')")).Count.ShouldBe(1);
        (await StatusAsync(_http, "DELETE", $"entitlementManagement/accessPackages/{one}/incompatibleAccessPackages/{two}/$ref")).ShouldBe(204);
        (await StatusAsync(_http, "DELETE", $"entitlementManagement/accessPackages/{one}/incompatibleAccessPackages/{two}/$ref")).ShouldBe(404);
    }

    [Fact]
    public async Task Both_spellings_of_a_request_are_taken_and_what_was_taken_by_hand_is_repaired()
    {
        var admin = _twin.Twin.AlderAdmin.Id.ToString();
        var older = $$$"""{"requestType":"AdminAdd","requestState":"x","accessPackageAssignment":{"targetId":"{{{admin}}}","assignmentPolicyId":"{{{_access.Policies["Tier 1 Analyst"]}}}","accessPackageId":"{{{Tier1}}}"}}""";
        var made = (await SendAsync(_http, "POST", "entitlementManagement/assignmentRequests", older)).Body!;
        (made["requestType"]!.GetValue<string>(), made["state"]!.GetValue<string>(), made["status"]!.GetValue<string>()).ShouldBe(("adminAdd", "submitted", "Accepted"));
        var request = made["id"]!.GetValue<string>();
        (await StatusAsync(_http, "POST", $"entitlementManagement/assignmentRequests/{request}/resume", "{}")).ShouldBe(400);
        (await StatusAsync(_http, "POST", $"entitlementManagement/assignmentRequests/{request}/reprocess", "")).ShouldBe(400, "it was delivered");

        var assignment = (await ListAsync(_http, "entitlementManagement/assignments"))[0]!["id"]!.GetValue<string>();
        await _access.Graph.Groups[_access.Groups["Tier 1 Analyst"]].Members[admin].Ref.DeleteAsync();
        (await StatusAsync(_http, "POST", $"entitlementManagement/assignments/{assignment}/reprocess", "")).ShouldBe(202);
        (await _access.MembersAsync("Tier 1 Analyst")).ShouldBe(["Adam Admin"]);

        (await StatusAsync(_http, "POST", "entitlementManagement/assignmentRequests", $$$"""{"requestType":"adminAdd","assignment":{"target":{"email":"new@northwatch.example"},"assignmentPolicyId":"{{{_access.Policies["Tier 1 Analyst"]}}}","accessPackageId":"{{{Tier1}}}"}}""")).ShouldBe(201);
        (await _access.MembersAsync("Tier 1 Analyst")).ShouldBe(["Adam Admin", "new"]);
        (await StatusAsync(_http, "DELETE", $"entitlementManagement/assignmentRequests/{request}")).ShouldBe(204);
        (await StatusAsync(_http, "DELETE", $"entitlementManagement/assignmentRequests/{request}")).ShouldBe(404);
    }

    [Fact]
    public async Task A_review_of_a_group_is_made_decided_applied_and_takes_people_out()
    {
        var admin = _twin.Twin.AlderAdmin.Id.ToString();
        var ann = (await _access.Graph.Users.GetAsync(request => request.QueryParameters.Filter = "mail eq 'ann@northwatch.example'"))!.Value!.Single().Id!;
        var group = _access.Groups["Tier 2 Analyst"];
        foreach (var id in new[] { admin, ann }) await _access.Graph.Groups[group].Members.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/directoryObjects/{id}" });
        var made = (await SendAsync(_http, "POST", "accessReviews/definitions", $$$"""
            {"displayName":"Guests","scope":{"@odata.type":"#microsoft.graph.accessReviewQueryScope","query":"/groups/{{{group}}}/transitiveMembers/microsoft.graph.user/?$count=true&$filter=(userType eq 'Guest')","queryType":"MicrosoftGraph"},
             "reviewers":[{"query":"/users/{{{admin}}}","queryType":"MicrosoftGraph"}],"settings":{"instanceDurationInDays":3,"recommendationsEnabled":true,"defaultDecisionEnabled":false,"defaultDecision":"None","autoApplyDecisionsEnabled":false}}
            """)).Body!;
        var path = $"accessReviews/definitions/{made["id"]}";
        var instance = (await ListAsync(_http, $"{path}/instances"))[0]!["id"]!.GetValue<string>();
        using var person = _twin.Http(await _twin.PersonTokenAsync(_twin.Alder, "adam@alder.example"));
        using var guest = _twin.Http(await _twin.PersonTokenAsync(_twin.Alder, "ann@northwatch.example"));

        (await ListAsync(person, "accessReviews/definitions/filterByCurrentUser(on='reviewer')")).Count.ShouldBe(1);
        (await StatusAsync(guest, "GET", path)).ShouldBe(404, "she reviews nothing");
        (await ListAsync(person, $"{path}/instances/{instance}/decisions")).Single()!["principal"]!["id"]!.GetValue<string>().ShouldBe(ann);
        (await StatusAsync(_http, "POST", $"{path}/instances/{instance}/batchRecordDecisions", """{"decision":"Deny"}""")).ShouldBe(403, "an application decides nothing");
        (await StatusAsync(_http, "POST", $"{path}/instances/{instance}/applyDecisions", "")).ShouldBe(400, "it has not ended");
        (await StatusAsync(person, "POST", $"{path}/instances/{instance}/batchRecordDecisions", """{"decision":"Deny","justification":"gone"}""")).ShouldBe(204);
        (await StatusAsync(_http, "POST", $"{path}/instances/{instance}/stop", "")).ShouldBe(204);
        (await StatusAsync(_http, "POST", $"{path}/instances/{instance}/applyDecisions", "")).ShouldBe(204);

        (await ListAsync(_http, $"{path}/instances/{instance}/decisions"))[0]!["applyResult"]!.GetValue<string>().ShouldBe("AppliedSuccessfully");
        (await _access.MembersAsync("Tier 2 Analyst")).ShouldBe(["Adam Admin"]);
    }

    private string Ask(string type) => $$$"""{"requestType":"{{{type}}}","justification":"x","assignment":{"assignmentPolicyId":"{{{_access.Policies["Tier 1 Analyst"]}}}","accessPackageId":"{{{Tier1}}}"}}""";

    private static async Task<int> StatusAsync(HttpClient client, string method, string path, string? body = null) => (int)(await SendAsync(client, method, path, body)).Status;

    private static async Task<JsonArray> ListAsync(HttpClient client, string path)
    {
        var (status, body) = await SendAsync(client, "GET", path);
        status.ShouldBe(HttpStatusCode.OK, body?.ToJsonString());
        return body!["value"]!.AsArray();
    }

    private static async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpClient client, string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
