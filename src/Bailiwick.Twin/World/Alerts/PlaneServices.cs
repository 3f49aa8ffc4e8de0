namespace Bailiwick.Twin.World.Alerts;

/// <summary>What the endpoint families of the alert planes share.</summary>
internal sealed record PlaneServices(TwinAlerts Alerts, ITwinTokenReader Tokens, Func<Guid, TwinTenant?> FindTenant, RateLimits Limits, TwinClock Clock)
{
    /// <summary>The knobs in force for a tenant.</summary>
    public AlertKnobs Knobs(Guid tenant) => Alerts.Policy.Of(tenant);

    /// <summary>The caller's alerts on a plane, or incidents: what device groups allow and retention still keeps.</summary>
    public ShelfQuery SeenBy(TwinPrincipal caller, AlertPlane plane = AlertPlane.None) => new()
    {
        Tenant = caller.TenantId,
        Plane = plane,
        Groups = Alerts.Policy.GroupsOf(caller),
        UpdatedFrom = Alerts.OldestUpdate(caller.TenantId),
    };

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
