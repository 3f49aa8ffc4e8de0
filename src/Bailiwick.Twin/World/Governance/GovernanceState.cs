using System.Collections.Concurrent;
using System.Globalization;

namespace Bailiwick.Twin.World.Governance;

/// <summary>Why governance refuses; decides the status the planes answer with.</summary>
internal enum GovernanceFault
{
    /// <summary>The rules forbid it.</summary>
    Refused,

    /// <summary>The caller is not the one who may.</summary>
    Denied,

    /// <summary>There is no such thing.</summary>
    Missing,

    /// <summary>It was decided already.</summary>
    Decided,
}

/// <summary>Governance refuses; nothing changed. The message names the thing and the reason.</summary>
internal sealed class GovernanceRefusedException(string message, GovernanceFault fault = GovernanceFault.Refused) : Exception(message)
{
    public GovernanceFault Fault { get; } = fault;
}

/// <summary>
/// Everything governance knows of every tenant, written through to the store, and what its engines share. Thread safe; an engine that reads and then writes holds
/// <see cref="Gate"/> of the tenant.
/// </summary>
internal sealed class GovernanceState
{
    private readonly ConcurrentDictionary<Guid, Lock> _gates = [];
    private readonly ConcurrentDictionary<Guid, int> _restored = [];

    public GovernanceState(TwinServices services)
    {
        Services = services;
        var store = services.Durable;
        Settings = new(store, "governance-settings", settings => settings.TenantId.ToString("D"), settings => settings.TenantId);
        Organizations = new(store, "governance-organization", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Catalogs = new(store, "governance-catalog", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Resources = new(store, "governance-resource", item => Key(item.TenantId, item.Id), item => item.TenantId);
        ResourceRequests = new(store, "governance-resource-request", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Packages = new(store, "governance-package", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Policies = new(store, "governance-policy", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Requests = new(store, "governance-request", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Assignments = new(store, "governance-assignment", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Definitions = new(store, "governance-review", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Instances = new(store, "governance-review-instance", item => Key(item.TenantId, item.Id), item => item.TenantId);
        Ends = new(store, "governance-guest-end", item => Key(item.TenantId, item.UserId), item => item.TenantId);
        Mails = new(store, "governance-mail", item => $"{item.TenantId:N}/{item.Sequence.ToString(CultureInfo.InvariantCulture)}", item => item.TenantId);
    }

    public TwinServices Services { get; }

    public TwinDirectory Directory => Services.Directory;

    public DateTimeOffset Now => Services.Clock.GetUtcNow();

    public StoredSet<GovernanceSettings> Settings { get; }

    public StoredSet<ConnectedOrganization> Organizations { get; }

    public StoredSet<Catalog> Catalogs { get; }

    public StoredSet<CatalogResource> Resources { get; }

    public StoredSet<ResourceRequest> ResourceRequests { get; }

    public StoredSet<AccessPackage> Packages { get; }

    public StoredSet<AssignmentPolicy> Policies { get; }

    public StoredSet<PackageRequest> Requests { get; }

    public StoredSet<PackageAssignment> Assignments { get; }

    public StoredSet<ReviewDefinition> Definitions { get; }

    public StoredSet<ReviewInstance> Instances { get; }

    public StoredSet<GuestEnd> Ends { get; }

    public StoredSet<GovernanceMail> Mails { get; }

    /// <summary>Held while a tenant's governance changes.</summary>
    public Lock Gate(Guid tenant) => _gates.GetOrAdd(tenant, _ => new Lock());

    /// <summary>Everything a snapshot of a tenant takes along.</summary>
    public IEnumerable<ISnapshotPart> Parts => [Settings, Organizations, Catalogs, Resources, ResourceRequests, Packages, Policies, Requests, Assignments, Definitions, Instances, Ends, Mails];

    /// <summary>Lets something happen in a tenant, under its gate; not when the tenant was restored from a snapshot meanwhile.</summary>
    public void At(Guid tenant, DateTimeOffset when, Action act)
    {
        var restored = _restored.GetValueOrDefault(tenant);
        Services.Timeline.At(when, () =>
        {
            lock (Gate(tenant))
            {
                if (_restored.GetValueOrDefault(tenant) == restored) act();
            }
        });
    }

    /// <summary>Nothing that a tenant waits for holds any more.</summary>
    public void Forget(Guid tenant) => _restored.AddOrUpdate(tenant, 1, (_, times) => times + 1);

    public static string Key(Guid tenant, Guid id) => $"{tenant:N}/{id:N}";

    public GovernanceSettings SettingsOf(Guid tenant) => Settings.Find(tenant.ToString("D")) ?? new GovernanceSettings(tenant);

    public T Find<T>(StoredSet<T> set, Guid tenant, Guid id, string kind)
        where T : class =>
        set.Find(Key(tenant, id)) ?? throw new GovernanceRefusedException($"The {kind} '{id}' does not exist.", GovernanceFault.Missing);

    /// <summary>A free id, stable for a seed, tenant, kind and name.</summary>
    public Guid NewId<T>(StoredSet<T> set, Guid tenant, string kind, string name)
        where T : class
    {
        for (var n = 0; ; n++)
        {
            var id = Services.Random.Id("governance", kind, tenant.ToString(), name, n.ToString(CultureInfo.InvariantCulture));
            if (set.Find(Key(tenant, id)) is null) return id;
        }
    }

    /// <summary>An id that follows from another one.</summary>
    public Guid Derived(string kind, Guid of, string name = "") => Services.Random.Id("governance", kind, of.ToString(), name);

    /// <summary>Assignments that give a person access now.</summary>
    public IEnumerable<PackageAssignment> HeldBy(Guid tenant, Subject person) => Assignments.Of(tenant).Where(held => held.IsHeld && held.Target.Is(person));

    /// <summary>The catalogs of a tenant with the built-in one, made at the first look.</summary>
    public Catalog General(Guid tenant)
    {
        var id = Services.Random.Id("governance", "catalog", tenant.ToString(), "General");
        if (Catalogs.Find(Key(tenant, id)) is { } present) return present;
        lock (Gate(tenant))
        {
            if (Catalogs.Find(Key(tenant, id)) is { } made) return made;
            var now = Now;
            var general = new Catalog(id, tenant, "General") { Description = "Built-in catalog.", CatalogType = "serviceDefault", IsExternallyVisible = true, CreatedAt = now, ModifiedAt = now };
            Catalogs.Put(general);
            return general;
        }
    }

    /// <summary>Records a mail to an address.</summary>
    public void Mail(Guid tenant, int number, string to, string subject, string path)
    {
        var hint = Directory.FindTenant(tenant)?.DefaultDomain;
        lock (Gate(tenant)) Mails.Put(new GovernanceMail(tenant, Mails.Of(tenant).Count + 1, number, to, subject, $"https://myaccess.microsoft.com/@{hint}#/{path}", Now));
    }

    /// <summary>Records a mail to objects of the tenant.</summary>
    public void Mail(Guid tenant, int number, IEnumerable<Guid> to, string subject, string path)
    {
        foreach (var user in to.Select(id => Directory.FindUser(tenant, id)).OfType<TwinUser>()) Mail(tenant, number, user.Mail.Length > 0 ? user.Mail : user.UserPrincipalName, subject, path);
    }
}
