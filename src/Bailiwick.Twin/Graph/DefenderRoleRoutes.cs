using System.Text.Json;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// <c>/roleManagement/defender</c> of Graph beta: unified role definitions and their assignments, the ones the portal shows. Actions that a wildcard covers
/// are dropped, so what is read back may differ from what was written. Source: unifiedrbacapplicationmultiple beta, rbacapplication-post-roledefinitions beta;
/// the body of an assignment and its scopes (<c>All</c>, <c>Mde</c>) are not documented and taken from integrators' scripts, 2026.
/// </summary>
internal sealed class DefenderRoleRoutes(PlaneServices services, TwinDirectory directory)
{
    private const string Definitions = "roleManagement/defender/roleDefinitions";
    private const string Assignments = "roleManagement/defender/roleAssignments";
    private static readonly string[] Reading = ["RoleManagement.Read.Defender", "RoleManagement.ReadWrite.Defender"];
    private static readonly string[] Writing = ["RoleManagement.ReadWrite.Defender"];

    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/{Definitions}", (HttpContext context) => ListAsync(context, Definitions, state => [.. state.UnifiedRoles.Select(role => (role.Name, View(role)))])).From("unifiedrbacapplicationmultiple beta");
        routes.MapPost($"{root}/{Definitions}", (HttpContext context) => SaveAsync(context, null, SaveDefinition)).From("unifiedrbacapplicationmultiple beta");
        routes.MapGet($"{root}/{Definitions}/{{id}}", (HttpContext context, string id) => OneAsync(context, id, Definitions, (state, key) => state.UnifiedRoles.FirstOrDefault(role => role.Id == key) is { } role ? View(role) : null)).From("unifiedrbacapplicationmultiple beta");
        routes.MapPatch($"{root}/{Definitions}/{{id}}", (HttpContext context, string id) => SaveAsync(context, id, SaveDefinition)).From("unifiedrbacapplicationmultiple beta");
        routes.MapDelete($"{root}/{Definitions}/{{id}}", (HttpContext context, string id) => DeleteAsync(context, id, PortalRules.DeleteUnifiedRole)).From("unifiedrbacapplicationmultiple beta");
        routes.MapGet($"{root}/{Assignments}", (HttpContext context) => ListAsync(context, Assignments, state => [.. state.UnifiedAssignments.Select(assignment => (assignment.Name, View(assignment)))])).From("unifiedrbacapplicationmultiple beta");
        routes.MapPost($"{root}/{Assignments}", (HttpContext context) => SaveAsync(context, null, SaveAssignment)).From("unifiedrbacapplicationmultiple beta");
        routes.MapGet($"{root}/{Assignments}/{{id}}", (HttpContext context, string id) => OneAsync(context, id, Assignments, (state, key) => state.UnifiedAssignments.FirstOrDefault(assignment => assignment.Id == key) is { } assignment ? View(assignment) : null)).From("unifiedrbacapplicationmultiple beta");
        routes.MapPatch($"{root}/{Assignments}/{{id}}", (HttpContext context, string id) => SaveAsync(context, id, SaveAssignment)).From("unifiedrbacapplicationmultiple beta");
        routes.MapDelete($"{root}/{Assignments}/{{id}}", (HttpContext context, string id) => DeleteAsync(context, id, PortalRules.DeleteUnifiedAssignment)).From("unifiedrbacapplicationmultiple beta");
    }

    private async Task ListAsync(HttpContext context, string kind, Func<PortalState, IReadOnlyList<(string Name, object View)>> items)
    {
        if (await EnterAsync(context, Reading) is not { } caller) return;
        try
        {
            var wanted = NameFilter(context);
            var shown = items(services.Portals!.Of(caller.TenantId)).Where(item => wanted is null || item.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)).Select(item => item.View);
            await WriteAsync(context, StatusCodes.Status200OK, new Dictionary<string, object> { ["@odata.context"] = $"{GraphAnswer.Root(context.Request)}/$metadata#{kind}", ["value"] = shown });
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
    }

    private async Task OneAsync(HttpContext context, string id, string kind, Func<PortalState, Guid, object?> find)
    {
        if (await EnterAsync(context, Reading) is not { } caller) return;
        if (Guid.TryParse(id, out var key) && find(services.Portals!.Of(caller.TenantId), key) is { } found) await GraphAnswer.EntityAsync(context, kind, JsonSerializer.SerializeToUtf8Bytes(found, Relaxed.Options));
        else await MissingAsync(context, id);
    }

    private async Task SaveAsync(HttpContext context, string? id, Func<PortalState, Guid, JsonElement, (PortalState State, object View)> save)
    {
        if (await EnterAsync(context, Writing) is not { } caller) return;
        var key = Guid.Empty;
        if (id is not null && !(Guid.TryParse(id, out key) && IsThere(services.Portals!.Of(caller.TenantId), key)))
        {
            await MissingAsync(context, id);
            return;
        }

        try
        {
            var body = await GraphBody.ReadAsync(context);
            object? view = null;
            services.Portals!.Change(caller.TenantId, state =>
            {
                (state, view) = save(state, key, body);
                return state;
            });
            if (id is null) await WriteAsync(context, StatusCodes.Status201Created, view!);
            else await WriteAsync(context, StatusCodes.Status200OK, view!);
        }
        catch (QueryRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, refused);
        }
        catch (PortalRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, new QueryRefusedException(refused.Message, "Request_BadRequest"));
        }
    }

    private async Task DeleteAsync(HttpContext context, string id, Func<PortalState, Guid, PortalState> delete)
    {
        if (await EnterAsync(context, Writing) is not { } caller) return;
        if (!Guid.TryParse(id, out var key) || !IsThere(services.Portals!.Of(caller.TenantId), key))
        {
            await MissingAsync(context, id);
            return;
        }

        try
        {
            services.Portals.Change(caller.TenantId, state => delete(state, key));
            GraphAnswer.Begin(context, StatusCodes.Status204NoContent);
            context.Response.ContentType = null;
        }
        catch (PortalRefusedException refused)
        {
            await GraphAlertRoutes.BadRequestAsync(context, services, new QueryRefusedException(refused.Message, "Request_BadRequest"));
        }
    }

    private static (PortalState State, object View) SaveDefinition(PortalState state, Guid id, JsonElement body)
    {
        var role = state.UnifiedRoles.FirstOrDefault(known => known.Id == id) ?? new UnifiedRole { Name = "" };
        foreach (var property in body.EnumerateObject())
        {
            role = property.Name switch
            {
                "displayName" => role with { Name = Text(property) },
                "description" => role with { Description = Text(property) },
                "isEnabled" => role with { Enabled = Flag(property) },
                "rolePermissions" => role with { Actions = ActionsOf(property) },
                var name when name.StartsWith('@') || name is "id" or "isBuiltIn" or "resourceScopes" or "templateId" or "version" => role,
                _ => throw new QueryRefusedException($"The property '{property.Name}' does not exist on type 'microsoft.graph.unifiedRoleDefinition'."),
            };
        }

        state = PortalRules.SaveUnifiedRole(state, role);
        return (state, View(state.UnifiedRoles.First(known => known.Id == id || (id == Guid.Empty && known == state.UnifiedRoles[^1]))));
    }

    private (PortalState State, object View) SaveAssignment(PortalState state, Guid id, JsonElement body)
    {
        var assignment = state.UnifiedAssignments.FirstOrDefault(known => known.Id == id) ?? new UnifiedAssignment { RoleId = Guid.Empty };
        foreach (var property in body.EnumerateObject())
        {
            assignment = property.Name switch
            {
                "displayName" => assignment with { Name = Text(property) },
                "roleDefinitionId" => assignment with { RoleId = Id(Text(property)) },
                "principalIds" => assignment with { Principals = [.. Texts(property).Select(Id)] },
                "appScopeIds" or "directoryScopeIds" => Texts(property) is { Count: > 0 } scopes ? assignment with { Scopes = scopes } : assignment,
                var name when name.StartsWith('@') || name is "id" or "description" or "condition" => assignment,
                _ => throw new QueryRefusedException($"The property '{property.Name}' does not exist on type 'microsoft.graph.unifiedRoleAssignmentMultiple'."),
            };
        }

        var principals = directory.Users(state.TenantId).Select(user => user.Id).Concat(services.Portals!.GroupIds(state.TenantId)).ToHashSet();
        state = PortalRules.SaveUnifiedAssignment(state, assignment, principals);
        return (state, View(state.UnifiedAssignments.First(known => known.Id == id || (id == Guid.Empty && known == state.UnifiedAssignments[^1]))));
    }

    /// <summary>Lets a caller in; a person who writes must hold what the portal asks of people who change roles.</summary>
    private async Task<TwinPrincipal?> EnterAsync(HttpContext context, string[] permissions)
    {
        if (await GraphGate.EnterAsync(context, services, permissions, budget: null) is not { } caller) return null;
        if (caller.IsApplication || permissions == Reading || services.Portals!.AccessOf(caller.TenantId, caller.ObjectId).ManagesRoles) return caller;
        await GraphAnswer.ErrorAsync(context, services, StatusCodes.Status403Forbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        return null;
    }

    private static string? NameFilter(HttpContext context)
    {
        var text = context.Request.Query["$filter"].ToString();
        if (text.Length == 0) return null;
        return ODataFilter.Parse(text) is FilterNode.Compare { Property: "displayName", Operator: "eq", Literal: FilterLiteral.Text { Value: var name } }
            ? name
            : throw new QueryRefusedException("Only displayName eq '…' is supported in $filter.");
    }

    private static bool IsThere(PortalState state, Guid id) => state.UnifiedRoles.Any(role => role.Id == id) || state.UnifiedAssignments.Any(assignment => assignment.Id == id);

    private static object View(UnifiedRole role) => new
    {
        id = role.Id, displayName = role.Name, description = role.Description, isBuiltIn = false, isEnabled = role.Enabled,
        rolePermissions = new[] { new { allowedResourceActions = role.Actions, condition = (string?)null } },
    };

    private static object View(UnifiedAssignment assignment) => new
    {
        id = assignment.Id, displayName = assignment.Name, roleDefinitionId = assignment.RoleId, principalIds = assignment.Principals, appScopeIds = assignment.Scopes,
    };

    private static Task WriteAsync(HttpContext context, int status, object body)
    {
        GraphAnswer.Begin(context, status);
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Relaxed.Options), context.RequestAborted).AsTask();
    }

    private Task MissingAsync(HttpContext context, string id) => GraphAnswer.ErrorAsync(
        context, services, StatusCodes.Status404NotFound, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    private static IReadOnlyList<string> ActionsOf(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array) throw new QueryRefusedException("rolePermissions must be a list.");
        List<string> actions = [];
        foreach (var permission in property.Value.EnumerateArray())
        {
            if (permission.ValueKind != JsonValueKind.Object || permission.EnumerateObject().FirstOrDefault(inner => inner.Name == "allowedResourceActions") is not { Value.ValueKind: JsonValueKind.Array } allowed)
                throw new QueryRefusedException("Each of rolePermissions needs allowedResourceActions.");
            actions.AddRange(Texts(allowed));
        }

        return actions;
    }

    private static Guid Id(string text) => Guid.TryParse(text, out var id) ? id : throw new QueryRefusedException($"'{text}' is not an id.");

    private static string Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString()!,
        JsonValueKind.Null => "",
        _ => throw new QueryRefusedException($"The value of '{property.Name}' must be a string."),
    };

    private static bool Flag(JsonProperty property) => property.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? property.Value.GetBoolean()
        : throw new QueryRefusedException($"The value of '{property.Name}' must be true or false.");

    private static IReadOnlyList<string> Texts(JsonProperty property)
    {
        if (property.Value.ValueKind == JsonValueKind.Null) return [];
        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String)) throw new QueryRefusedException($"The value of '{property.Name}' must be a list of strings.");
        return [.. property.Value.EnumerateArray().Select(item => item.GetString()!)];
    }
}
