using Bailiwick.Hub.Customers;

namespace Bailiwick.Hub.Delivery;

/// <summary>The tenants by their small keys, read again when one is unknown or a minute has passed. Thread safe.</summary>
public sealed class TenantNames(TenantStore tenants, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Snapshot _snapshot = new([], DateTimeOffset.MinValue);

    /// <summary>The tenant of that key, or null.</summary>
    public async ValueTask<TenantRecord?> FindAsync(long tenantKey, CancellationToken cancellationToken)
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

    private async Task<Snapshot> ReadAsync(CancellationToken cancellationToken) =>
        new((await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.TenantKey), time.GetUtcNow());

    private sealed record Snapshot(Dictionary<long, TenantRecord> ByKey, DateTimeOffset ReadAt);
}
