using System.Collections.Concurrent;

namespace Bailiwick.Twin.Faults;

/// <summary>How many requests were answered.</summary>
/// <param name="Plane"><c>signin</c>, <c>graph</c>, <c>defender</c> or <c>exporter</c>.</param>
/// <param name="Tenant">The tenant the request was about; null when it named none.</param>
/// <param name="Status">HTTP status; 0 when the connection ended before any.</param>
/// <param name="Requests">Their number since start or the last reset.</param>
public sealed record RequestCount(string Plane, Guid? Tenant, int Status, long Requests);

/// <summary>Counts requests per plane, tenant and status. Thread safe.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<(string Plane, Guid? Tenant, int Status), StrongBox> _counts = new();

    private int _open;

    /// <summary>Requests being answered at this moment.</summary>
    public int Open => Volatile.Read(ref _open);

    public void Begin() => Interlocked.Increment(ref _open);

    public void End() => Interlocked.Decrement(ref _open);

    public void Count(string plane, Guid? tenant, int status) => Interlocked.Increment(ref _counts.GetOrAdd((plane, tenant, status), static _ => new StrongBox()).Value);

    public IReadOnlyList<RequestCount> Read() =>
        [.. _counts.Select(pair => new RequestCount(pair.Key.Plane, pair.Key.Tenant, pair.Key.Status, Interlocked.Read(ref pair.Value.Value))).OrderBy(count => count.Plane, StringComparer.Ordinal).ThenBy(count => count.Tenant).ThenBy(count => count.Status)];

    public void Reset() => _counts.Clear();

    private sealed class StrongBox
    {
        public long Value;
    }
}
