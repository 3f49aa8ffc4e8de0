using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>What an operator stores for Azure Monitor; the application's client secret is the sink's secret and never stands here.</summary>
/// <param name="Endpoint">The logs ingestion endpoint of the data collection endpoint or rule.</param>
/// <param name="Rule">The immutable id of the data collection rule: <c>dcr-</c> and 32 hex digits.</param>
/// <param name="Stream">A stream that the rule declares, such as <c>Custom-BailiwickAlerts_CL</c>.</param>
/// <param name="Cloud">A cloud's name, as tenants have it; <c>public</c> unless given.</param>
/// <param name="Tenant">The Entra tenant of the application that may write.</param>
/// <param name="ClientId">That application.</param>
/// <param name="Format">What stands in the column <c>Alert</c>.</param>
/// <param name="Compress">Whether bodies are sent as gzip; off by default.</param>
/// <param name="MaxBodyBytes">The largest body sent, before compression; 1,000,000 unless given, no more than the service's 1 MiB.</param>
/// <param name="CaFile">PEM file of the CAs to trust for the endpoint alone; null for the system's own.</param>
public sealed partial record AzureLogsSettings(
    Uri Endpoint, string Rule, string Stream, string Cloud, Guid Tenant, Guid ClientId, AlertFormat Format, bool Compress, int MaxBodyBytes, string? CaFile)
{
    private static readonly Uri s_none = new("https://invalid.invalid");

    /// <summary>Where records go. Source: "Logs Ingestion API in Azure Monitor", Azure Monitor documentation (read 2026).</summary>
    public Uri Address => new(Endpoint, $"/dataCollectionRules/{Rule}/streams/{Stream}?api-version=2023-01-01");

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static AzureLogsSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var read = new AzureLogsSettings(
            reader.Address("endpoint", "https://host, such as https://name.westeurope-1.ingest.monitor.azure.com, without user, path and query", url => url.AbsolutePath == "/") ?? s_none,
            reader.Text("rule", required: true) ?? "",
            reader.Text("stream", required: true) ?? "",
            reader.Text("cloud", limit: 64) ?? "public",
            reader.Id("tenant"),
            reader.Id("clientId"),
            reader.Format("format"),
            reader.Flag("compress", false),
            reader.Whole("maxBodyBytes", 10_000, 1 << 20, 1_000_000),
            reader.FullPath("caFile"));
        if (read.Rule.Length > 0 && !RulePattern().IsMatch(read.Rule)) reader.Fault("'rule' is not the immutable id of a data collection rule: dcr- and 32 hex digits.");
        if (read.Stream.Length > 0 && !StreamPattern().IsMatch(read.Stream)) reader.Fault("'stream' is not Custom- or Microsoft- and a name of letters, digits, '_' and '-'.");
        faults = reader.Faults();
        return read;
    }

    [GeneratedRegex(@"\Adcr-[0-9a-f]{32}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex RulePattern();

    [GeneratedRegex(@"\A(Custom|Microsoft)-[A-Za-z0-9_-]{1,100}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex StreamPattern();
}
