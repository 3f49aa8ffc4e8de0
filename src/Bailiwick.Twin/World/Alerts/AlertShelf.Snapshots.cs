using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World.Alerts;

internal sealed partial class AlertShelf
{
    /// <summary>What a snapshot of a tenant takes along: visible and pending alerts and incidents, and how far generation went.</summary>
    public ISnapshotPart Part => new Shelved(this);

    private sealed class Shelved : ISnapshotPart
    {
        private readonly AlertShelf _shelf;
        private readonly IReadOnlyList<TablePart> _tables;

        public Shelved(AlertShelf shelf)
        {
            _shelf = shelf;
            _tables =
            [
                new TablePart(shelf._store.Open, "alerts", "shelf_alerts", Key, "key", (number, key) => ((long)key << 32) | (long)number!, key => key & 0xffff_ffff), // a key begins with its tenant's
                new TablePart(shelf._store.Open, "incidents", "shelf_incidents", Key),
                new TablePart(shelf._store.Open, "pending", "shelf_pending", Key, "number"),
            ];
        }

        public string Name => "alert-shelf";

        public JsonNode Export(Guid tenant)
        {
            lock (_shelf._writing)
            {
                var content = new JsonObject { ["generated"] = _shelf.Generated(tenant) };
                foreach (var table in _tables) content[table.Name] = table.Export(tenant);
                return content;
            }
        }

        public void Import(Guid tenant, JsonNode content)
        {
            var generated = content["generated"] is JsonValue value && value.TryGetValue<long>(out var count) && count >= 0 ? count : throw new FormatException("Part 'alert-shelf' does not say how many alerts were generated.");
            lock (_shelf._writing)
            {
                foreach (var table in _tables) table.Import(tenant, content[table.Name] ?? throw new FormatException($"Part 'alert-shelf' lacks '{table.Name}'."));
                using var transaction = _shelf._writer.Connection.BeginTransaction();
                var slot = _shelf.SlotOf(tenant, transaction);
                _shelf._writer.Command("UPDATE shelf_tenants SET generated = $to WHERE key = $tenant", transaction).With("$to", generated).With("$tenant", slot.Key).ExecuteNonQuery();
                transaction.Commit();
                (slot.Generated, slot.Next) = (generated, -1);
                _shelf._nextDue = _shelf.FindNextDue();
            }
        }

        private object Key(Guid tenant)
        {
            using var transaction = _shelf._writer.Connection.BeginTransaction();
            var key = _shelf.SlotOf(tenant, transaction).Key;
            transaction.Commit();
            return key;
        }
    }
}
