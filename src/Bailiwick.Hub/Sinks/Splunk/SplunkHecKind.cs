using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Hec;

namespace Bailiwick.Hub.Sinks.Splunk;

/// <summary>What an operator stores for a Splunk HEC sink; the token is the sink's secret and never stands here.</summary>
/// <param name="Url">The collector's address, for example <c>https://splunk.example:8088</c>.</param>
/// <param name="Metadata">Index, source, source type, host and the event's format.</param>
/// <param name="Acknowledgement">Whether the token has indexer acknowledgement on; then "delivered" waits for it.</param>
/// <param name="Compress">Whether bodies are sent as gzip; off by default.</param>
/// <param name="MaxBodyBytes">The largest body sent, before compression; 1,000,000 unless given (Splunk Cloud's limit, read 2026).</param>
/// <param name="CaFile">PEM file of the CAs to trust for this receiver alone; null for the system's own.</param>
public sealed record SplunkHecSettings(Uri Url, HecMetadata Metadata, bool Acknowledgement, bool Compress, int MaxBodyBytes, string? CaFile)
{
    private const string EventPath = "/services/collector/event";
    private static readonly Uri s_none = new("https://invalid.invalid");

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static SplunkHecSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var url = reader.Address("url", "https://host[:port] (or http for a local receiver) without user, query and any path but /services/collector[/event]", IsCollector);
        var read = new SplunkHecSettings(
            new Uri(url ?? s_none, EventPath),
            new HecMetadata(reader.Text("index"), reader.Text("source"), reader.Text("sourcetype"), reader.Text("host"), reader.Format("format")),
            reader.Flag("acknowledgement", false),
            reader.Flag("compress", false),
            reader.Whole("maxBodyBytes", 10_000, 100_000_000, 1_000_000),
            reader.FullPath("caFile"));
        faults = reader.Faults();
        return read;
    }

    private static bool IsCollector(Uri url) => url.AbsolutePath is "/" or "/services/collector" or "/services/collector/" or EventPath;
}

/// <summary>Splunk's HTTP event collector.</summary>
public sealed class SplunkHecKind() : SinkKind<SplunkHecSettings>(
    "splunk-hec",
    "Splunk's HTTP event collector; confirmed with indexer acknowledgement, accepted without.",
    needsSecret: true)
{
    /// <inheritdoc/>
    protected override SplunkHecSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => SplunkHecSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(SplunkHecSettings settings) => settings.Acknowledgement ? SinkClass.Confirmed : SinkClass.Accepted;

    /// <inheritdoc/>
    protected override ISink Create(SplunkHecSettings settings, SinkCreation creation) =>
        new SplunkHecSink(settings, creation.NeededSecret, creation.HttpClient(settings.CaFile), creation.Time);
}
