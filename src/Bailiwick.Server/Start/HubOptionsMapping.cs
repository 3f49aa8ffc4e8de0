using Bailiwick.Hub;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Outbound;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Server.Start;

/// <summary>From the server's configuration to the options of the hub's words.</summary>
internal static class HubOptionsMapping
{
    public static HubOptions ToHubOptions(this ServerOptions options)
    {
        var outbound = new OutboundOptions
        {
            AllowLoopback = options.Profile != Profile.Production,
            Proxy = options.Proxy is { } proxy ? new Uri(proxy) : null,
        };
        outbound.AllowedPorts.Clear();
        foreach (var port in options.AllowedPorts) outbound.AllowedPorts.Add(port);
        foreach (var endpoint in options.AllowedPrivateEndpoints) outbound.AllowedPrivateEndpoints.Add(endpoint);
        return new HubOptions
        {
            DataDirectory = options.Data,
            Outbound = outbound,
            Clouds = options.Clouds.ToDictionary(pair => pair.Key, pair => ToHub(pair.Value), StringComparer.Ordinal),
            Collectors = options.Sources.ToDictionary(pair => pair.Key, pair => ToHub(pair.Value), StringComparer.Ordinal),
        };
    }

    private static Hub.Customers.CloudOptions ToHub(CloudOptions cloud)
    {
        var mapped = new Hub.Customers.CloudOptions
        {
            Login = cloud.Login,
            Graph = cloud.Graph,
            Defender = cloud.Defender,
            Exporter = cloud.Exporter,
            ExtraCaFile = cloud.CaFile,
        };
        foreach (var (region, own) in cloud.Regions)
        {
            if (own.Defender is { } defender) mapped.DefenderRegions[region] = defender;
            if (own.Exporter is { } exporter) mapped.ExporterRegions[region] = exporter;
        }

        return mapped;
    }

    private static CollectorOptions ToHub(SourceOptions source) => new()
    {
        Enabled = source.Enabled,
        PollInterval = source.PollInterval,
        Overlap = source.Overlap,
        Settle = source.Settle,
        HourlySweep = source.HourlySweep,
        DailySweep = source.DailySweep,
    };
}
