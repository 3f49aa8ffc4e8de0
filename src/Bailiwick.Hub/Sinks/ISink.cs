using Bailiwick.Api;
using Bailiwick.Hub.Alerts;

namespace Bailiwick.Hub.Sinks;

/// <summary>A receiver of alert versions. One object per configured sink; calls for one tenant never overlap, calls for different tenants may.</summary>
public interface ISink : IAsyncDisposable
{
    /// <summary>Tries once to hand over a batch. Keeps no queue, never waits, never retries: Delivery does.</summary>
    /// <param name="batch">1 to <see cref="AlertBatch.MaxAlerts"/> versions of one tenant's alerts, oldest first.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>What the receiver answered; an answer is never thrown.</returns>
    /// <exception cref="OperationCanceledException">The caller stopped; whether the batch arrived is unknown.</exception>
    Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken);
}

/// <summary>What a sink gets at once.</summary>
/// <param name="Tenant">The tenant all versions belong to.</param>
/// <param name="Customer">The customer who owns the tenant.</param>
/// <param name="CustomerName">The customer's name, for people; may change over time.</param>
/// <param name="Versions">1 to <see cref="MaxAlerts"/> versions, oldest (lowest log number) first.</param>
public sealed record AlertBatch(TenantId Tenant, CustomerId Customer, string CustomerName, IReadOnlyList<AlertVersion> Versions)
{
    /// <summary>The most versions in one batch.</summary>
    public const int MaxAlerts = 1000;
}
