using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>
/// The fields every delivered record carries under our own names, whatever its format: <c>key, tenant_id, customer_id, customer, source, log_number,
/// alert_id, version_updated, replayed</c>.
/// </summary>
public static class RoutingFields
{
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText TenantId = JsonEncodedText.Encode("tenant_id");
    private static readonly JsonEncodedText CustomerId = JsonEncodedText.Encode("customer_id");
    private static readonly JsonEncodedText Customer = JsonEncodedText.Encode("customer");
    private static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
    private static readonly JsonEncodedText LogNumber = JsonEncodedText.Encode("log_number");
    private static readonly JsonEncodedText AlertId = JsonEncodedText.Encode("alert_id");
    private static readonly JsonEncodedText VersionUpdated = JsonEncodedText.Encode("version_updated");
    private static readonly JsonEncodedText Replayed = JsonEncodedText.Encode("replayed");

    /// <summary>Writes the fields into the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, in AlertRecord record)
    {
        ArgumentNullException.ThrowIfNull(json);
        var version = record.Version;
        Span<char> id = stackalloc char[36];
        json.WriteString(Key, version.Key);
        version.Tenant.Value.TryFormat(id, out _);
        json.WriteString(TenantId, id);
        record.Customer.Value.TryFormat(id, out _);
        json.WriteString(CustomerId, id);
        json.WriteString(Customer, record.CustomerName);
        json.WriteString(Source, version.Source);
        json.WriteNumber(LogNumber, version.LogNumber);
        json.WriteString(AlertId, version.AlertId);
        json.WriteString(VersionUpdated, version.UpdatedAt.UtcDateTime);
        json.WriteBoolean(Replayed, version.Replayed);
    }
}
