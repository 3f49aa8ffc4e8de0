using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Graph.Models;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class LogTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task What_an_application_does_stands_in_the_audit_log_newest_first_and_is_found_by_target()
    {
        var graph = await twin.GraphAsync();
        var group = (await graph.Groups.PostAsync(new Group { DisplayName = "Logged", MailEnabled = false, MailNickname = "logged", SecurityEnabled = true }))!;
        await graph.Groups[group.Id].Members.Ref.PostAsync(new ReferenceCreate { OdataId = $"https://graph.microsoft.com/v1.0/users/{twin.Twin.AlderAdmin.Id}" });

        var found = (await graph.AuditLogs.DirectoryAudits.GetAsync(request => request.QueryParameters.Filter = $"targetResources/any(t:t/id eq '{group.Id}')"))!.Value!;

        found.Select(entry => entry.ActivityDisplayName).ShouldBe(["Add member to group", "Add group"]);
        found[0].InitiatedBy!.App!.DisplayName.ShouldBe("Directory");
        (found[0].Result, found[0].Category).ShouldBe((OperationResult.Success, "GroupManagement"));
        (await graph.AuditLogs.DirectoryAudits[found[0].Id].GetAsync())!.CorrelationId.ShouldBe(found[0].CorrelationId);
        var since = found[0].ActivityDateTime!.Value.UtcDateTime.ToString("O");
        (await graph.AuditLogs.DirectoryAudits.GetAsync(request => request.QueryParameters.Filter = $"activityDateTime ge {since} and startswith(activityDisplayName,'Add member')"))!.Value!.ShouldContain(entry => entry.Id == found[0].Id);
    }

    [Fact]
    public async Task What_a_person_does_is_found_by_who_did_it()
    {
        var upn = await PersonAsync("User Administrator");
        var admin = await twin.GraphOfAsync(upn);
        var id = (await admin.Me.GetAsync())!.Id;
        await admin.Users[twin.Twin.AlderAdmin.Id.ToString()].PatchAsync(new User { Department = "IT" });
        var graph = await twin.GraphAsync();

        var found = (await graph.AuditLogs.DirectoryAudits.GetAsync(request => request.QueryParameters.Filter = $"initiatedBy/user/id eq '{id}' and category eq 'UserManagement' and result eq 'success'"))!.Value!.ShouldHaveSingleItem();

        (found.ActivityDisplayName, found.InitiatedBy!.User!.UserPrincipalName).ShouldBe(("Update user", upn));
    }

    [Fact]
    public async Task A_sign_in_is_found_by_person_and_code_and_needs_a_premium_plan()
    {
        await twin.TokenOfAsync("adam@alder.example");
        var graph = await twin.GraphAsync();

        var signIn = (await graph.AuditLogs.SignIns.GetAsync(request => request.QueryParameters.Filter = $"userId eq '{twin.Twin.AlderAdmin.Id}' and status/errorCode eq 0"))!.Value![0];

        (signIn.AppDisplayName, signIn.UserPrincipalName, signIn.IsInteractive).ShouldBe(("Directory", "adam@alder.example", true));
        var free = await twin.Twin.Control.CreateTenantAsync(new NewTenant { Name = "Free Farm", Domain = "free.example", Plan = EntraPlan.Free }, default);
        await twin.Twin.Control.ConsentAsync(free.Id, new NewConsent { AppId = twin.App.AppId }, default);
        var refused = await twin.SendAsync(HttpMethod.Get, "/auditLogs/signIns", token: await twin.TokenAsync(free));
        (refused.Status, refused.Error).ShouldBe((403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"));
    }

    [Fact]
    public async Task A_person_reads_logs_with_a_role_for_it_only()
    {
        var (reader, member) = (await PersonAsync("Reports Reader"), await PersonAsync());

        (await twin.SendAsync(HttpMethod.Get, "/auditLogs/directoryAudits?$top=1", token: await twin.TokenOfAsync(reader))).Status.ShouldBe(200);
        (await twin.SendAsync(HttpMethod.Get, "/auditLogs/directoryAudits?$top=1", token: await twin.TokenOfAsync(member))).Status.ShouldBe(403);
        (await twin.SendAsync(HttpMethod.Get, "/auditLogs/directoryAudits?$top=1001")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Old_entries_are_gone_after_seven_days_without_a_plan_and_after_thirty_with_one()
    {
        await using var own = await RunningTwin.StartAsync();
        own.Host.Services.Audit.Write(new TwinAct(own.Alder.Id, "Add user", "UserManagement"));
        var app = await own.CreateAppAsync("Auditor", app => app with { Permissions = [new TwinPermission(DirectoryTwin.Resource, "AuditLog.Read.All", true)] });
        await own.Control.ConsentAsync(own.Alder.Id, new NewConsent { AppId = app.AppId }, default);
        async Task<int> CountAsync()
        {
            using var http = own.CreateClient();
            var (_, token) = await own.TokenAsync(own.Alder.Id, own.AppOnly(app: app));
            http.DefaultRequestHeaders.Authorization = new("Bearer", token.GetProperty("access_token").GetString());
            using var answer = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync("graph/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Add user'"));
            return answer.RootElement.GetProperty("value").GetArrayLength();
        }

        await own.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 8 * 86400 }, default);
        (await CountAsync()).ShouldBe(1);
        await own.Control.ChangeTenantAsync(own.Alder.Id, new TenantChange(EntraPlan.Free), default);
        (await CountAsync()).ShouldBe(0);
        await own.Control.ChangeTenantAsync(own.Alder.Id, new TenantChange(EntraPlan.P1), default);
        await own.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 23 * 86400 }, default);
        (await CountAsync()).ShouldBe(0);
    }

    private async Task<string> PersonAsync(params string[] roles)
    {
        var upn = $"u{Guid.NewGuid():N}@alder.example";
        await twin.Twin.Control.CreateUserAsync(twin.Twin.Alder.Id, new NewUser { Name = "Some Body", Upn = upn, Password = RunningTwin.Password, Roles = roles }, default);
        return upn;
    }
}
