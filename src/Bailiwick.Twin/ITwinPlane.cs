using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin;

/// <summary>One of the planes behind sign-in: its routes on the TLS port, and its part of the control API.</summary>
public interface ITwinPlane
{
    /// <summary>Adds the plane's routes below its own prefix on the TLS port.</summary>
    void Map(IEndpointRouteBuilder routes);

    /// <summary>Adds the plane's part of the control API.</summary>
    void MapControl(IEndpointRouteBuilder control);

    /// <summary>What the plane keeps of a tenant, for snapshots.</summary>
    IEnumerable<ISnapshotPart> Parts => [];
}
