using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>The knobs in force and which device groups a person may see, kept in <c>twin.db</c>. Thread safe.</summary>
internal sealed class AlertPolicy
{
    private const string KnobKind = "alert-knobs";
    private const string ScopeKind = "alert-scope";
    private const string Global = "global";
    private readonly TwinStore _store;
    private readonly AlertKnobs _base;
    private readonly Lock _setting = new();
    private readonly ConcurrentDictionary<(Guid Tenant, Guid User), IReadOnlyList<string>> _scopes = [];

    private volatile Layers _layers;

    public AlertPolicy(TwinStore store, AlertKnobs start)
    {
        (_store, _base) = (store, start.Over(AlertKnobs.Defaults));
        _layers = new Layers(store.ReadAll(KnobKind).ToImmutableDictionary(kept => kept.Id, kept => AlertKnobs.Parse(kept.Json)));
        foreach (var (id, json) in store.ReadAll(ScopeKind))
        {
            var parts = id.Split('/');
            _scopes[(Guid.Parse(parts[0]), Guid.Parse(parts[1]))] = JsonSerializer.Deserialize<string[]>(json)!;
        }
    }

    /// <summary>What holds for a tenant, every property set except those whose null has a meaning.</summary>
    public AlertKnobs Of(Guid tenant)
    {
        var layers = _layers;
        return layers.Merged.GetOrAdd(tenant, id => layers.Get(id).Over(layers.Get(null)).Over(_base));
    }

    /// <summary>What was set, globally (null) or for one tenant; empty when nothing was.</summary>
    public AlertKnobs Get(Guid? tenant) => _layers.Get(tenant);

    /// <summary>Replaces the global document (null) or a tenant's.</summary>
    public void Set(Guid? tenant, AlertKnobs knobs)
    {
        lock (_setting)
        {
            _store.Write([(KnobKind, Name(tenant), knobs.ToJson())]);
            _layers = new Layers(_layers.Set.SetItem(Name(tenant), knobs));
        }
    }

    /// <summary>The device groups a person may see; null means all.</summary>
    public IReadOnlyList<string>? GroupsOf(Guid tenant, Guid user) => _scopes.TryGetValue((tenant, user), out var groups) ? groups : null;

    /// <summary>The device groups a caller may see: applications see all. Source: defender roles and device groups, create-app-nativeapp 2023-01.</summary>
    public IReadOnlyList<string>? GroupsOf(TwinPrincipal caller) => caller.IsApplication ? null : GroupsOf(caller.TenantId, caller.ObjectId);

    /// <summary>Sets or (null) lifts a person's scope.</summary>
    public void Scope(Guid tenant, Guid user, IReadOnlyList<string>? groups)
    {
        _store.Write([(ScopeKind, $"{tenant:D}/{user:D}", groups is null ? null : JsonSerializer.Serialize(groups))]);
        if (groups is null) _scopes.TryRemove((tenant, user), out _);
        else _scopes[(tenant, user)] = groups;
    }

    /// <summary>What a snapshot of a tenant takes along.</summary>
    public ISnapshotPart Part => new Kept(this);

    private static string Name(Guid? tenant) => tenant?.ToString("D") ?? Global;

    private sealed class Kept(AlertPolicy policy) : ISnapshotPart
    {
        public string Name => "alert-policy";

        public JsonNode Export(Guid tenant) => new JsonObject
        {
            ["knobs"] = JsonNode.Parse(policy.Get(tenant).ToJson()),
            ["scopes"] = new JsonObject(policy._scopes.Where(scope => scope.Key.Tenant == tenant).OrderBy(scope => scope.Key.User).Select(scope => KeyValuePair.Create(scope.Key.User.ToString("D"), JsonSerializer.SerializeToNode(scope.Value)))),
        };

        public void Import(Guid tenant, JsonNode content)
        {
            if (content["knobs"] is not { } knobs || content["scopes"] is not JsonObject scopes) throw new FormatException("Part 'alert-policy' needs knobs and scopes.");
            policy.Set(tenant, AlertKnobs.Parse(knobs.ToJsonString()));
            foreach (var (known, user) in policy._scopes.Keys.Where(key => key.Tenant == tenant).ToList()) policy.Scope(known, user, null);
            foreach (var (user, groups) in scopes) policy.Scope(tenant, Guid.Parse(user), groups.Deserialize<string[]>());
        }
    }

    /// <summary>What was set, with what follows from it, swapped whole: a reader under way fills the old one's cache, which nobody asks again.</summary>
    private sealed class Layers(ImmutableDictionary<string, AlertKnobs> set)
    {
        public ImmutableDictionary<string, AlertKnobs> Set { get; } = set;

        public ConcurrentDictionary<Guid, AlertKnobs> Merged { get; } = [];

        public AlertKnobs Get(Guid? tenant) => Set.GetValueOrDefault(Name(tenant)) ?? new AlertKnobs();
    }
}
