using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bailiwick.Twin.World;

/// <summary>One kind of document, held in memory and written through to the store. Thread safe; the last writer of an id wins.</summary>
/// <typeparam name="T">An immutable record.</typeparam>
internal sealed class StoredSet<T>
    where T : class
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly ConcurrentDictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly TwinStore? _store;
    private readonly string _kind;
    private readonly Func<T, string> _id;

    /// <param name="store">Null keeps the set in memory only.</param>
    /// <param name="kind">Name of the document kind.</param>
    /// <param name="id">Reads an item's id.</param>
    public StoredSet(TwinStore? store, string kind, Func<T, string> id)
    {
        _store = store;
        _kind = kind;
        _id = id;
        if (store is null) return;
        foreach (var (key, json) in store.ReadAll(kind)) _items[key] = JsonSerializer.Deserialize<T>(json, Json)!;
    }

    public ICollection<T> All => _items.Values;

    public int Count => _items.Count;

    public T? Find(string id) => _items.GetValueOrDefault(id);

    public void Put(T item) => Put([item]);

    public void Put(IReadOnlyCollection<T> items)
    {
        foreach (var item in items) _items[_id(item)] = item;
        _store?.Write(items.Select(item => (_kind, _id(item), (string?)JsonSerializer.Serialize(item, Json))));
    }

    /// <summary>Takes an item out; only one of several racing callers gets it.</summary>
    public T? Remove(string id)
    {
        if (!_items.TryRemove(id, out var item)) return null;
        _store?.Write([(_kind, id, null)]);
        return item;
    }

    /// <summary>Swaps an item for its successor; false when another caller was first.</summary>
    public bool Replace(T old, T successor)
    {
        if (!_items.TryUpdate(_id(old), successor, old)) return false;
        _store?.Write([(_kind, _id(successor), JsonSerializer.Serialize(successor, Json))]);
        return true;
    }

    public void RemoveWhere(Func<T, bool> match)
    {
        List<(string Kind, string Id, string? Json)> gone = [];
        foreach (var (id, item) in _items)
        {
            if (match(item) && _items.TryRemove(id, out _)) gone.Add((_kind, id, null));
        }

        if (gone.Count > 0) _store?.Write(gone);
    }
}
