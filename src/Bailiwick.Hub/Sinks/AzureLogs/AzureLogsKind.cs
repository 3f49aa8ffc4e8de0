using System.Text.Json;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>A table of Azure Monitor, and so of Microsoft Sentinel, through the logs ingestion API.</summary>
public sealed class AzureLogsKind : ISinkKind
{
    /// <inheritdoc/>
    public string Name => "azure-logs";

    /// <inheritdoc/>
    public string Summary => "A table of Azure Monitor or Microsoft Sentinel through the logs ingestion API; accepted, the service stores later.";

    /// <inheritdoc/>
    public bool NeedsSecret => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        AzureLogsSettings.Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => SinkClass.Accepted;

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        var settings = AzureLogsSettings.Read(creation.Settings, out _);
        var secret = creation.Secret ?? throw new ArgumentException($"Sink {creation.Name} needs the client secret of its application.");
        var outbound = creation.Outbound;
        var tokens = new AzureLogsTokens(settings, secret, creation.Clouds, outbound, creation.Time);
        return new AzureLogsSink(settings, tokens, () => outbound.CreateHttpClient(SinkFailures.LoadCa(settings.CaFile)), creation.Time);
    }
}
