using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.Graph.Governance;
using Microsoft.Graph.Models;
using EntitlementManagement = Bailiwick.Twin.World.Governance.EntitlementManagement;
using WebApplication = Microsoft.AspNetCore.Builder.WebApplication;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>Bad input to every write of governance: an error of Graph below 500, and nothing changed. Bodies are good ones that a seeded generator spoils.</summary>
public sealed class BadInputTests(GovernanceTwin twin) : IClassFixture<GovernanceTwin>
{
    private const int Spoilings = 40;

    private static readonly string[] Bodyless =
    [
        "/resources/{}/refresh", "/getApplicablePolicyRequirements", "/cancel", "/reprocess", "/resume", "/stop", "/sendReminder", "/applyDecisions", "/resetDecisions", "/acceptRecommendations",
    ];

    [Fact]
    public async Task Spoiled_bodies_are_refused_and_change_nothing()
    {
        var world = await PrepareAsync();
        var routes = await RoutesAsync();
        using var application = twin.Http(await twin.AppTokenAsync(twin.Alder));
        using var person = twin.Http(await twin.PersonTokenAsync(twin.Alder, "adam@alder.example"));
        var random = new Random(20260101);
        List<string> faults = [];
        var (refused, taken) = (0, 0);
        foreach (var route in routes.Where(route => route.Method is "POST" or "PATCH" or "PUT" && !IsBodyless(route.Path)))
        {
            var key = $"{route.Method} {route.Path["/identityGovernance/".Length..]}";
            if (!world.Bodies.TryGetValue(key, out var good))
            {
                faults.Add($"{key} has no body to spoil.");
                continue;
            }

            var path = world.Fill(route.Path["/identityGovernance/".Length..]);
            var client = route.Path.Contains("Approvals", StringComparison.Ordinal) || route.Path.Contains("ecision", StringComparison.Ordinal) ? person : application;
            for (var round = 0; round < Spoilings; round++)
            {
                var body = Spoil(good, random, round);
                var before = await StateAsync(application);
                using var request = new HttpRequestMessage(new HttpMethod(route.Method), path) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
                using var answer = await client.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.IsSuccessStatusCode)
                {
                    taken++;
                    continue;
                }

                refused++;
                if ((int)answer.StatusCode >= 500 || JsonNode.Parse(text)?["error"]?["code"] is null) faults.Add($"{key} answered {(int)answer.StatusCode} {text} to {Encoding.UTF8.GetString(body)}");
                if (await StateAsync(application) != before) faults.Add($"{key} answered {(int)answer.StatusCode} and changed something, to {Encoding.UTF8.GetString(body)}");
            }
        }

        faults.ShouldBeEmpty();
        refused.ShouldBeGreaterThan(taken, "most of what is spoiled cannot be taken");
    }

    [Fact]
    public async Task Every_route_refuses_ids_that_name_nothing_and_callers_without_a_right()
    {
        using var application = twin.Http(await twin.AppTokenAsync(twin.Birch));
        using var stranger = twin.Http((await twin.Twin.TokenAsync(twin.Birch.Id, twin.Twin.AppOnly())).Body.GetProperty("access_token").GetString()!);
        List<string> faults = [];
        foreach (var route in await RoutesAsync())
        {
            var path = route.Path["/identityGovernance/".Length..].Replace("(on={on})", "(on='nobody')", StringComparison.Ordinal);
            while (path.IndexOf('{', StringComparison.Ordinal) is >= 0 and var at) path = path[..at] + Guid.NewGuid().ToString("D") + path[(path.IndexOf('}', at) + 1)..];
            using var content = new StringContent("{}", Encoding.UTF8, "application/json");
            using var ask = new HttpRequestMessage(new HttpMethod(route.Method), path) { Content = route.Method is "GET" or "DELETE" ? null : content };
            using var answer = await application.SendAsync(ask);
            if ((int)answer.StatusCode >= 500 || (route.Path.Contains('{', StringComparison.Ordinal) && answer.IsSuccessStatusCode && !path.Contains("additionalAccess", StringComparison.Ordinal))) faults.Add($"{route.Method} {path}: {(int)answer.StatusCode}");
            using var other = new HttpRequestMessage(new HttpMethod(route.Method), path) { Content = route.Method is "GET" or "DELETE" ? null : new StringContent("{}", Encoding.UTF8, "application/json") };
            using var denied = await stranger.SendAsync(other);
            if ((int)denied.StatusCode != 403) faults.Add($"{route.Method} {path} without a permission: {(int)denied.StatusCode}");
        }

        faults.ShouldBeEmpty();
    }

    private static bool IsBodyless(string path) => Bodyless.Any(end => Plain(path).EndsWith(end, StringComparison.Ordinal));

    private static string Plain(string path) => System.Text.RegularExpressions.Regex.Replace(path, "\\{[a-z]+\\}", "{}", System.Text.RegularExpressions.RegexOptions.NonBacktracking);

    private async Task<IReadOnlyList<GraphRoute>> RoutesAsync()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var plane = new GovernancePlane(twin.Twin.Host.Services, new EntitlementManagement(twin.Twin.Host.Services));
        plane.Map(app);
        return plane.Table;
    }

    /// <summary>A tenant with one of everything, and a good body for every write.</summary>
    private async Task<Prepared> PrepareAsync()
    {
        var graph = await twin.GraphAsync(twin.Alder);
        var start = (await twin.Twin.Control.ClockAsync(default)).Now;
        var admin = twin.Twin.AlderAdmin.Id.ToString();
        var access = await DelegatedAccess.SetUpAsync(graph, "northwatch.example", admin, start.AddDays(1));
        const string tier = "Tier 1 Analyst";
        await graph.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request(tier, AccessPackageRequestType.AdminAdd, admin));
        var held = (await graph.IdentityGovernance.EntitlementManagement.Assignments.GetAsync())!.Value!.Single();
        var guest = await twin.GraphAsync(twin.Alder, "ann@northwatch.example");
        var pending = (await guest.IdentityGovernance.EntitlementManagement.AssignmentRequests.PostAsync(access.Request("MSSP Analyst Approvers", AccessPackageRequestType.UserAdd)))!.Id!;
        await twin.AdvanceAsync(2);
        graph = await twin.GraphAsync(twin.Alder);
        var definition = (await graph.IdentityGovernance.AccessReviews.Definitions.GetAsync())!.Value!.Single(item => ((AccessReviewQueryScope)item.Scope!).Query!.Contains(access.Packages[tier], StringComparison.Ordinal)).Id!;
        var instance = (await graph.IdentityGovernance.AccessReviews.Definitions[definition].Instances.GetAsync())!.Value!.Single().Id!;
        var decision = (await graph.IdentityGovernance.AccessReviews.Definitions[definition].Instances[instance].Decisions.GetAsync())!.Value!.Single().Id!;
        var stage = (await (await twin.GraphAsync(twin.Alder, "adam@alder.example")).IdentityGovernance.EntitlementManagement.AccessPackageAssignmentApprovals[pending].Stages.GetAsync())!.Value!.Single().Id!;
        var own = (await graph.IdentityGovernance.AccessReviews.Definitions.PostAsync(new AccessReviewScheduleDefinition
        {
            DisplayName = "Guests of a group",
            Scope = new AccessReviewQueryScope { Query = $"/groups/{access.Groups[tier]}/transitiveMembers", QueryType = "MicrosoftGraph" },
            Reviewers = [new AccessReviewReviewerScope { Query = $"/users/{admin}", QueryType = "MicrosoftGraph" }],
            Settings = new AccessReviewScheduleSettings { InstanceDurationInDays = 3 },
        }))!.Id!;
        var policy = (JsonObject)JsonNode.Parse(await ReadAsync($"entitlementManagement/assignmentPolicies/{access.Policies[tier]}"))!;
        foreach (var name in new[] { "@odata.context", "id", "createdDateTime", "modifiedDateTime" }) policy.Remove(name);
        policy["accessPackage"] = new JsonObject { ["id"] = access.Packages[tier] };
        var fresh = (JsonObject)policy.DeepClone();
        fresh["displayName"] = "another";
        var review = (JsonObject)JsonNode.Parse(await ReadAsync($"accessReviews/definitions/{own}"))!;
        foreach (var name in new[] { "@odata.context", "id", "createdDateTime", "lastModifiedDateTime", "status", "createdBy" }) review.Remove(name);
        return new Prepared(
            new()
            {
                ["connectedOrganizations"] = access.Organization, ["catalogs"] = access.Catalog, ["accessPackages"] = access.Packages[tier], ["assignmentPolicies"] = access.Policies[tier], ["assignmentRequests"] = pending,
                ["assignments"] = held.Id!, ["accessPackageAssignmentApprovals"] = pending, ["stages"] = stage, ["definitions"] = definition, ["instances"] = instance, ["decisions"] = decision,
            },
            own,
            new()
            {
                ["PATCH entitlementManagement/settings"] = """{"externalUserLifecycleAction":"blockSignIn","durationUntilExternalUserDeletedAfterBlocked":"P10D"}""",
                ["POST entitlementManagement/connectedOrganizations"] = """{"displayName":"Other","description":"x","state":"configured","identitySources":[{"@odata.type":"#microsoft.graph.domainIdentitySource","domainName":"other.test","displayName":"Other"}]}""",
                ["PATCH entitlementManagement/connectedOrganizations/{id}"] = """{"displayName":"Renamed","description":"y","state":"configured"}""",
                ["POST entitlementManagement/connectedOrganizations/{id}/internalSponsors/$ref"] = $$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/users/{{{admin}}}"}""",
                ["POST entitlementManagement/connectedOrganizations/{id}/externalSponsors/$ref"] = $$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/users/{{{admin}}}"}""",
                ["POST entitlementManagement/catalogs"] = """{"displayName":"Second","description":"x","state":"published","isExternallyVisible":true}""",
                ["PATCH entitlementManagement/catalogs/{id}"] = """{"displayName":"MSSP Accesses","description":"y","state":"published","isExternallyVisible":true}""",
                ["POST entitlementManagement/resourceRequests"] = $$$"""{"requestType":"adminAdd","catalog":{"id":"{{{access.Catalog}}}"},"resource":{"originId":"{{{Guid.NewGuid()}}}","originSystem":"AadGroup"}}""",
                ["POST entitlementManagement/accessPackages"] = $$$"""{"displayName":"Second","description":"x","isHidden":false,"catalog":{"id":"{{{access.Catalog}}}"}}""",
                ["PATCH entitlementManagement/accessPackages/{id}"] = """{"displayName":"Tier 1 Analyst","description":"y","isHidden":true}""",
                ["POST entitlementManagement/accessPackages/{id}/resourceRoleScopes"] = $$$"""{"role":{"originId":"Owner_{{{access.Groups["Tier 2 Analyst"]}}}","displayName":"Owner","originSystem":"AadGroup","resource":{"originId":"{{{access.Groups["Tier 2 Analyst"]}}}","originSystem":"AadGroup"}},"scope":{"originId":"{{{access.Groups["Tier 2 Analyst"]}}}","originSystem":"AadGroup","isRootScope":true}}""",
                ["POST entitlementManagement/accessPackages/{id}/incompatibleAccessPackages/$ref"] = $$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/identityGovernance/entitlementManagement/accessPackages/{{{access.Packages["Tier 2 Analyst"]}}}"}""",
                ["POST entitlementManagement/accessPackages/{id}/incompatibleGroups/$ref"] = $$$"""{"@odata.id":"https://graph.microsoft.com/v1.0/groups/{{{access.Groups["Tier 2 Analyst"]}}}"}""",
                ["POST entitlementManagement/assignmentPolicies"] = fresh.ToJsonString(),
                ["PUT entitlementManagement/assignmentPolicies/{id}"] = policy.ToJsonString(),
                ["PATCH entitlementManagement/assignmentPolicies/{id}"] = policy.ToJsonString(),
                ["POST entitlementManagement/assignmentRequests"] = $$$"""{"requestType":"adminAdd","justification":"x","schedule":{"startDateTime":"2031-01-06T00:00:00Z","expiration":{"type":"afterDuration","duration":"P9D"}},"answers":[{"@odata.type":"#microsoft.graph.accessPackageAnswerString","value":"a","answeredQuestion":{"id":"{{{Guid.NewGuid()}}}"}}],"assignment":{"targetId":"{{{Guid.NewGuid()}}}","assignmentPolicyId":"{{{access.Policies[tier]}}}","accessPackageId":"{{{access.Packages[tier]}}}"}}""",
                ["PATCH entitlementManagement/accessPackageAssignmentApprovals/{id}/stages/{stage}"] = """{"reviewResult":"Approve","justification":""}""",
                ["POST accessReviews/definitions"] = review.ToJsonString(),
                ["PUT accessReviews/definitions/{id}"] = review.ToJsonString(),
                ["PATCH accessReviews/definitions/{id}"] = review.ToJsonString(),
                ["POST accessReviews/definitions/{id}/instances/{instance}/batchRecordDecisions"] = $$$"""{"decision":"Approve","justification":"","principalId":"{{{admin}}}","resourceId":"{{{access.Packages[tier]}}}"}""",
                ["PATCH accessReviews/definitions/{id}/instances/{instance}/decisions/{decision}"] = """{"decision":"Approve","justification":""}""",
            });
    }

    private async Task<string> ReadAsync(string path)
    {
        using var client = twin.Http(await twin.AppTokenAsync(twin.Alder));
        return await client.GetStringAsync(new Uri(path, UriKind.Relative));
    }

    private static async Task<string> StateAsync(HttpClient client)
    {
        var all = new StringBuilder();
        foreach (var path in new[]
        {
            "settings", "connectedOrganizations?$expand=internalSponsors,externalSponsors", "catalogs?$expand=resources", "accessPackages?$expand=resourceRoleScopes,assignmentPolicies,incompatibleAccessPackages,incompatibleGroups",
            "assignmentRequests?$expand=requestor", "assignments?$expand=target", "resourceRequests",
        }) all.Append(await client.GetStringAsync(new Uri($"entitlementManagement/{path}", UriKind.Relative)));
        return all.Append(await client.GetStringAsync(new Uri("accessReviews/definitions?$expand=instances", UriKind.Relative))).ToString();
    }

    /// <summary>The first rounds break the JSON itself, later ones one value somewhere inside.</summary>
    private static byte[] Spoil(string good, Random random, int round)
    {
        switch (round)
        {
            case 0: return [];
            case 1: return Encoding.UTF8.GetBytes(good[..^1]);
            case 2: return Encoding.UTF8.GetBytes($"[{good}]");
            case 3: return Encoding.UTF8.GetBytes("""{"\ud800":"\udc00"}""");
            case 4: return Encoding.UTF8.GetBytes(good.Insert(1, "\"unheardOf\":1,"));
            case 5: return [0xff, 0xfe, 0x7b];
            case 6: return Encoding.UTF8.GetBytes("""{"displayName":"a","displayName":"b"}""");
        }

        var body = JsonNode.Parse(good)!;
        var spots = Spots(body).ToList();
        var (parent, key) = spots[random.Next(spots.Count)];
        JsonNode? bad = random.Next(12) switch
        {
            0 => null,
            1 => JsonValue.Create(-1),
            2 => JsonValue.Create(1e300),
            3 => JsonValue.Create(""),
            4 => JsonValue.Create(new string('x', 9000)),
            5 => new JsonArray(1, null, "x"),
            6 => new JsonObject { ["id"] = 5 },
            7 => JsonValue.Create(true),
            8 => JsonValue.Create("9999-12-31T23:59:59Z"),
            9 => JsonValue.Create("P-1D"),
            10 => JsonValue.Create("0001-01-01T00:00:00Z"),
            _ => JsonValue.Create(random.Next().ToString(CultureInfo.InvariantCulture)),
        };
        if (parent is JsonObject owner) owner[(string)key] = bad;
        else ((JsonArray)parent)[(int)key] = bad;
        return Encoding.UTF8.GetBytes(body.ToJsonString());
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Spots(JsonNode node)
    {
        IEnumerable<(object Key, JsonNode? Value)> children = node switch
        {
            JsonObject entity => entity.Select(pair => ((object)pair.Key, pair.Value)),
            JsonArray list => list.Select((value, number) => ((object)number, value)),
            _ => [],
        };
        foreach (var (key, value) in children.ToList())
        {
            yield return (node, key);
            if (value is null) continue;
            foreach (var deeper in Spots(value)) yield return deeper;
        }
    }

    private sealed record Prepared(Dictionary<string, string> Ids, string OwnReview, Dictionary<string, string> Bodies)
    {
        /// <summary>The route with ids of what is there; a parameter is named by the segment before it.</summary>
        public string Fill(string route)
        {
            var parts = route.Split('/');
            for (var i = 1; i < parts.Length; i++)
            {
                if (!parts[i].StartsWith('{')) continue;
                parts[i] = parts[i - 1] == "definitions" && parts.Length == i + 1 ? OwnReview : Ids[parts[i - 1]];
            }

            return string.Join('/', parts);
        }
    }
}
