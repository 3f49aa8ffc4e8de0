using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>
/// One row: <c>TimeGenerated, Key, EntraTenantId, CustomerId, Customer, Source, LogNumber, AlertId, VersionUpdated, Replayed, Alert</c>. The names avoid those that Azure
/// Monitor keeps for itself (<c>TenantId</c> is the workspace there). Source: "Add or delete tables and columns in Azure Monitor Logs", Azure Monitor documentation (read 2026).
/// </summary>
internal static class AzureLogsRecord
{
    private static readonly JsonEncodedText TimeGenerated = JsonEncodedText.Encode("TimeGenerated");
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("Key");
    private static readonly JsonEncodedText EntraTenantId = JsonEncodedText.Encode("EntraTenantId");
    private static readonly JsonEncodedText CustomerId = JsonEncodedText.Encode("CustomerId");
    private static readonly JsonEncodedText Customer = JsonEncodedText.Encode("Customer");
    private static readonly JsonEncodedText Source = JsonEncodedText.Encode("Source");
    private static readonly JsonEncodedText LogNumber = JsonEncodedText.Encode("LogNumber");
    private static readonly JsonEncodedText AlertId = JsonEncodedText.Encode("AlertId");
    private static readonly JsonEncodedText VersionUpdated = JsonEncodedText.Encode("VersionUpdated");
    private static readonly JsonEncodedText Replayed = JsonEncodedText.Encode("Replayed");
    private static readonly JsonEncodedText Alert = JsonEncodedText.Encode("Alert");

    /// <summary>Writes one row.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, AlertRecord record, AlertFormat format)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        var version = record.Version;
        json.WriteStartObject();
        json.WriteString(TimeGenerated, version.UpdatedAt.UtcDateTime);
        json.WriteString(Key, version.Key);
        json.WriteString(EntraTenantId, version.Tenant.Value);
        json.WriteString(CustomerId, record.Customer.Value);
        json.WriteString(Customer, record.CustomerName);
        json.WriteString(Source, version.Source);
        json.WriteNumber(LogNumber, version.LogNumber);
        json.WriteString(AlertId, version.AlertId);
        json.WriteString(VersionUpdated, version.UpdatedAt.UtcDateTime);
        json.WriteBoolean(Replayed, version.Replayed);
        json.WritePropertyName(Alert);
        format.WriteEvent(json, view, record);
        json.WriteEndObject();
        JsonOutput.Return(json);
    }
}
