using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.Webhook;

/// <summary>How records stand in a request.</summary>
public enum WebhookBody
{
    /// <summary>One record per request, as a JSON object.</summary>
    Single,

    /// <summary>A JSON array.</summary>
    Array,

    /// <summary>One JSON object per line, each line ended with LF.</summary>
    Lines,
}

/// <summary>What an operator stores for a webhook; the key of the signature is the sink's secret and never stands here.</summary>
/// <param name="Url">Where requests go.</param>
/// <param name="Format">What a record looks like.</param>
/// <param name="Body">How records stand in a request: <c>single</c> (default), <c>array</c> or <c>ndjson</c>.</param>
/// <param name="MaxBodyBytes">The largest body sent; 1,000,000 unless given.</param>
/// <param name="CaFile">PEM file of the CAs to trust for this receiver alone; null for the system's own.</param>
public sealed record WebhookSettings(Uri Url, AlertFormat Format, WebhookBody Body, int MaxBodyBytes, string? CaFile)
{
    private static readonly Uri s_none = new("https://invalid.invalid");

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static WebhookSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var read = new WebhookSettings(
            reader.Address("url", "https://host[:port][/path] (or http for a local receiver) without user and query; what is secret belongs in no address") ?? s_none,
            reader.Format("format"),
            reader.OneOf("body", "single", "array", "ndjson") switch { "array" => WebhookBody.Array, "ndjson" => WebhookBody.Lines, _ => WebhookBody.Single },
            reader.Whole("maxBodyBytes", 10_000, 100_000_000, 1_000_000),
            reader.FullPath("caFile"));
        faults = reader.Faults();
        return read;
    }
}
