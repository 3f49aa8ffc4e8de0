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

    /// <summary>
    /// Microsoft's own addresses. Sources: defender-endpoint <c>exposed-apis-list</c> (2025-03), <c>improve-request-performance</c> (2024-05),
    /// <c>pull-alerts-using-rest-api</c> (2020), defender-endpoint <c>gov</c> (2026-01; GCC High), Graph <c>deployments</c> (2025).
    /// </summary>
    public static IDictionary<string, CloudOptions> BuiltIn()
    {
        var world = new CloudOptions
        {
            Login = "https://login.microsoftonline.com",
            Graph = "https://graph.microsoft.com",
            Defender = "https://api.security.microsoft.com",
            Exporter = "https://wdatp-alertexporter-us.windows.com",
        };
        foreach (var region in (string[])["us", "eu", "uk", "au", "swa"])
        {
            world.Regions[region] = new RegionOptions
            {
                Defender = $"https://{region}.api.security.microsoft.com",
                Exporter = region is "us" or "eu" or "uk" ? $"https://wdatp-alertexporter-{region}.windows.com" : null,
            };
        }

        var government = new CloudOptions
        {
            Login = "https://login.microsoftonline.us",
            Graph = "https://graph.microsoft.us",
            Defender = "https://api-gov.securitycenter.microsoft.us",
            Exporter = "https://wdatp-alertexporter-us.securitycenter.windows.us",
        };
        return new Dictionary<string, CloudOptions>(StringComparer.OrdinalIgnoreCase) { ["public"] = world, ["usgov"] = government };
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
