using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Hub.Customers;

/// <summary>One named cloud, checked.</summary>
public sealed record Cloud
{
    /// <summary>As tenants name it; lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Base of the sign-in service, https, ending in <c>/</c>.</summary>
    public required Uri Login { get; init; }

    /// <summary>Base of Graph, ending in <c>/</c>, without version.</summary>
    public required Uri Graph { get; init; }

    /// <summary>Resource identifier of Graph; <c>/.default</c> is appended for app-only tokens.</summary>
    public required string GraphResource { get; init; }

    /// <summary>Resource identifier of the Defender API.</summary>
    public required string DefenderResource { get; init; }

    /// <summary>Resource identifier of the legacy exporter.</summary>
    public required string ExporterResource { get; init; }

    /// <summary>True when sign-in is one of Microsoft's own hosts; false for a stand-in, for which instance discovery is off.</summary>
    public required bool IsMicrosoft { get; init; }

    /// <summary>CA certificates believed for this cloud instead of the configured ones, or null.</summary>
    public X509Certificate2Collection? TrustedCa { get; init; }

    /// <summary>Base of the Defender API outside any region.</summary>
    public required Uri Defender { get; init; }

    /// <summary>Base of the legacy exporter outside any region; null when the cloud has none.</summary>
    public required Uri? Exporter { get; init; }

    /// <summary>Defender addresses by region.</summary>
    public required IReadOnlyDictionary<string, Uri> DefenderRegions { get; init; }

    /// <summary>Exporter addresses by region.</summary>
    public required IReadOnlyDictionary<string, Uri> ExporterRegions { get; init; }

    /// <summary>Base of the Defender API in a region, ending in <c>/</c>, without <c>api</c>; the global address when the region is null or has none of its own.</summary>
    public Uri DefenderIn(string? region) => region is not null && DefenderRegions.TryGetValue(region, out var address) ? address : Defender;

    /// <summary>Base of the legacy exporter in a region, ending in <c>/</c>, without <c>api</c>; null when there is none.</summary>
    public Uri? ExporterIn(string? region) => region is not null && ExporterRegions.TryGetValue(region, out var address) ? address : Exporter;
}
