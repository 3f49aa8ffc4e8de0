using Bailiwick.Twin.Defender;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.Portal;
using Bailiwick.Twin.Portal.Mail;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>How the alert planes start.</summary>
public sealed class AlertPlanesOptions
{
    /// <summary>What holds where the control API set nothing; null properties mean the knobs' own defaults.</summary>
    public AlertKnobs Knobs { get; init; } = new();
}

/// <summary>
/// Graph's security part below <c>/graph/v1.0</c> and <c>/graph/beta</c>, the Defender API below <c>/defender/api</c>, the retired
/// exporter below <c>/exporter</c>, and their part of the control API. Thread safe.
/// </summary>
public sealed class AlertPlanes : ITwinPlane, IDisposable
{
    private readonly AlertShelf _shelf;
    private readonly PlaneServices _services;
    private readonly PortalControl? _portalControl;
    private readonly DefenderPortal? _portal;
    private readonly DefenderRoleRoutes? _defenderRoles;
    private readonly AlertMailer? _mail;

    /// <summary>Opens the shelf in the store; alerts of an earlier run are there at once.</summary>
    /// <param name="store">Where alerts, knobs and scopes are kept.</param>
    /// <param name="clock">The virtual clock.</param>
    /// <param name="tokens">Reads the callers' bearer tokens.</param>
    /// <param name="findTenant">A tenant by id, or null; asked on every request, so it must be quick and thread safe.</param>
    /// <param name="options">How to start; null means every default.</param>
    public AlertPlanes(TwinStore store, TwinClock clock, ITwinTokenReader tokens, Func<Guid, TwinTenant?> findTenant, AlertPlanesOptions? options = null)
    {
        _shelf = new AlertShelf(store, clock);
        Alerts = new TwinAlerts(_shelf, new AlertPolicy(store, (options ?? new AlertPlanesOptions()).Knobs), clock, findTenant);
        _services = new PlaneServices(Alerts, tokens, findTenant, new RateLimits(clock), clock);
    }

    /// <summary>
    /// Opens the shelf of a running twin, and its tenants' Defender portals: people with delegated tokens see and do what their roles allow.
    /// </summary>
    /// <param name="twin">What the planes of the twin share.</param>
    /// <param name="options">How to start; null means every default.</param>
    public AlertPlanes(TwinServices twin, AlertPlanesOptions? options = null)
        : this(twin.Store, twin.Clock, twin.Tokens, twin.Directory.FindTenant, options)
    {
        Portals = new DefenderPortals(twin.Store, twin.Directory, Alerts.MadeWorldOf);
        Alerts.Regroup = Portals.Regroup;
        _services = _services with { Portals = Portals };
        _mail = new AlertMailer(twin, Portals, Alerts);
        _defenderRoles = new DefenderRoleRoutes(_services, twin.Directory);
        _portal = new DefenderPortal(twin, _services, _mail);
        _portalControl = new PortalControl(Portals, twin.Directory, twin.Clock);
    }

    /// <summary>The tenants' portals; null when the planes were opened without people.</summary>
    internal DefenderPortals? Portals { get; }

    /// <summary>What can happen to alerts, for callers in the same process.</summary>
    public TwinAlerts Alerts { get; }

    /// <summary>What was set by the control API, globally (null) or for one tenant.</summary>
    public AlertKnobs GetKnobs(Guid? tenant) => Alerts.Policy.Get(tenant);

    /// <summary>What holds for a tenant.</summary>
    public AlertKnobs EffectiveKnobs(Guid tenant) => Alerts.Policy.Of(tenant);

    /// <summary>Replaces the global knobs (null) or one tenant's.</summary>
    public void SetKnobs(Guid? tenant, AlertKnobs knobs) => Alerts.Policy.Set(tenant, knobs);

    /// <summary>Sets which device groups a person sees with delegated tokens; null means all.</summary>
    public void SetScope(Guid tenant, Guid user, IReadOnlyList<string>? groups) => Alerts.Policy.Scope(tenant, user, groups);

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var root in (ReadOnlySpan<string>)["/graph/v1.0", "/graph/beta"])
        {
            new GraphAlertRoutes(_services).Map(routes, root);
            new GraphIncidentRoutes(_services).Map(routes, root);
        }

        foreach (var root in (ReadOnlySpan<string>)["/defender/api", "/defender/api/v1.0"])
        {
            new DefenderAlertRoutes(_services).Map(routes, root);
            new XdrIncidentRoutes(_services).Map(routes, root);
            new MachineRoutes(_services).Map(routes, root);
        }

        new ExporterRoutes(_services).Map(routes);
        _defenderRoles?.Map(routes, "/graph/beta");
        _portal?.Map(routes);
    }

    /// <inheritdoc/>
    public IEnumerable<ISnapshotPart> Parts => Portals is { } portals ? [_shelf.Part, Alerts.Policy.Part, portals.Part] : [_shelf.Part, Alerts.Policy.Part];

    /// <inheritdoc/>
    public void MapControl(IEndpointRouteBuilder control)
    {
        new AlertControl(this).Map(control);
        _portalControl?.Map(control);
    }

    /// <summary>Stops the mail and closes the shelf's connections.</summary>
    public void Dispose()
    {
        _mail?.Dispose();
        _shelf.Dispose();
    }
}
