using Bailiwick.Hub.Customers;

namespace Bailiwick.Hub.Delivery;

/// <summary>The tenants by their small keys, read again when one is unknown or a minute has passed. Thread safe.</summary>
public sealed class TenantNames(TenantStore tenants, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Snapshot _snapshot = new([], DateTimeOffset.MinValue);

    /// <summary>The tenant of that key, or null.</summary>
    public async ValueTask<DeliveryTenant?> FindAsync(long tenantKey, CancellationToken cancellationToken)
    {
        var snapshot = _snapshot;
        if (time.GetUtcNow() - snapshot.ReadAt < Freshness && snapshot.ByKey.TryGetValue(tenantKey, out var known)) return known;
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (ReferenceEquals(snapshot, _snapshot)) _snapshot = await ReadAsync(cancellationToken);
            return _snapshot.ByKey.GetValueOrDefault(tenantKey);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        const int PageSize = 10_000;
        var byKey = new Dictionary<long, DeliveryTenant>();
        for (var after = 0L; ;)
        {
            var page = await tenants.ListAsync(after, PageSize, cancellationToken);
            foreach (var tenant in page) byKey[tenant.TenantKey] = new DeliveryTenant(tenant.TenantKey, tenant.Id, tenant.Customer, tenant.CustomerName);
            if (page.Count < PageSize) return new Snapshot(byKey, time.GetUtcNow());
            after = page[^1].TenantKey;
        }
    }

    private sealed record Snapshot(Dictionary<long, DeliveryTenant> ByKey, DateTimeOffset ReadAt);
}
