using System.Text.Json.Nodes;
using Bailiwick.Twin.Graph.Directory;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>settings</c> and <c>connectedOrganizations</c> with their sponsors. Source: the API reference page of each call, 2024–25.</summary>
internal sealed class OrganizationRoutes(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/settings", GovernanceNeeds.ReadAll, "entitlementmanagementsettings-get 2024", call => call.ObjectAsync("identityGovernance/entitlementManagement/settings/$entity", OrganizationShape.Of(_state.SettingsOf(call.Tenant.Id))));
        routes.Patch("/settings", GovernanceNeeds.WriteAll, "entitlementmanagementsettings-update 2024", ChangeSettingsAsync);
        routes.Get("/connectedOrganizations", GovernanceNeeds.ReadAll, "entitlementmanagement-list-connectedorganizations 2024", call => call.ListAsync(Related(call), All(call)));
        routes.Post("/connectedOrganizations", GovernanceNeeds.WriteAll, "entitlementmanagement-post-connectedorganizations 2024", CreateAsync);
        routes.Get("/connectedOrganizations/{id}", GovernanceNeeds.ReadAll, "connectedorganization-get 2024", call => call.EntityAsync(Related(call), OrganizationShape.Of(Find(call))));
        routes.Patch("/connectedOrganizations/{id}", GovernanceNeeds.WriteAll, "connectedorganization-update 2024", ChangeAsync);
        routes.Delete("/connectedOrganizations/{id}", GovernanceNeeds.WriteAll, "connectedorganization-delete 2024", DeleteAsync);
        foreach (var kind in (IReadOnlyList<string>)["internalSponsors", "externalSponsors"])
        {
            var path = $"/connectedOrganizations/{{id}}/{kind}";
            var page = $"connectedorganization-{{0}}-{kind.ToLowerInvariant()} 2024";
            routes.Get(path, GovernanceNeeds.ReadAll, page.Replace("{0}", "list", StringComparison.Ordinal), call => call.ListAsync(GroupRoutes.Objects, Sponsors(call, Find(call), kind)));
            routes.Post($"{path}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "post", StringComparison.Ordinal), call => AddSponsorAsync(call, kind));
            routes.Delete($"{path}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "delete", StringComparison.Ordinal), call => RemoveSponsorAsync(call, kind, GovernanceRoutes.QueriedTarget(call)));
            routes.Delete($"{path}/{{member}}/$ref", GovernanceNeeds.WriteAll, page.Replace("{0}", "delete", StringComparison.Ordinal), call => RemoveSponsorAsync(call, kind, call.RouteId("member")));
        }
    }

    private IEnumerable<JsonObject> All(GraphCall call) => _state.Organizations.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).Select(OrganizationShape.Of);

    private ConnectedOrganization Find(GraphCall call) => _state.Find(_state.Organizations, call.Tenant.Id, call.RouteId(), "connected organization");

    private OData.EntitySet Related(GraphCall call) => OrganizationShape.Set with
    {
        Follow = (entity, relation) => new JsonArray([.. Sponsors(call, _state.Find(_state.Organizations, call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()), "connected organization"), relation)]),
    };

    private static IEnumerable<JsonObject> Sponsors(GraphCall call, ConnectedOrganization organization, string kind) =>
        (kind == "internalSponsors" ? organization.InternalSponsors : organization.ExternalSponsors).Select(id => GroupRoutes.Member(call, id)).OfType<JsonObject>();

    private async Task ChangeSettingsAsync(GraphCall call)
    {
        var change = OrganizationShape.Settings.ReadChange(await call.ReadAsync());
        GovernanceSettings settings;
        lock (_state.Gate(call.Tenant.Id))
        {
            var whole = OrganizationShape.Of(_state.SettingsOf(call.Tenant.Id));
            foreach (var (name, value) in change) whole[name] = value?.DeepClone();
            whole["tenantId"] = call.Tenant.Id.ToString("D");
            settings = GovernanceJson.Read<GovernanceSettings>(whole);
            _state.Settings.Put(settings);
        }

        _state.Audit(call.Tenant.Id, call.Actor, "Update access package user lifecycle", "Update", [new World.TwinTarget(call.Tenant.Id.ToString("D"), "Policy", "Entitlement management settings")]);
        await call.DoneAsync(new OData.EntitySet("identityGovernance/entitlementManagement/settings", OrganizationShape.Settings), OrganizationShape.Of(settings));
    }

    private async Task CreateAsync(GraphCall call)
    {
        var body = OrganizationShape.Set.Type.ReadNew(await call.ReadAsync());
        if (body["identitySources"] is not JsonArray { Count: > 0 }) throw GraphRefusal.BadRequest("A connected organization needs at least one identity source.");
        body["id"] = Guid.Empty.ToString("D");
        body["tenantId"] = call.Tenant.Id.ToString("D");
        var made = governance.Catalogs.Connect(call.Tenant.Id, GovernanceJson.Read<ConnectedOrganization>(body));
        _state.Audit(call.Tenant.Id, call.Actor, "Create connected organization", "Create", [Target(made)]);
        await call.CreatedAsync(OrganizationShape.Set, OrganizationShape.Of(made));
    }

    private async Task ChangeAsync(GraphCall call)
    {
        Find(call);
        var change = OrganizationShape.Set.Type.ReadChange(await call.ReadAsync());
        if (change.ContainsKey("identitySources")) throw GraphRefusal.BadRequest("The identity sources of a connected organization cannot be changed.");
        ConnectedOrganization changed;
        lock (_state.Gate(call.Tenant.Id))
        {
            changed = Find(call) with { ModifiedAt = call.Now };
            if (change["displayName"]?.GetValue<string>() is { } name) changed = changed with { DisplayName = name };
            if (change.TryGetPropertyValue("description", out var text)) changed = changed with { Description = text?.GetValue<string>() };
            if (change["state"]?.GetValue<string>() is { } word) changed = changed with { State = word };
            _state.Organizations.Put(changed);
        }

        _state.Audit(call.Tenant.Id, call.Actor, "Update connected organization", "Update", [Target(changed)]);
        await call.DoneAsync(OrganizationShape.Set, OrganizationShape.Of(changed));
    }

    private Task DeleteAsync(GraphCall call)
    {
        var organization = Find(call);
        governance.Catalogs.Disconnect(organization);
        _state.Audit(call.Tenant.Id, call.Actor, "Delete connected organization", "Delete", [Target(organization)]);
        return call.DoneAsync();
    }

    private async Task AddSponsorAsync(GraphCall call, string kind)
    {
        Find(call);
        var id = GovernanceRoutes.Target((await call.ReadAsync())["@odata.id"]);
        if (GroupRoutes.Member(call, id) is null) throw GraphRefusal.NotFound(id.ToString("D"));
        lock (_state.Gate(call.Tenant.Id))
        {
            var organization = Find(call);
            var held = kind == "internalSponsors" ? organization.InternalSponsors : organization.ExternalSponsors;
            if (held.Contains(id)) throw GraphRefusal.BadRequest("The sponsor is there already.");
            _state.Organizations.Put(kind == "internalSponsors" ? organization with { InternalSponsors = [.. held, id] } : organization with { ExternalSponsors = [.. held, id] });
        }

        await call.DoneAsync();
    }

    private Task RemoveSponsorAsync(GraphCall call, string kind, Guid id)
    {
        lock (_state.Gate(call.Tenant.Id))
        {
            var organization = Find(call);
            var held = kind == "internalSponsors" ? organization.InternalSponsors : organization.ExternalSponsors;
            if (!held.Contains(id)) throw GraphRefusal.NotFound(id.ToString("D"));
            List<Guid> left = [.. held.Where(sponsor => sponsor != id)];
            _state.Organizations.Put(kind == "internalSponsors" ? organization with { InternalSponsors = left } : organization with { ExternalSponsors = left });
        }

        return call.DoneAsync();
    }

    private static World.TwinTarget Target(ConnectedOrganization organization) => new(organization.Id.ToString("D"), "ConnectedOrganization", organization.DisplayName);
}
