namespace Bailiwick.Twin.World.Alerts;

/// <summary>The shelf's own tables in <c>twin.db</c>. Times are UTC ticks; <c>key</c> is (tenant key × 2^32 + running number), so a tenant's rows lie together.</summary>
internal static class ShelfSchema
{
    public const string Create = """
        CREATE TABLE IF NOT EXISTS shelf_tenants (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, generated INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS shelf_alerts (
            key INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, id TEXT NOT NULL, shape INTEGER NOT NULL, planes INTEGER NOT NULL,
            updated INTEGER NOT NULL, created INTEGER NOT NULL, last_event INTEGER, severity TEXT, status TEXT, classification TEXT,
            determination TEXT, assigned TEXT, service TEXT, detection TEXT, category TEXT, incident INTEGER, investigation INTEGER,
            device_group TEXT, late INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS shelf_alerts_by_update ON shelf_alerts (tenant, updated);
        CREATE UNIQUE INDEX IF NOT EXISTS shelf_alerts_by_id ON shelf_alerts (tenant, id, shape);
        CREATE INDEX IF NOT EXISTS shelf_alerts_by_incident ON shelf_alerts (tenant, incident);
        CREATE TABLE IF NOT EXISTS shelf_incidents (
            tenant INTEGER NOT NULL, id TEXT NOT NULL, shape INTEGER NOT NULL, updated INTEGER NOT NULL, created INTEGER NOT NULL,
            severity TEXT, status TEXT, classification TEXT, determination TEXT, assigned TEXT, late INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (tenant, shape, id));
        CREATE INDEX IF NOT EXISTS shelf_incidents_by_update ON shelf_incidents (tenant, updated);
        CREATE TABLE IF NOT EXISTS shelf_pending (
            number INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, visible INTEGER NOT NULL, shape INTEGER NOT NULL, id TEXT NOT NULL,
            investigation INTEGER, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS shelf_pending_by_time ON shelf_pending (visible);
        CREATE INDEX IF NOT EXISTS shelf_pending_by_id ON shelf_pending (tenant, id);
        """;

    public const string InsertAlert = """
        INSERT INTO shelf_alerts VALUES ($key, $tenant, $id, $shape, $planes, $updated, $created, $last_event, $severity, $status,
            $classification, $determination, $assigned, $service, $detection, $category, $incident, $investigation, $device_group, $late, $body)
        ON CONFLICT (tenant, id, shape) DO UPDATE SET planes = excluded.planes, updated = excluded.updated, created = excluded.created,
            last_event = excluded.last_event, severity = excluded.severity, status = excluded.status, classification = excluded.classification,
            determination = excluded.determination, assigned = excluded.assigned, service = excluded.service, detection = excluded.detection,
            category = excluded.category, incident = excluded.incident, investigation = excluded.investigation,
            device_group = excluded.device_group, late = excluded.late, body = excluded.body
        """;

    public const string InsertIncident = """
        INSERT INTO shelf_incidents VALUES ($tenant, $id, $shape, $updated, $created, $severity, $status, $classification, $determination,
            $assigned, $late, $body)
        ON CONFLICT (tenant, shape, id) DO UPDATE SET updated = excluded.updated, created = excluded.created, severity = excluded.severity,
            status = excluded.status, classification = excluded.classification, determination = excluded.determination,
            assigned = excluded.assigned, late = excluded.late, body = excluded.body
        """;
}
