using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin;

/// <summary>A part of Microsoft's side that the twin's host serves beside sign-in.</summary>
public interface ITwinPlane
{
    /// <summary>Adds the plane's routes, under its own prefix, to the TLS port.</summary>
    void Map(IEndpointRouteBuilder routes);

    /// <summary>Adds the plane's routes to the control port.</summary>
    void MapControl(IEndpointRouteBuilder control);
}
