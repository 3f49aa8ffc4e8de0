namespace Bailiwick.Twin.World.Alerts;

/// <summary>What the endpoint families of the alert planes share.</summary>
internal sealed record PlaneServices(TwinAlerts Alerts, ITwinTokenReader Tokens, Func<Guid, TwinTenant?> FindTenant, RateLimits Limits, TwinClock Clock)
{
    /// <summary>The knobs in force for a tenant.</summary>
    public AlertKnobs Knobs(Guid tenant) => Alerts.Policy.Of(tenant);

    /// <summary>The oldest time of update still returned; 0 when everything is kept.</summary>
    public long OldestUpdate(AlertKnobs knobs) =>
        knobs.RetentionDays is > 0 and var days ? Clock.GetUtcNow().UtcTicks - TimeSpan.FromDays(days).Ticks : 0;
}
