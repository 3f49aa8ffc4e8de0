using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Bailiwick.Twin.World;

/// <summary>One kind of document, held in memory and written through to the store. Thread safe; the last writer of an id wins.</summary>
/// <typeparam name="T">An immutable record.</typeparam>
internal sealed class StoredSet<T> : ISnapshotPart
    where T : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly ConcurrentDictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<string, T>> _byTenant = [];
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<string, SetChange>> _changes = [];
    private readonly TwinStore? _store;
    private readonly string _kind;
    private readonly Func<T, string> _id;
    private readonly Func<T, Guid>? _tenant;
    private long _sequence;

    /// <param name="store">Null keeps the set in memory only.</param>
    /// <param name="kind">Name of the document kind.</param>
    /// <param name="id">Reads an item's id.</param>
    /// <param name="tenant">Reads an item's tenant: makes <see cref="Of"/> and <see cref="Since"/> work; null for sets nobody asks by tenant.</param>
    public StoredSet(TwinStore? store, string kind, Func<T, string> id, Func<T, Guid>? tenant = null)
    {
        _store = store;
        _kind = kind;
        _id = id;
        _tenant = tenant;
        if (store is null) return;
        foreach (var (key, json) in store.ReadAll(kind)) Hold(key, JsonSerializer.Deserialize<T>(json, Json)!, news: false);
    }

    /// <summary>The document kind.</summary>
    public string Name => _kind;

    public ICollection<T> All => _items.Values;

    public int Count => _items.Count;

    /// <summary>Number of the last change since the start; grows with each.</summary>
    public long Sequence => Interlocked.Read(ref _sequence);

    public T? Find(string id) => _items.GetValueOrDefault(id);

    /// <summary>What a tenant has, no order.</summary>
    public ICollection<T> Of(Guid tenant) => _byTenant.TryGetValue(tenant, out var items) ? items.Values : [];

    /// <summary>What changed in a tenant after a number: the item as it is now, or null where it is gone; oldest change first.</summary>
    public IReadOnlyList<(string Id, T? Item, long Sequence)> Since(Guid tenant, long sequence) =>
        _changes.TryGetValue(tenant, out var changes)
            ? [.. changes.Values.Where(change => change.Sequence > sequence).OrderBy(change => change.Sequence).Select(change => (change.Id, Find(change.Id), change.Sequence))]
            : [];

    public void Put(T item) => Put([item]);

    public void Put(IReadOnlyCollection<T> items)
    {
        foreach (var item in items) Hold(_id(item), item, news: true);
        _store?.Write(items.Select(item => (_kind, _id(item), (string?)JsonSerializer.Serialize(item, Json))));
    }

    /// <summary>Takes an item out; only one of several racing callers gets it.</summary>
    public T? Remove(string id)
    {
        if (!_items.TryRemove(id, out var item)) return null;
        Forget(id, item);
        _store?.Write([(_kind, id, null)]);
        return item;
    }

    /// <summary>Swaps an item for its successor; false when another caller was first.</summary>
    public bool Replace(T old, T successor)
    {
        var id = _id(old);
        if (!_items.TryUpdate(id, successor, old)) return false;
        Index(id, successor, news: true);
        _store?.Write([(_kind, id, JsonSerializer.Serialize(successor, Json))]);
        return true;
    }

    public void RemoveWhere(Func<T, bool> match)
    {
        List<(string Kind, string Id, string? Json)> gone = [];
        foreach (var (id, item) in _items)
        {
            if (!match(item) || !_items.TryRemove(id, out _)) continue;
            Forget(id, item);
            gone.Add((_kind, id, null));
        }

        if (gone.Count > 0) _store?.Write(gone);
    }

    /// <inheritdoc/>
    public JsonNode Export(Guid tenant)
    {
        var documents = new JsonObject();
        if (_byTenant.TryGetValue(tenant, out var items)) foreach (var (id, item) in items.OrderBy(pair => pair.Key, StringComparer.Ordinal)) documents[id] = JsonSerializer.SerializeToNode(item, Json);
        return documents;
    }

    /// <inheritdoc/>
    public void Import(Guid tenant, JsonNode content)
    {
        if (content is not JsonObject documents) throw new FormatException($"Part '{_kind}' is not an object of documents.");
        var items = documents.Select(document => document.Value?.Deserialize<T>(Json) ?? throw new FormatException($"Document '{document.Key}' of part '{_kind}' is null.")).ToList();
        if (items.Exists(item => _tenant?.Invoke(item) != tenant)) throw new FormatException($"Part '{_kind}' holds a document of another tenant.");
        if (items.Find(item => Find(_id(item)) is { } held && _tenant!(held) != tenant) is { } taken) throw new FormatException($"'{_id(taken)}' of part '{_kind}' belongs to another tenant here.");
        foreach (var item in Of(tenant).ToList()) Remove(_id(item));
        if (items.Count > 0) Put(items);
    }

    private void Hold(string id, T item, bool news)
    {
        _items[id] = item;
        Index(id, item, news);
    }

    private void Index(string id, T item, bool news)
    {
        if (_tenant is null) return;
        var tenant = _tenant(item);
        _byTenant.GetOrAdd(tenant, _ => new(StringComparer.Ordinal))[id] = item;
        if (news) Note(tenant, id);
    }

    private void Forget(string id, T item)
    {
        if (_tenant is null) return;
        var tenant = _tenant(item);
        if (_byTenant.TryGetValue(tenant, out var items)) items.TryRemove(id, out _);
        Note(tenant, id);
    }

    private void Note(Guid tenant, string id) => _changes.GetOrAdd(tenant, _ => new(StringComparer.Ordinal))[id] = new SetChange(id, Interlocked.Increment(ref _sequence));

    private sealed record SetChange(string Id, long Sequence);
}
