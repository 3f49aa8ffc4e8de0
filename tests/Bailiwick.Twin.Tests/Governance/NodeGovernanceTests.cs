using System.Text.Json;
using Bailiwick.Testing;
using Bailiwick.Twin.Tests.Sdk;
using Microsoft.Graph.Models;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>The read paths of governance through Microsoft's npm client, unchanged.</summary>
public sealed class NodeGovernanceTests(GovernanceTwin twin) : IClassFixture<GovernanceTwin>
{
    [SkippableFact]
    public async Task The_Graph_client_reads_what_was_set_up()
    {
        var admin = twin.Twin.AlderAdmin.Id.ToString();
        var access = await DelegatedAccess.SetUpAsync(await twin.GraphAsync(twin.Alder), "northwatch.example", admin, (await twin.Twin.Control.ClockAsync(default)).Now);
        await access.Graph.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request("Tier 1 Analyst", AccessPackageRequestType.AdminAdd, admin));
        using var script = await NodeScript.StartOrSkipAsync("tests/Bailiwick.Twin.Tests/Sdk/node", "governance.mjs", new
        {
            origin = twin.Twin.Host.Address.GetLeftPart(UriPartial.Authority),
            client = twin.App.AppId,
            secret = twin.App.Secrets[0].Value,
            tenants = new[] { twin.Alder.Id },
        }, twin.Twin.Host.CaFile);

        var seen = await script.ReadAsync();

        seen.TryGetProperty("failed", out var failed).ShouldBeFalse(failed.ToString());
        seen.GetProperty("settings").Text("durationUntilExternalUserDeletedAfterBlocked").ShouldBe("P30D");
        seen.GetProperty("organizations")[0].GetProperty("identitySources")[0].Text("@odata.type").ShouldBe("#microsoft.graph.azureActiveDirectoryTenant");
        seen.GetProperty("catalogs")[0].GetProperty("accessPackages").GetArrayLength().ShouldBe(3);
        seen.GetProperty("resources").EnumerateArray().ShouldAllBe(resource => resource.GetProperty("roles").GetArrayLength() == 2 && resource.GetProperty("scopes").GetArrayLength() == 1);
        var packages = seen.GetProperty("packages").EnumerateArray().ToList();
        packages.ConvertAll(package => package.Text("displayName")).ShouldBe(["Tier 1 Analyst", "Tier 2 Analyst", "MSSP Analyst Approvers"], ignoreOrder: true);
        packages.ShouldAllBe(package => package.GetProperty("resourceRoleScopes")[0].GetProperty("role").GetProperty("displayName").GetString() == "Member");
        seen.GetProperty("policies").EnumerateArray().ShouldAllBe(policy => policy.GetProperty("specificAllowedTargets")[0].GetProperty("connectedOrganizationId").GetString() == access.Organization);
        seen.GetProperty("requests")[0].GetProperty("assignment").GetProperty("target").Text("objectId").ShouldBe(admin);
        seen.GetProperty("assignments")[0].GetProperty("accessPackage").Text("displayName").ShouldBe("Tier 1 Analyst");
        seen.GetProperty("reviews").EnumerateArray().ShouldAllBe(review => review.GetProperty("instances").GetArrayLength() == 1);
        seen.GetProperty("approvals").GetProperty("status").GetInt32().ShouldBe(403);
        seen.GetProperty("missing").GetProperty("status").GetInt32().ShouldBe(404);
    }
}
