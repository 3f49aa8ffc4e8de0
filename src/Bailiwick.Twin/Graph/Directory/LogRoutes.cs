using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// The directory audit log and the sign-in log, newest first. A free tenant keeps seven days and shows no sign-ins, others keep thirty.
/// Source: directoryaudit-list, directoryaudit-get, signin-list, signin-get 2024; reference-reports-data-retention 2025.
/// </summary>
internal sealed class LogRoutes
{
    private const int Most = 1000;
    private static readonly IReadOnlyList<string> Words = ["eq", "startswith"];
    private static readonly TimeSpan FreeRetention = TimeSpan.FromDays(7);
    private static readonly TimeSpan Retention = TimeSpan.FromDays(30);

    private static readonly EntityType Person = new("userIdentity", Edm.Text("id") with { Filter = ["eq"] }, Edm.Text("displayName") with { Filter = ["eq"] }, Edm.Text("userPrincipalName") with { Filter = Words }, Edm.Text("ipAddress"));
    private static readonly EntityType Application = new("appIdentity", Edm.Text("appId") with { Filter = ["eq"] }, Edm.Text("displayName") with { Filter = ["eq"] });

    private static readonly EntitySet Audits = new("auditLogs/directoryAudits", new EntityType(
        "directoryAudit",
        Edm.Text("id") with { Filter = ["eq"] },
        Edm.Text("category") with { Filter = ["eq"] },
        Edm.Text("correlationId") with { Filter = ["eq"] },
        Edm.Text("result") with { Filter = ["eq"] },
        Edm.Text("resultReason"),
        Edm.Text("activityDisplayName") with { Filter = Words },
        Edm.Time("activityDateTime") with { Filter = Edm.Order, Sort = true },
        Edm.Text("loggedByService") with { Filter = ["eq"] },
        Edm.Text("operationType"),
        Edm.Complex("initiatedBy", new EntityType("auditActivityInitiator", Edm.Complex("user", Person), Edm.Complex("app", Application))),
        Edm.Open("targetResources") with { Many = true, Filter = ["any"] },
        Edm.Open("additionalDetails") with { Many = true }))
    {
        Page = Most,
        MostPage = Most,
    };

    private static readonly EntitySet SignIns = new("auditLogs/signIns", new EntityType(
        "signIn",
        [
            Edm.Text("id") with { Filter = ["eq"] },
            Edm.Time("createdDateTime") with { Filter = Edm.Order, Sort = true },
            .. new[] { "userDisplayName", "userPrincipalName", "appDisplayName", "ipAddress" }.Select(name => Edm.Text(name) with { Filter = Words }),
            .. new[] { "userId", "appId", "clientAppUsed", "correlationId", "conditionalAccessStatus", "riskState", "resourceDisplayName", "resourceId" }.Select(name => Edm.Text(name) with { Filter = ["eq"] }),
            Edm.Flag("isInteractive") with { Filter = ["eq"] },
            Edm.Complex("status", new EntityType("signInStatus", Edm.Number("errorCode") with { Filter = ["eq", "ne"] }, Edm.Text("failureReason"), Edm.Text("additionalDetails"))),
            Edm.Open("deviceDetail"),
            Edm.Open("location"),
        ]))
    {
        Page = Most,
        MostPage = Most,
    };

    public void Map(GraphRoutes routes)
    {
        routes.Get("/auditLogs/directoryAudits", AdministrationNeeds.ReadLogs, "directoryaudit-list 2024", call => call.ListAsync(Audits, Read(call, "audit")));
        routes.Get("/auditLogs/directoryAudits/{id}", AdministrationNeeds.ReadLogs, "directoryaudit-get 2024", call => call.EntityAsync(Audits, One(call, "audit")));
        routes.Get("/auditLogs/signIns", AdministrationNeeds.ReadLogs, "signin-list 2024", call => call.ListAsync(SignIns, Read(call, "signin")));
        routes.Get("/auditLogs/signIns/{id}", AdministrationNeeds.ReadLogs, "signin-get 2024", call => call.EntityAsync(SignIns, One(call, "signin")));
    }

    private static IEnumerable<JsonObject> Read(GraphCall call, string log)
    {
        if (log == "signin" && call.Tenant.Plan < EntraPlan.P1)
            throw new GraphRefusal(StatusCodes.Status403Forbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C or tenant doesn't have premium license");
        return call.Services.Audit.Read(call.Tenant.Id, log, call.Now - (call.Tenant.Plan < EntraPlan.P1 ? FreeRetention : Retention));
    }

    private static JsonObject One(GraphCall call, string log) => Read(call, log).FirstOrDefault(entry => entry["id"]!.GetValue<string>() == call.Route("id")) ?? throw GraphRefusal.NotFound(call.Route("id"));
}
