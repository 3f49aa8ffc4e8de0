using Bailiwick.Twin.Faults;
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
public sealed record TwinServices(
    TwinStore Store,
    TwinClock Clock,
    TwinDirectory Directory,
    ITwinTokenReader Tokens,
    TwinFaults Faults,
    TwinOptions Options,
    TwinRandom Random)
{
    /// <summary>Signs people in to the twin's own pages.</summary>
    internal Entra.FirstPartySignIn? SignIn { get; init; }
}
