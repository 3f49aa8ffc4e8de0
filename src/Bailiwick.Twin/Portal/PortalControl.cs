using System.Text.Json;
using System.Text.Json.Serialization;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal;

/// <summary>A tenant's portal as the control API shows it.</summary>
internal sealed record PortalView(
    PermissionModel Model, string? RolesOnBy, DateTimeOffset? RolesOnAt, IReadOnlyList<Workload> Unified, IReadOnlyList<DefenderRole> Roles, IReadOnlyList<UnifiedRole> UnifiedRoles,
    IReadOnlyList<UnifiedAssignment> UnifiedAssignments, IReadOnlyList<DeviceGroup> DeviceGroups, IReadOnlyList<MailRule> MailRules, SiemSettings Siem);

/// <summary>What a script sets of a portal; each list given replaces the one there, what is left out stays.</summary>
internal sealed record PortalChange
{
    /// <summary>Scripts may go back to basic permissions, which the pages cannot: a world is prepared anew.</summary>
    public PermissionModel? Model { get; init; }

    /// <summary>Roles beside the built-in one; an entry of its name sets its groups.</summary>
    public IReadOnlyList<DefenderRole>? Roles { get; init; }

    /// <summary>Unified roles.</summary>
    public IReadOnlyList<UnifiedRole>? UnifiedRoles { get; init; }

    /// <summary>Their assignments.</summary>
    public IReadOnlyList<UnifiedAssignment>? UnifiedAssignments { get; init; }

    /// <summary>Device groups by rank; an entry named <c>UnassignedGroup</c> sets that one.</summary>
    public IReadOnlyList<DeviceGroup>? DeviceGroups { get; init; }

    /// <summary>Mail rules; <c>addedAt</c> of a recipient is taken as it comes when it was there before.</summary>
    public IReadOnlyList<NewMailRule>? MailRules { get; init; }

    /// <summary>Applications of providers for the exporter.</summary>
    public IReadOnlyList<NewAuthorization>? Authorized { get; init; }
}

/// <summary>A mail rule as a script writes it.</summary>
internal sealed record NewMailRule(
    string Name, IReadOnlyList<string> Severities, IReadOnlyList<string> Recipients, IReadOnlyList<string>? DeviceGroups = null, bool IncludeOrganization = false, bool IncludeTenantLink = false,
    bool IncludeDevice = false);

/// <summary>An authorization as a script writes it.</summary>
internal sealed record NewAuthorization(Guid ApplicationId, Guid TenantId);

/// <summary>The portal's part of the control API.</summary>
internal sealed class PortalControl(DefenderPortals portals, TwinDirectory directory, TimeProvider clock)
{
    private const string By = "control API";
    private static readonly JsonSerializerOptions Reading = Strict();

    public void Map(IEndpointRouteBuilder control)
    {
        control.MapGet("/tenants/{tenant}/portal", (HttpContext context, string tenant) => AnswerAsync(context, portals.Of(Tenant(tenant))));
        control.MapPut("/tenants/{tenant}/portal", PutAsync);
    }

    private async Task PutAsync(HttpContext context, string tenant)
    {
        var id = Tenant(tenant);
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (HoldsNull(body.RootElement)) throw new ArgumentException("No list may hold null.");
            var change = body.RootElement.Deserialize<PortalChange>(Reading) ?? throw new ArgumentException("The body is null.");
            await AnswerAsync(context, portals.Change(id, state => Apply(state, change)));
        }
        catch (PortalRefusedException refused)
        {
            throw new ArgumentException(refused.Message, refused);
        }
    }

    private static JsonSerializerOptions Strict()
    {
        var options = new JsonSerializerOptions(ControlJson.Options) { RespectNullableAnnotations = true };
        options.Converters.Insert(0, new JsonStringEnumConverter(allowIntegerValues: false));
        return options;
    }

    private static bool HoldsNull(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Array => item.EnumerateArray().Any(inner => inner.ValueKind == JsonValueKind.Null || HoldsNull(inner)),
        JsonValueKind.Object => item.EnumerateObject().Any(property => HoldsNull(property.Value)),
        _ => false,
    };

    private PortalState Apply(PortalState state, PortalChange change)
    {
        var now = clock.GetUtcNow();
        var groups = portals.GroupIds(state.TenantId);
        if (change.Model is { } model) state = Model(state, model, now);
        if (change.Roles is { } roles)
        {
            if (!state.RolesOn) throw new PortalRefusedException("Roles need the model MdeRbac.");
            var builtIn = state.Roles.First(role => role.BuiltIn);
            state = state with { Roles = [builtIn with { Groups = [] }] };
            state = roles.Aggregate(state, (next, role) => PortalRules.SaveRole(next, role with { Id = role.Name == DefenderRole.BuiltInName ? builtIn.Id : Guid.Empty }, groups));
        }

        if (change.UnifiedRoles is { } unified)
        {
            state = state with { UnifiedRoles = [], UnifiedAssignments = change.UnifiedAssignments is null ? state.UnifiedAssignments : [] };
            state = unified.Aggregate(state, PortalRules.SaveUnifiedRole);
        }

        if (change.UnifiedAssignments is { } assignments)
        {
            var principals = directory.Users(state.TenantId).Select(user => user.Id).Concat(groups).ToHashSet();
            state = assignments.Aggregate(state with { UnifiedAssignments = [] }, (next, assignment) => PortalRules.SaveUnifiedAssignment(next, assignment, principals));
        }

        if (change.DeviceGroups is { } devices) state = Devices(state, devices);
        if (change.MailRules is { } rules) state = rules.Aggregate(state with { MailRules = [] }, (next, rule) => PortalRules.SaveMailRule(next, Rule(next, rule), now));
        if (change.Authorized is not { } authorized) return state;
        state = state with { Siem = state.Siem with { Authorized = [] } };
        return authorized.Aggregate(state, (next, entry) => PortalRules.Authorize(next, entry.ApplicationId.ToString(), entry.TenantId.ToString(), By, now));
    }

    private static PortalState Model(PortalState state, PermissionModel model, DateTimeOffset now) => model switch
    {
        PermissionModel.Basic => state with { RolesOn = false, RolesOnAt = null, RolesOnBy = null, Roles = [], Unified = [] },
        PermissionModel.MdeRbac => PortalRules.Activate(state.RolesOn ? state : PortalRules.TurnOnRoles(state, By, now), state.Unified.Where(workload => workload != Workload.Endpoints)),
        _ => PortalRules.Activate(state, state.Unified.Append(Workload.Endpoints)),
    };

    private static PortalState Devices(PortalState state, IReadOnlyList<DeviceGroup> wanted)
    {
        foreach (var gone in state.DeviceGroups.Where(group => !group.IsUnassigned && !wanted.Any(other => other.Name.Equals(group.Name, StringComparison.OrdinalIgnoreCase))).ToList())
        {
            state = PortalRules.DeleteDeviceGroup(state, gone.Id);
        }

        foreach (var group in wanted)
        {
            var known = state.DeviceGroups.FirstOrDefault(other => other.Name.Equals(group.Name, StringComparison.OrdinalIgnoreCase));
            state = PortalRules.SaveDeviceGroup(state, group with { Id = known?.Id ?? 0 });
        }

        var order = wanted.Select(group => group.Name).ToList();
        return state with { DeviceGroups = [.. state.DeviceGroups.OrderBy(group => group.IsUnassigned ? int.MaxValue : order.FindIndex(name => name.Trim().Equals(group.Name, StringComparison.OrdinalIgnoreCase)))] };
    }

    private static MailRule Rule(PortalState state, NewMailRule rule) => new()
    {
        Name = rule.Name,
        Severities = rule.Severities,
        Recipients = [.. rule.Recipients.Select(address => new MailRecipient(address, default))],
        DeviceGroups = rule.DeviceGroups?.Select(name => state.DeviceGroups.FirstOrDefault(group => group.Name == name)?.Id ?? throw new PortalRefusedException($"There is no device group '{name}'.")).ToList(),
        IncludeOrganization = rule.IncludeOrganization,
        IncludeTenantLink = rule.IncludeTenantLink,
        IncludeDevice = rule.IncludeDevice,
    };

    private Guid Tenant(string text) =>
        (Guid.TryParse(text, out var id) ? directory.FindTenant(id) : directory.FindTenantByDomain(text))?.Id ?? throw new TwinDirectoryException($"Tenant '{text}' does not exist.");

    private static Task AnswerAsync(HttpContext context, PortalState state) => context.Response.WriteAsJsonAsync(
        new PortalView(
            state.Model, state.RolesOnBy, state.RolesOnAt, state.Unified, state.Roles, state.UnifiedRoles, state.UnifiedAssignments, state.DeviceGroups, state.MailRules, state.Siem),
        ControlJson.Options, context.RequestAborted);
}
