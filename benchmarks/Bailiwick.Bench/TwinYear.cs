using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bailiwick.Twin;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using NewTenant = Bailiwick.Twin.Control.NewTenant;

namespace Bailiwick.Bench;

/// <summary>A year of virtual time for two hundred tenants on disk, each with a package, ten assignments that expire, and a yearly review.</summary>
internal static class TwinYear
{
    private const int Tenants = 200;
    private const int Assignments = 10;
    private const string Em = "identityGovernance/entitlementManagement/";
    private const string Secret = "secret-of-the-benchmark";
    private static readonly Guid s_app = new("7d1f0a11-2222-4222-8222-000000000003");
    private static readonly TimeSpan s_year = TimeSpan.FromDays(400);

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-bench-").FullName;
        try
        {
            Report.Title($"Twin: {s_year.TotalDays:0} days of virtual time for {Tenants} tenants, {Assignments} assignments and a yearly review each, on disk");
            await using var twin = await TwinHost.StartAsync(new TwinOptions { DataDirectory = folder, Seed = 1 }, CancellationToken.None);
            using var control = new TwinControlClient(twin.ControlAddress);
            await control.ChangeClockAsync(new ClockChange { Frozen = true }, CancellationToken.None);
            var tenants = await control.CreateTenantsAsync([.. Enumerable.Range(0, Tenants).Select(i => new NewTenant { Name = $"Customer {i}", Domain = $"customer{i}.example" })], CancellationToken.None);
            await control.CreateAppAsync(
                new NewApp
                {
                    AppId = s_app,
                    Tenant = tenants[0].DefaultDomain,
                    Name = "Set-up",
                    MultiTenant = true,
                    Secrets = [new NewSecret { Value = Secret }],
                    Permissions = [.. new[] { "Group.ReadWrite.All", "EntitlementManagement.ReadWrite.All" }.Select(name => new TwinPermission(Wire.Planes.GraphResource, name, Application: true))],
                },
                CancellationToken.None);
            foreach (var tenant in tenants) await SetUpAsync(twin, control, tenant);

            var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            var clock = await control.ChangeClockAsync(new ClockChange { AdvanceSeconds = s_year.TotalSeconds }, CancellationToken.None);
            Report.Fact("the clock moved on (wanted: 60 s)", $"{watch.Elapsed.TotalSeconds:0.0} s, {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.0} s CPU; {clock.Happened:N0} things fell due on the way");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task SetUpAsync(TwinHost twin, TwinControlClient control, TwinTenant tenant)
    {
        await control.ConsentAsync(tenant.Id, new NewConsent { AppId = s_app }, CancellationToken.None);
        using var http = new HttpClient(TwinTrust.CreateHandler(twin.CaFile)) { BaseAddress = new Uri(twin.Address, "graph/v1.0/") };
        using var token = await http.PostAsync(new Uri($"/{tenant.Id}/oauth2/v2.0/token", UriKind.Relative), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = s_app.ToString(), ["client_secret"] = Secret, ["scope"] = "https://graph.microsoft.com/.default",
        }));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await token.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());
        var people = Enumerable.Range(0, Assignments).Select(n => twin.Services.Directory.AddMember(tenant.Id, $"Person {n}", $"person{n}@{tenant.DefaultDomain}", "Long-Enough-1", [])).ToList();
        var group = await PostAsync(http, "groups", new { displayName = "Tier 1 Analyst", mailEnabled = false, mailNickname = "tier1", securityEnabled = true });
        var catalog = await PostAsync(http, Em + "catalogs", new { displayName = "MSSP Accesses", description = "", state = "published", isExternallyVisible = true });
        await PostAsync(http, Em + "resourceRequests", new { requestType = "adminAdd", catalog = new { id = catalog }, resource = new { originId = group, originSystem = "AadGroup" } });
        var resource = (await http.GetFromJsonAsync<JsonElement>($"{Em}catalogs/{catalog}/resources")).GetProperty("value")[0].GetProperty("id").GetString();
        var package = await PostAsync(http, Em + "accessPackages", new { displayName = "Tier 1", description = "x", catalog = new { id = catalog } });
        await PostAsync(http, $"{Em}accessPackages/{package}/resourceRoleScopes", new
        {
            role = new { originId = $"Member_{group}", displayName = "Member", originSystem = "AadGroup", resource = new { id = resource, originId = group, originSystem = "AadGroup" } },
            scope = new { originId = group, originSystem = "AadGroup", isRootScope = true },
        });
        var reviewer = new Dictionary<string, object> { ["@odata.type"] = "#microsoft.graph.singleUser", ["userId"] = people[0].Id };
        var policy = await PostAsync(http, Em + "assignmentPolicies", new
        {
            displayName = "One year",
            description = "x",
            allowedTargetScope = "allMemberUsers",
            expiration = new { type = "afterDuration", duration = "P365D" },
            reviewSettings = new
            {
                isEnabled = true,
                expirationBehavior = "keepAccess",
                primaryReviewers = new[] { reviewer },
                schedule = new
                {
                    startDateTime = twin.Services.Clock.GetUtcNow().AddDays(180),
                    expiration = new { type = "afterDuration", duration = "P14D" },
                    recurrence = new { pattern = new { type = "absoluteMonthly", interval = 12 }, range = new { type = "noEnd", startDate = twin.Services.Clock.GetUtcNow().AddDays(180).ToString("yyyy-MM-dd") } },
                },
            },
            accessPackage = new { id = package },
        });
        foreach (var person in people)
        {
            await PostAsync(http, Em + "assignmentRequests", new { requestType = "adminAdd", assignment = new { targetId = person.Id, assignmentPolicyId = policy, accessPackageId = package } });
        }
    }

    private static async Task<string> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()! : throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}: {text}");
    }
}
