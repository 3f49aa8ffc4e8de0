using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Customers;

/// <summary>A customer's tenant.</summary>
/// <param name="TenantKey">The small number that tenant-owned rows carry; never used twice.</param>
/// <param name="Id">The Entra tenant id.</param>
/// <param name="Customer">Whose.</param>
/// <param name="CustomerName">For display.</param>
/// <param name="Cloud">A name of <see cref="CloudCatalog"/>.</param>
/// <param name="Region">A region of the cloud, or null for its global addresses.</param>
public sealed record TenantRecord(long TenantKey, TenantId Id, CustomerId Customer, string CustomerName, string Cloud, string? Region)
{
    /// <summary>What people are told of a tenant that is not <see cref="Intact"/>.</summary>
    public const string NotIntact = "The tenant's row was changed outside the hub and is not used: restore it from a backup.";

    /// <summary>When it was added, UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>False when the row was changed outside the hub: it is listed, so that nobody looks for it in vain, and decides nothing.</summary>
    public bool Intact { get; init; } = true;
}

/// <summary>What became of adding a tenant.</summary>
public abstract record AddTenantResult
{
    private AddTenantResult()
    {
    }

    /// <summary>It is there now.</summary>
    public sealed record Added(TenantRecord Tenant) : AddTenantResult;

    /// <summary>It was there already for this customer, cloud and region; nothing changed.</summary>
    public sealed record Unchanged(TenantRecord Tenant) : AddTenantResult;

    /// <summary>Nothing changed.</summary>
    /// <param name="Reason">One sentence; never names another customer.</param>
    /// <param name="Field"><c>customer</c>, <c>id</c> (the hub knows the tenant already), <c>cloud</c> or <c>region</c>.</param>
    public sealed record Refused(string Reason, string Field) : AddTenantResult;
}

/// <summary>
/// The customers' tenants. The row decides where credentials are sent, so it is sealed: <see cref="GetAsync"/> refuses one that was changed
/// outside the hub, lists mark it, and either leaves an audit record. Every change writes an audit record in its own transaction. Thread safe.
/// </summary>
public sealed class TenantStore(Database database, AuditLog audit, RowSeal seal, CloudCatalog clouds, TimeProvider time)
{
    private const string Select =
        """
        SELECT t.tenant_key AS TenantKey, t.tenant_id AS TenantId, t.customer_id AS CustomerId, c.name AS CustomerName, t.cloud AS Cloud, t.region AS Region,
               t.created_at AS CreatedAt, t.seal AS Seal
        FROM tenants t JOIN customers c ON c.customer_id = t.customer_id
        """;

    /// <summary>Adds a tenant to a customer.</summary>
    public Task<AddTenantResult> AddAsync(Actor actor, TenantId tenant, CustomerId customer, string cloud, string? region, CancellationToken cancellationToken) =>
        database.WriteAsync(write => AddAsync(write, actor, tenant, customer, cloud, region), cancellationToken);

    /// <summary>The tenant, or null.</summary>
    /// <exception cref="SealBrokenException">The row was changed outside the hub.</exception>
    public async Task<TenantRecord?> GetAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE t.tenant_id = @tenant", new { tenant = tenant.ToString() });
        if (row is null) return null;
        return IsSealed(row) ? row.ToRecord() : throw await audit.BrokenSeals.RefuseAsync(database, "tenant", row.TenantId, tenant, cancellationToken);
    }

    /// <summary>Every tenant, in the order of their keys.</summary>
    public async Task<IReadOnlyList<TenantRecord>> ListAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await ReadAsync(await connection.QueryAsync<Row>(Select + " ORDER BY t.tenant_key"), cancellationToken);
    }

    /// <summary>A page, in the order of their keys.</summary>
    /// <param name="afterKey">Tenants with a greater key; 0 from the beginning.</param>
    /// <param name="max">1 to 10,000.</param>
    /// <param name="only">Only these customers', and of those only intact rows; null for all. An empty set gives an empty page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<TenantRecord>> ListAsync(long afterKey, int max, IReadOnlySet<CustomerId>? only, CancellationToken cancellationToken)
    {
        var owned = only is null ? "" : $" AND t.customer_id IN ({SqlList.Of(only.Select(id => id.Value))})";
        await using var connection = await database.OpenAsync(cancellationToken);
        max = Math.Clamp(max, 1, 10_000);
        var page = new List<TenantRecord>();
        while (true)
        {
            var wanted = max - page.Count;
            var rows = await connection.QueryAsync<Row>($"{Select} WHERE t.tenant_key > @afterKey{owned} ORDER BY t.tenant_key LIMIT @wanted", new { afterKey, wanted });
            var read = await ReadAsync(rows, cancellationToken);
            page.AddRange(read.Where(tenant => tenant.Intact || only is null));
            if (read.Count < wanted || page.Count == max) return page;
            afterKey = read[^1].TenantKey;
        }
    }

    /// <summary>All intact tenants of one customer, oldest first.</summary>
    public Task<IReadOnlyList<TenantRecord>> ListAsync(CustomerId customer, CancellationToken cancellationToken) => ListAsync([customer], cancellationToken);

    /// <summary>All intact tenants of some customers, oldest first: a row that was changed outside the hub makes nobody see another customer's alerts.</summary>
    public async Task<IReadOnlyList<TenantRecord>> ListAsync(IReadOnlyCollection<CustomerId> customers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customers);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>($"{Select} WHERE t.customer_id IN ({SqlList.Of(customers.Select(id => id.Value))}) ORDER BY t.tenant_key");
        return (await ReadAsync(rows, cancellationToken)).FindAll(tenant => tenant.Intact);
    }

    /// <summary>The tenants of these small keys, by key; unknown keys are left out.</summary>
    public async Task<IReadOnlyDictionary<long, TenantRecord>> FindByKeysAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>($"{Select} WHERE t.tenant_key IN ({SqlList.Of(keys)})");
        return (await ReadAsync(rows, cancellationToken)).ToDictionary(tenant => tenant.TenantKey);
    }

    internal async Task<AddTenantResult> AddAsync(WriteTransaction write, Actor actor, TenantId tenant, CustomerId customer, string cloud, string? region)
    {
        if (clouds.Find(cloud) is not { } known)
            return new AddTenantResult.Refused($"The cloud '{cloud}' is not configured; known are {string.Join(", ", clouds.Names)}.", "cloud");
        var wanted = string.IsNullOrWhiteSpace(region) ? null : region.Trim().ToLowerInvariant();
        if (wanted is not null && !known.DefenderRegions.ContainsKey(wanted) && !known.ExporterRegions.ContainsKey(wanted))
        {
            var regions = known.DefenderRegions.Keys.Union(known.ExporterRegions.Keys).ToList();
            return new AddTenantResult.Refused($"The cloud '{known.Name}' has no region '{wanted}'; leave it empty{(regions.Count > 0 ? $" or use one of: {string.Join(", ", regions)}" : "")}.", "region");
        }

        var name = await write.Connection.QuerySingleOrDefaultAsync<string>(
            "SELECT name FROM customers WHERE customer_id = @customer", new { customer = customer.ToString() }, write.Transaction);
        if (name is null) return new AddTenantResult.Refused("There is no such customer.", "customer");
        var existing = await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE t.tenant_id = @tenant", new { tenant = tenant.ToString() }, write.Transaction);
        if (existing is not null)
        {
            return IsSealed(existing) && existing.ToRecord() is var record && record.Customer == customer && record.Cloud == known.Name && record.Region == wanted
                ? new AddTenantResult.Unchanged(record)
                : new AddTenantResult.Refused($"The tenant '{tenant}' is known already, with another customer, cloud or region.", "id");
        }

        var key = await write.Connection.ExecuteScalarAsync<long>("UPDATE counters SET value = value + 1 WHERE name = 'tenant_key' RETURNING value", transaction: write.Transaction);
        var now = time.GetUtcNow();
        var added = new TenantRecord(key, tenant, customer, name, known.Name, wanted) { CreatedAt = now };
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO tenants (tenant_key, tenant_id, customer_id, cloud, region, created_at, seal)
            VALUES (@key, @tenant, @customer, @cloud, @region, @now, @seal)
            """,
            new
            {
                key,
                tenant = tenant.ToString(),
                customer = customer.ToString(),
                cloud = known.Name,
                region = wanted,
                now = now.UtcTicks,
                seal = seal.Compute("tenants", key, tenant.ToString(), customer.ToString(), known.Name, wanted),
            },
            write.Transaction);
        await audit.AppendAsync(write, new AuditEntry("tenant.added", actor, tenant, customer.ToString(), $"cloud={known.Name}"));
        return new AddTenantResult.Added(added);
    }

    private async Task<List<TenantRecord>> ReadAsync(IEnumerable<Row> rows, CancellationToken cancellationToken)
    {
        var records = rows.Select(row => row.ToRecord() with { Intact = IsSealed(row) }).ToList();
        foreach (var broken in records.Where(record => !record.Intact))
        {
            await audit.BrokenSeals.NoteAsync(database, "tenant", broken.Id.ToString(), broken.Id, cancellationToken);
        }

        return records;
    }

    private bool IsSealed(Row row) => seal.Fits(row.Seal, "tenants", row.TenantKey, row.TenantId, row.CustomerId, row.Cloud, row.Region);

    private sealed record Row(long TenantKey, string TenantId, string CustomerId, string CustomerName, string Cloud, string? Region, long CreatedAt, byte[]? Seal)
    {
        public TenantRecord ToRecord() => new(TenantKey, new TenantId(Guid.Parse(TenantId)), new CustomerId(Guid.Parse(CustomerId)), CustomerName, Cloud, Region)
        {
            CreatedAt = new DateTimeOffset(CreatedAt, TimeSpan.Zero),
        };
    }
}
