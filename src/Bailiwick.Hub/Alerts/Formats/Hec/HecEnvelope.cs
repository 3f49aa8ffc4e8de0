using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Hec;

/// <summary>Splunk's metadata of every event; from configuration only, null leaves the choice to the receiver's token.</summary>
/// <param name="Index">The index.</param>
/// <param name="Source">The source.</param>
/// <param name="SourceType">The source type, for example <c>ms:defender:atp:alerts</c> with raw events of the Defender source.</param>
/// <param name="Host">The host.</param>
/// <param name="Format">What the event is.</param>
public sealed record HecMetadata(string? Index, string? Source, string? SourceType, string? Host, AlertFormat Format);

/// <summary>
/// One event envelope of Splunk's HTTP event collector; several are simply concatenated. <c>time</c> is the version's own update time in epoch seconds,
/// <c>fields</c> are flat strings under our names. Source: "Format events for HTTP Event Collector", Splunk Enterprise documentation (read 2026).
/// </summary>
public static class HecEnvelope
{
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText Host = JsonEncodedText.Encode("host");
    private static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
    private static readonly JsonEncodedText SourceType = JsonEncodedText.Encode("sourcetype");
    private static readonly JsonEncodedText Index = JsonEncodedText.Encode("index");
    private static readonly JsonEncodedText Event = JsonEncodedText.Encode("event");
    private static readonly JsonEncodedText Fields = JsonEncodedText.Encode("fields");

    /// <summary>Writes one envelope.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, in AlertRecord record, HecMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        json.WriteStartObject();
        json.WritePropertyName(Time);
        Span<byte> time = stackalloc byte[32];
        (record.Version.UpdatedAt.ToUnixTimeMilliseconds() / 1000m).TryFormat(time, out var digits, "0.000", CultureInfo.InvariantCulture);
        json.WriteRawValue(time[..digits], skipInputValidation: true);
        if (metadata.Host is not null) json.WriteString(Host, metadata.Host);
        if (metadata.Source is not null) json.WriteString(Source, metadata.Source);
        if (metadata.SourceType is not null) json.WriteString(SourceType, metadata.SourceType);
        if (metadata.Index is not null) json.WriteString(Index, metadata.Index);
        json.WritePropertyName(Event);
        metadata.Format.WriteEvent(json, view, record);
        json.WriteStartObject(Fields);
        var version = record.Version;
        json.WriteString("bailiwick_key"u8, version.Key);
        json.WriteString("bailiwick_tenant_id"u8, version.Tenant.ToString());
        json.WriteString("bailiwick_customer_id"u8, record.Customer.ToString());
        json.WriteString("bailiwick_customer"u8, record.CustomerName);
        json.WriteString("bailiwick_source"u8, version.Source);
        json.WriteString("bailiwick_log_number"u8, version.LogNumber.ToString(CultureInfo.InvariantCulture));
        json.WriteString("bailiwick_alert_id"u8, version.AlertId);
        json.WriteString("bailiwick_replayed"u8, version.Replayed ? "true"u8 : "false"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        JsonOutput.Return(json);
    }
}
