using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary><c>/directoryObjects</c>: any object by id. Source: directoryobject-get, directoryobject-getbyids, 2024.</summary>
internal sealed class ObjectRoutes
{
    private const int Most = 1000;

    private static readonly EntityType ByIds = new(
        "getByIds", new EntityProperty("ids", ValueKind.Id) { Many = true, Required = true },
        new EntityProperty("types", ValueKind.Text) { Many = true, Most = 64 });

    public void Map(GraphRoutes routes)
    {
        routes.Get("/directoryObjects/{id}", DirectoryNeeds.ReadUsers, "directoryobject-get 2024", call => call.EntityAsync(GroupRoutes.Objects, Find(call, call.RouteId()) ?? throw GraphRefusal.NotFound(call.Route("id"))));
        routes.Post("/directoryObjects/getByIds", DirectoryNeeds.ReadUsers, "directoryobject-getbyids 2024", GetByIdsAsync);
    }

    /// <summary>Any object of the directory, registrations and Microsoft's own service principals too; null where there is none.</summary>
    private static JsonObject? Find(GraphCall call, Guid id)
    {
        if (GroupRoutes.Member(call, id) is { } known) return known;
        if (call.Directory.FindAppByObject(call.Tenant.Id, id) is { } app) return Typed("application", ApplicationShape.Of(app, call.Directory));
        return call.Directory.FindPrincipal(call.Tenant.Id, id) is { } principal ? Typed("servicePrincipal", PrincipalShape.Of(principal, call.Directory)) : null;
    }

    private static async Task GetByIdsAsync(GraphCall call)
    {
        var body = ByIds.ReadNew(await call.ReadAsync());
        var ids = body["ids"]!.AsArray().Select(id => Guid.Parse(id!.GetValue<string>())).Distinct().ToList();
        if (ids.Count > Most) throw GraphRefusal.BadRequest($"The number of elements in 'ids' exceeds the maximum allowed, {Most}.");
        var types = body["types"]?.AsArray().Select(type => $"#microsoft.graph.{type!.GetValue<string>()}").ToList() ?? [];
        var found = ids.Select(id => Find(call, id)).OfType<JsonObject>()
            .Where(item => types.Count == 0 || types.Contains("#microsoft.graph.directoryObject") || types.Contains(item["@odata.type"]!.GetValue<string>(), StringComparer.OrdinalIgnoreCase));
        await call.ValuesAsync("directoryObjects", found);
    }

    private static JsonObject Typed(string type, JsonObject shape)
    {
        shape.Insert(0, "@odata.type", $"#microsoft.graph.{type}");
        return shape;
    }
}
