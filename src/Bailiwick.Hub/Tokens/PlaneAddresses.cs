using Bailiwick.Hub.Customers;

namespace Bailiwick.Hub.Tokens;

/// <summary>Where the planes of a tenant are.</summary>
public static class PlaneAddresses
{
    /// <summary>The plane's base address for tenants of a region; null when the cloud has none there.</summary>
    public static Uri? AddressOf(this Cloud cloud, TokenAudience audience, string? region)
    {
        ArgumentNullException.ThrowIfNull(cloud);
        return audience switch
        {
            TokenAudience.Graph => cloud.Graph,
            TokenAudience.Defender => cloud.DefenderIn(region),
            TokenAudience.Exporter => cloud.ExporterIn(region),
            _ => throw new ArgumentOutOfRangeException(nameof(audience), audience, "No such plane."),
        };
    }
}
