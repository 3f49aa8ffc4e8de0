using Bailiwick.Twin.Faults;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin;

/// <summary>What every plane of one running twin shares.</summary>
/// <param name="Store">The file on disk (or memory).</param>
/// <param name="Clock">The virtual clock; the only clock a plane may read.</param>
/// <param name="Directory">Tenants, people, applications and what they were granted.</param>
/// <param name="Tokens">Checks bearer tokens that the twin issued.</param>
/// <param name="Faults">Rules that break answers; the host applies them before a plane is called.</param>
/// <param name="Options">As given at start.</param>
/// <param name="Random">Seeded source of invented data.</param>
/// <param name="Switches">Behaviours a rehearsal may turn on and off.</param>
/// <param name="Audit">Directory audit log and sign-in log of every tenant.</param>
/// <param name="Timeline">What happens by itself as the virtual clock moves.</param>
/// <param name="Snapshots">Takes and restores one tenant as a whole; whoever keeps state of tenants adds its part.</param>
public sealed record TwinServices(
    TwinStore Store,
    TwinClock Clock,
    TwinDirectory Directory,
    ITwinTokenReader Tokens,
    TwinFaults Faults,
    TwinOptions Options,
    TwinRandom Random,
    TwinSwitches Switches,
    TwinAuditLog Audit,
    TwinTimeline Timeline,
    TwinSnapshots Snapshots)
{
    /// <summary>The store where state outlives the twin; null when the world stays in memory.</summary>
    public TwinStore? Durable => Options.DataDirectory is null ? null : Store;

    /// <summary>Signs people in to the twin's own pages.</summary>
    internal Entra.FirstPartySignIn? SignIn { get; init; }

    /// <summary>Budgets of the directory, spent only while the switch is on.</summary>
    internal DirectoryThrottle Throttle { get; } = new(Clock);
}
