using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>What the endpoint families of the alert planes share.</summary>
internal sealed record PlaneServices(TwinAlerts Alerts, ITwinTokenReader Tokens, Func<Guid, TwinTenant?> FindTenant, RateLimits Limits, TwinClock Clock)
{
    /// <summary>The tenants' portals; null where nobody knows people, and every person sees what an application sees.</summary>
    public DefenderPortals? Portals { get; init; }

    /// <summary>The knobs in force for a tenant.</summary>
    public AlertKnobs Knobs(Guid tenant) => Alerts.Policy.Of(tenant);

    /// <summary>The caller's alerts on a plane, or incidents: what device groups allow and retention still keeps.</summary>
    public ShelfQuery SeenBy(TwinPrincipal caller, AlertPlane plane = AlertPlane.None) => new()
    {
        Tenant = caller.TenantId,
        Plane = plane,
        Groups = GroupsOf(caller),
        UpdatedFrom = Alerts.OldestUpdate(caller.TenantId),
    };

    /// <summary>The device groups a caller sees: those that the person's roles open, narrowed by the scope that the control API set; null means all.</summary>
    public IReadOnlyList<string>? GroupsOf(TwinPrincipal caller) => Narrowed(caller, DefenderPermission.ViewDataSecurityOperations);

    /// <summary>
    /// Why a person may not call, in one sentence, or null: reading needs View data, all else Alerts investigation; of one alert on the device it is about.
    /// Applications need their permissions only. Source: exposed-apis-create-app-nativeapp 2023-01, user-roles 2024-06.
    /// </summary>
    public string? Refusal(TwinPrincipal caller, string method, StoredRecord? alert = null)
    {
        if (caller.IsApplication || Portals is null) return null;
        var needed = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) ? DefenderPermission.ViewDataSecurityOperations : DefenderPermission.AlertsInvestigation;
        var access = Portals.AccessOf(caller.TenantId, caller.ObjectId);
        if (alert is null ? access.Can(needed) : access.Can(needed, alert.DeviceGroup)) return null;
        var place = alert?.DeviceGroup is { } group ? $" on devices of the group '{group}'" : "";
        return $"The user does not hold the Defender permission '{DefenderPermissions.NameOf(needed)}'{place} in this tenant.";
    }

    private IReadOnlyList<string>? Narrowed(TwinPrincipal caller, DefenderPermission permission)
    {
        var scope = Alerts.Policy.GroupsOf(caller);
        var open = caller.IsApplication || Portals is null ? null : Portals.AccessOf(caller.TenantId, caller.ObjectId).GroupsWith(permission);
        return open is null ? scope : scope is null ? open : [.. open.Intersect(scope)];
    }

    /// <summary>One alert, or null when there is none that the caller sees.</summary>
    public StoredRecord? Find(TwinPrincipal caller, string id, AlertPlane plane)
    {
        var seen = SeenBy(caller, plane);
        return Alerts.Shelf.Find(caller.TenantId, id, plane) is { } alert && alert.Updated >= seen.UpdatedFrom
            && (seen.Groups is null || alert.DeviceGroup is null || seen.Groups.Contains(alert.DeviceGroup)) ? alert : null;
    }

    /// <summary>One incident, or null when there is none that the caller sees.</summary>
    public StoredRecord? FindIncident(TwinPrincipal caller, string id, RecordShape shape)
    {
        StoredRecord? found = null;
        Alerts.Shelf.IncidentPage(
            SeenBy(caller) with { IncidentShape = shape, Id = id },
            (in ShelfRow row) => found = new StoredRecord(row.Shape, id, row.Body.ToArray(), row.Late, row.Updated, null, null));
        return found;
    }
}
