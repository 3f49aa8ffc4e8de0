namespace Bailiwick.Hub.Customers;

/// <summary>Addresses of one named cloud (<c>Clouds:name</c>). Unset values of a built-in cloud keep Microsoft's addresses.</summary>
public sealed class CloudOptions
{
    /// <summary>Base of the sign-in service; always https, no path: <c>https://login.microsoftonline.com</c>.</summary>
    public string? Login { get; set; }

    /// <summary>Base of Microsoft Graph without version: <c>https://graph.microsoft.com</c>.</summary>
    public string? Graph { get; set; }

    /// <summary>Base of the Defender API without <c>/api</c>: <c>https://api.security.microsoft.com</c>.</summary>
    public string? Defender { get; set; }

    /// <summary>Base of the legacy alert exporter without <c>/api</c>.</summary>
    public string? Exporter { get; set; }

    /// <summary>Defender addresses by region (<c>us</c>, <c>eu</c>, <c>uk</c>, <c>au</c>, <c>swa</c>).</summary>
    public IDictionary<string, string> DefenderRegions { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Exporter addresses by region (<c>us</c>, <c>eu</c>, <c>uk</c>).</summary>
    public IDictionary<string, string> ExporterRegions { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The resource that Graph tokens are for; null means Graph's identifier in the public cloud.</summary>
    public string? GraphResource { get; set; }

    /// <summary>The resource that Defender tokens are for; null means Defender's identifier in the public cloud.</summary>
    public string? DefenderResource { get; set; }

    /// <summary>The resource that exporter tokens are for; null means the exporter's identifier.</summary>
    public string? ExporterResource { get; set; }

    /// <summary>Trusted CA certificates (PEM) for this cloud, believed instead of the configured ones; null for those.</summary>
    public string? ExtraCaFile { get; set; }
}
