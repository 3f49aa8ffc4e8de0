using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Delegated admin relationships as the partner's tenant sees them. They come to be through the control API, where the customer's approval is one word; the partner gives its groups
/// roles. Changes name the ETag they are based on. Source: delegatedadminrelationship-get, tenantrelationship-list-delegatedadminrelationships,
/// delegatedadminrelationship-post-accessassignments, delegatedadminaccessassignment-update, delegatedadminaccessassignment-delete, 2025.
/// </summary>
internal sealed class RelationshipRoutes
{
    private const string Root = "/tenantRelationships/delegatedAdminRelationships";
    private const string Customers = "/tenantRelationships/delegatedAdminCustomers";

    public void Map(GraphRoutes routes)
    {
        routes.Get(Root, AdministrationNeeds.ReadRelationships, "tenantrelationship-list-delegatedadminrelationships 2025", call =>
            call.ListAsync(Related(call), call.Directory.Relationships(call.Tenant.Id).OrderBy(known => known.CreatedAt).ThenBy(known => known.Id, StringComparer.Ordinal).Select(known => RelationshipShape.Of(known, call.Directory, call.Now))));
        routes.Get($"{Root}/{{id}}", AdministrationNeeds.ReadRelationships, "delegatedadminrelationship-get 2025", call =>
        {
            var found = Find(call);
            call.Context.Response.Headers.ETag = RelationshipShape.ETag(found.Version);
            return call.EntityAsync(Related(call), RelationshipShape.Of(found, call.Directory, call.Now));
        });
        routes.Get($"{Root}/{{id}}/accessAssignments", AdministrationNeeds.ReadRelationships, "delegatedadminrelationship-list-accessassignments 2025", call => call.ListAsync(RelationshipShape.Assignments, Find(call).Access.Select(RelationshipShape.Assignment)));
        routes.Post($"{Root}/{{id}}/accessAssignments", AdministrationNeeds.WriteRelationships, "delegatedadminrelationship-post-accessassignments 2025", AddAsync);
        routes.Get($"{Root}/{{id}}/accessAssignments/{{assignment}}", AdministrationNeeds.ReadRelationships, "delegatedadminaccessassignment-get 2025", call =>
        {
            var found = FindAccess(call, Find(call));
            call.Context.Response.Headers.ETag = RelationshipShape.ETag(found.Version);
            return call.EntityAsync(RelationshipShape.Assignments, RelationshipShape.Assignment(found));
        });
        routes.Patch($"{Root}/{{id}}/accessAssignments/{{assignment}}", AdministrationNeeds.WriteRelationships, "delegatedadminaccessassignment-update 2025", ChangeAsync);
        routes.Delete($"{Root}/{{id}}/accessAssignments/{{assignment}}", AdministrationNeeds.WriteRelationships, "delegatedadminaccessassignment-delete 2025", RemoveAsync);
        routes.Get(Customers, AdministrationNeeds.ReadRelationships, "tenantrelationship-list-delegatedadmincustomers 2025", call => call.ListAsync(RelationshipShape.Customers, CustomersOf(call).Select(RelationshipShape.CustomerOf)));
        routes.Get($"{Customers}/{{id}}", AdministrationNeeds.ReadRelationships, "delegatedadmincustomer-get 2025", call => call.EntityAsync(RelationshipShape.Customers, RelationshipShape.CustomerOf(FindCustomer(call))));
        routes.Get($"{Customers}/{{id}}/serviceManagementDetails", AdministrationNeeds.ReadRelationships, "delegatedadmincustomer-list-servicemanagementdetails 2025", call =>
            call.ValuesAsync($"tenantRelationships/delegatedAdminCustomers('{FindCustomer(call).Id:D}')/serviceManagementDetails", []));
    }

    private static EntitySet Related(GraphCall call) => RelationshipShape.Relationships with
    {
        Follow = (entity, _) => new JsonArray([.. call.Directory.FindRelationship(call.Tenant.Id, entity["id"]!.GetValue<string>())!.Access.Select(RelationshipShape.Assignment)]),
    };

    private static TwinRelationship Find(GraphCall call) => call.Directory.FindRelationship(call.Tenant.Id, call.Route("id")) ?? throw GraphRefusal.NotFound(call.Route("id"));

    private static TwinRelationshipAccess FindAccess(GraphCall call, TwinRelationship relationship) =>
        relationship.Access.FirstOrDefault(access => access.Id == call.RouteId("assignment")) ?? throw GraphRefusal.NotFound(call.Route("assignment"));

    private static IEnumerable<TwinTenant> CustomersOf(GraphCall call) => call.Directory.Relationships(call.Tenant.Id).Where(known => known.Status(call.Now) == "active")
        .Select(known => known.CustomerId).Distinct().Select(call.Directory.FindTenant).OfType<TwinTenant>().OrderBy(tenant => tenant.DisplayName, StringComparer.Ordinal);

    private static TwinTenant FindCustomer(GraphCall call) => CustomersOf(call).FirstOrDefault(tenant => tenant.Id == call.RouteId()) ?? throw GraphRefusal.NotFound(call.Route("id"));

    private static async Task AddAsync(GraphCall call)
    {
        var relationship = Find(call);
        var body = RelationshipShape.Assignments.Type.ReadNew(await call.ReadAsync());
        var group = Guid.Parse(body["accessContainer"]!["accessContainerId"]!.GetValue<string>());
        var roles = Roles(body, relationship);
        if (relationship.Status(call.Now) != "active") throw GraphRefusal.BadRequest("The delegated admin relationship is not active.", "BadRequest");
        if (call.Directory.FindGroup(call.Tenant.Id, group) is not { SecurityEnabled: true }) throw GraphRefusal.BadRequest($"The access container {group:D} is no security group of the partner's tenant.", "BadRequest");
        if (relationship.Access.Any(known => known.Group == group)) throw GraphRefusal.Conflict("An access assignment for the access container exists already.", "conflict");
        var access = new TwinRelationshipAccess(call.Services.Random.Id("access", relationship.Id, group.ToString()), group, roles, call.Now, call.Now);
        Put(call, relationship with { Access = [.. relationship.Access, access] });
        call.Context.Response.Headers.ETag = RelationshipShape.ETag(access.Version);
        await call.EntityAsync(RelationshipShape.Assignments, RelationshipShape.Assignment(access), StatusCodes.Status201Created);
    }

    private static async Task ChangeAsync(GraphCall call)
    {
        var relationship = Find(call);
        var access = FindAccess(call, relationship);
        var body = RelationshipShape.Assignments.Type.ReadChange(await call.ReadAsync());
        CheckMatch(call, access);
        var changed = access with { Roles = body.ContainsKey("accessDetails") ? Roles(body, relationship) : access.Roles, ChangedAt = call.Now, Version = access.Version + 1 };
        Put(call, relationship with { Access = [.. relationship.Access.Select(known => known == access ? changed : known)] });
        GraphAnswer.Begin(call.Context, StatusCodes.Status202Accepted);
        call.Context.Response.ContentType = null;
    }

    private static Task RemoveAsync(GraphCall call)
    {
        var relationship = Find(call);
        var access = FindAccess(call, relationship);
        CheckMatch(call, access);
        Put(call, relationship with { Access = [.. relationship.Access.Where(known => known != access)] });
        return call.DoneAsync();
    }

    private static void Put(GraphCall call, TwinRelationship relationship)
    {
        call.Directory.PutRelationship(relationship);
        call.Audit("Update delegated admin relationship access assignment", "DelegatedAdminRelationship", "Update", new TwinTarget(relationship.Id, "Other", relationship.DisplayName));
    }

    private static List<Guid> Roles(JsonObject body, TwinRelationship relationship)
    {
        var roles = body["accessDetails"]!["unifiedRoles"]!.AsArray().Select(role => Guid.Parse(role!["roleDefinitionId"]!.GetValue<string>())).Distinct().ToList();
        if (roles.Count == 0 || roles.Exists(role => !relationship.Roles.Contains(role))) throw GraphRefusal.BadRequest("The access assignment names no role, or one that the relationship does not have.", "BadRequest");
        return roles;
    }

    private static void CheckMatch(GraphCall call, TwinRelationshipAccess access)
    {
        if (call.Context.Request.Headers.IfMatch.ToString() is var sent && sent != "*" && sent != RelationshipShape.ETag(access.Version))
            throw new GraphRefusal(StatusCodes.Status412PreconditionFailed, "preconditionFailed", "The If-Match header names no version, or one that is not the last.");
    }
}
