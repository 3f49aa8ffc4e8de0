using Bailiwick.Hub.Customers;

namespace Bailiwick.Server.Configuration;

/// <summary>Where Microsoft's planes are to be found in one cloud. Addresses are origins, with a path prefix if the plane has one.</summary>
public sealed class CloudOptions
{
    /// <summary>The sign-in service; always https.</summary>
    public string Login { get; set; } = "";

    /// <summary>Microsoft Graph, without a version.</summary>
    public string Graph { get; set; } = "";

    /// <summary>The Defender API, without <c>/api</c>.</summary>
    public string Defender { get; set; } = "";

    /// <summary>The legacy alert exporter, without <c>/api/alerts</c>; null when the cloud has none.</summary>
    public string? Exporter { get; set; }

    /// <summary>PEM file with CA certificates to trust for this cloud instead of the system's; null means the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>Addresses that differ by region, by the region's short name.</summary>
    public IDictionary<string, RegionOptions> Regions { get; } = new Dictionary<string, RegionOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The Defender address for a tenant's region; the global one when the region has none of its own.</summary>
    public string DefenderFor(string? region) => region is not null && Regions.TryGetValue(region, out var own) && own.Defender is { } address ? address : Defender;

    /// <summary>The exporter address for a tenant's region; null when there is none.</summary>
    public string? ExporterFor(string? region) => region is not null && Regions.TryGetValue(region, out var own) && own.Exporter is { } address ? address : Exporter;

    /// <summary>Microsoft's own addresses, by cloud, as the hub knows them.</summary>
    public static IDictionary<string, CloudOptions> BuiltIn() =>
        CloudCatalog.BuiltIn().ToDictionary(pair => pair.Key, pair => From(pair.Value), StringComparer.OrdinalIgnoreCase);

    private static CloudOptions From(Hub.Customers.CloudOptions builtIn)
    {
        var cloud = new CloudOptions { Login = builtIn.Login!, Graph = builtIn.Graph!, Defender = builtIn.Defender!, Exporter = builtIn.Exporter };
        foreach (var region in builtIn.DefenderRegions.Keys.Union(builtIn.ExporterRegions.Keys))
        {
            cloud.Regions[region] = new RegionOptions
            {
                Defender = builtIn.DefenderRegions.TryGetValue(region, out var defender) ? defender : null,
                Exporter = builtIn.ExporterRegions.TryGetValue(region, out var exporter) ? exporter : null,
            };
        }

        return cloud;
    }
}

/// <summary>Addresses of one region that differ from the cloud's.</summary>
public sealed class RegionOptions
{
    /// <summary>The Defender API; null means the cloud's.</summary>
    public string? Defender { get; set; }

    /// <summary>The legacy alert exporter; null means the cloud's.</summary>
    public string? Exporter { get; set; }
}
