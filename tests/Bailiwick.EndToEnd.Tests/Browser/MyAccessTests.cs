using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests.Browser;

/// <summary>An analyst of the provider, unknown in the customer's tenant, asks for a package by its link; the customer's administrator approves; the guest is in the group.</summary>
public sealed class MyAccessTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Password = "Correct-Horse-7";
    private const string Analyst = "ann@northwatch.example";
    private TwinFixture _twin = null!;
    private TwinTenant _customer = null!;
    private HttpClient _graph = null!;
    private string _group = "";
    private string _package = "";

    public async Task InitializeAsync()
    {
        _twin = await TwinFixture.StartAsync();
        _customer = (await _twin.AddCustomersAsync(1)).Single();
        var provider = (await _twin.Control.TenantsAsync(default)).Single(tenant => tenant.DefaultDomain == "northwatch.example");
        await _twin.Control.CreateUserAsync(provider.Id, new NewUser { Name = "Ann Analyst", Upn = Analyst, Password = Password }, default);
        var admin = await _twin.Control.CreateUserAsync(_customer.Id, new NewUser { Name = "Adam Admin", Upn = "adam@customer1.example", Password = Password, Roles = ["Global Administrator"] }, default);
        _graph = await GraphAsync();
        await SetUpAsync(admin.Id, provider);
    }

    public async Task DisposeAsync()
    {
        _graph?.Dispose();
        await _twin.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_link_leads_from_request_over_approval_to_membership()
    {
        var link = $"{_twin.Host.Address}myaccess/@customer1.example";
        var analyst = await chromium.OpenAsync(390);
        await analyst.GotoAsync($"{link}#/access-packages/{_package}");
        await SignInAsync(analyst, Analyst);
        await Assertions.Expect(analyst.Locator("body")).ToContainTextAsync("MSSP Tier 1");
        await Chromium.KeepAsync(analyst, "myaccess-package-390");
        await analyst.Locator("[name=justification]").FillAsync("Watch of the night");
        await analyst.Locator("main form button").First.ClickAsync();
        await Assertions.Expect(analyst.Locator("body")).ToContainTextAsync("pendingApproval");
        await NoSidewaysAsync(analyst);
        await Chromium.KeepAsync(analyst, "myaccess-home-390");

        var admin = await chromium.OpenAsync();
        await admin.GotoAsync($"{link}/request-approval");
        await SignInAsync(admin, "adam@customer1.example");
        await Assertions.Expect(admin.Locator("body")).ToContainTextAsync("Ann Analyst");
        await Chromium.KeepAsync(admin, "myaccess-approval");
        await admin.Locator("[name=justification]").First.FillAsync("Known to us");
        await admin.Locator("button[value=Approve], button:has-text('Approve')").First.ClickAsync();
        await analyst.GotoAsync(link);
        await Assertions.Expect(analyst.Locator("body")).ToContainTextAsync("delivered");
        await Chromium.KeepAsync(analyst, "myaccess-delivered-390");

        var members = await _graph.GetFromJsonAsync<JsonElement>($"groups/{_group}/members");
        members.GetProperty("value").EnumerateArray().Single().GetProperty("displayName").GetString().ShouldBe("Ann Analyst");
    }

    private static Task NoSidewaysAsync(IPage page) => Assertions.Expect(page.Locator("html")).ToHaveJSPropertyAsync("scrollWidth", 390);

    private static async Task SignInAsync(IPage page, string person)
    {
        await page.Locator("meta[name=twin-page][content=signin], a[href*='signin=1']").First.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        if (await page.Locator("a[href*='signin=1']").CountAsync() > 0) await page.Locator("a[href*='signin=1']").ClickAsync();
        await page.Locator("input[name=login]").FillAsync(person);
        await page.Locator("input[name=passwd]").FillAsync(Password);
        await page.Locator("button:not(.quiet)").ClickAsync();
    }

    private async Task<HttpClient> GraphAsync()
    {
        var app = await _twin.Control.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Set-up",
                MultiTenant = true,
                Secrets = [new NewSecret()],
                Permissions = [.. new[] { "Group.ReadWrite.All", "EntitlementManagement.ReadWrite.All" }.Select(name => new TwinPermission(Wire.Planes.GraphResource, name, Application: true))],
            },
            default);
        await _twin.Control.ConsentAsync(_customer.Id, new NewConsent { AppId = app.AppId }, default);
        var http = new HttpClient(TwinTrust.CreateHandler(_twin.Host.CaFile)) { BaseAddress = new Uri(_twin.Host.Address, "graph/v1.0/") };
        using var answer = await http.PostAsync(new Uri($"/{_customer.Id}/oauth2/v2.0/token", UriKind.Relative), new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = app.AppId.ToString(), ["client_secret"] = app.Secrets[0].Value, ["scope"] = "https://graph.microsoft.com/.default",
        }));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());
        return http;
    }

    private async Task SetUpAsync(Guid admin, TwinTenant provider)
    {
        const string Em = "identityGovernance/entitlementManagement/";
        _group = await PostAsync("groups", new { displayName = "Tier 1 Analyst", mailEnabled = false, mailNickname = "tier1", securityEnabled = true });
        var organization = await PostAsync(Em + "connectedOrganizations", new { displayName = "Northwatch", state = "configured", identitySources = new[] { new Dictionary<string, object> { ["@odata.type"] = "#microsoft.graph.azureActiveDirectoryTenant", ["tenantId"] = provider.Id, ["displayName"] = "Northwatch" } } });
        var catalog = await PostAsync(Em + "catalogs", new { displayName = "MSSP Accesses", description = "", state = "published", isExternallyVisible = true });
        await PostAsync(Em + "resourceRequests", new { requestType = "adminAdd", catalog = new { id = catalog }, resource = new { originId = _group, originSystem = "AadGroup" } });
        var resources = await _graph.GetFromJsonAsync<JsonElement>($"{Em}catalogs/{catalog}/resources");
        var resource = resources.GetProperty("value")[0].GetProperty("id").GetString();
        _package = await PostAsync(Em + "accessPackages", new { displayName = "MSSP Tier 1", description = "Reads alerts of Customer 1", catalog = new { id = catalog } });
        await PostAsync($"{Em}accessPackages/{_package}/resourceRoleScopes", new
        {
            role = new { originId = $"Member_{_group}", displayName = "Member", originSystem = "AadGroup", resource = new { id = resource, originId = _group, originSystem = "AadGroup" } },
            scope = new { originId = _group, originSystem = "AadGroup", isRootScope = true },
        });
        await PostAsync(Em + "assignmentPolicies", new
        {
            displayName = "MSSP analysts",
            description = "One year",
            allowedTargetScope = "specificConnectedOrganizationUsers",
            specificAllowedTargets = new[] { new Dictionary<string, object> { ["@odata.type"] = "#microsoft.graph.connectedOrganizationMembers", ["connectedOrganizationId"] = organization } },
            expiration = new { type = "afterDuration", duration = "P365D" },
            requestorSettings = new { enableTargetsToSelfAddAccess = true },
            requestApprovalSettings = new
            {
                isApprovalRequiredForAdd = true,
                isRequestorJustificationRequired = true,
                stages = new[] { new { durationBeforeAutomaticDenial = "P7D", isApproverJustificationRequired = true, primaryApprovers = new[] { new Dictionary<string, object> { ["@odata.type"] = "#microsoft.graph.singleUser", ["userId"] = admin } } } },
            },
            accessPackage = new { id = _package },
        });
    }

    private async Task<string> PostAsync(string path, object body)
    {
        using var answer = await _graph.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
    }
}
