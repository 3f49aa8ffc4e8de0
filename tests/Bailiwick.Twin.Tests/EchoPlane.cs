using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Tests;

/// <summary>The smallest plane: answers its own base address, and the caller's tenant.</summary>
internal sealed class EchoPlane(TwinServices services) : ITwinPlane, IDisposable
{
    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/graph/v1.0/echo", (HttpContext context) => TwinAddress.PlaneBase(context, "/graph"));
        routes.MapGet("/graph/v1.0/who", (HttpContext context) => services.Tokens.Read(context.Request.Headers.Authorization, ["https://graph.microsoft.com"], out var caller) ?? caller!.TenantId.ToString());
    }

    public void MapControl(IEndpointRouteBuilder control) => control.MapGet("/echo", () => services.Random.Seed);
}
