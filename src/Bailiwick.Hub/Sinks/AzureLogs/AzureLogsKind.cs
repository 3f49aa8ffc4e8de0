using System.Text.Json;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>A table of Azure Monitor, and so of Microsoft Sentinel, through the logs ingestion API.</summary>
public sealed class AzureLogsKind() : SinkKind<AzureLogsSettings>(
    "azure-logs",
    "A table of Azure Monitor or Microsoft Sentinel through the logs ingestion API; accepted, the service stores later.",
    needsSecret: true)
{
    /// <inheritdoc/>
    protected override AzureLogsSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => AzureLogsSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(AzureLogsSettings settings) => SinkClass.Accepted;

    /// <inheritdoc/>
    protected override ISink Create(AzureLogsSettings settings, SinkCreation creation) => new AzureLogsSink(
        settings,
        new AzureLogsTokens(settings, creation.NeededSecret, creation.Clouds, creation.Outbound, creation.Time),
        creation.HttpClient(settings.CaFile),
        creation.Time);
}
