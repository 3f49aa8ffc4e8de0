using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bailiwick.Api;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>What a format needs besides the alert itself.</summary>
/// <param name="Version">The version to write.</param>
/// <param name="Customer">Who owns the tenant.</param>
/// <param name="CustomerName">For people; may change over time.</param>
public readonly record struct AlertRecord(AlertVersion Version, CustomerId Customer, string CustomerName);

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

/// <summary>The upstream JSON untouched beside our routing fields: <c>{"alert":{…},"bailiwick":{…}}</c>.</summary>
public static class RawEnvelope
{
    private static readonly JsonEncodedText Alert = JsonEncodedText.Encode("alert");
    private static readonly JsonEncodedText Bailiwick = JsonEncodedText.Encode("bailiwick");

    /// <summary>Writes one record without a line end.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, in AlertRecord record)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        json.WriteStartObject();
        json.WritePropertyName(Alert);
        JsonOutput.WriteOneLine(json, view.Json);
        json.WriteStartObject(Bailiwick);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
        JsonOutput.Return(json);
    }
}

/// <summary>The JSON writer of this thread: reused, compact, escapes controls, quotes, backslashes and line separators.</summary>
internal static class JsonOutput
{
    // Everything that could end a line or a string is escaped; what HTML minds is not, since none of these formats is shown as HTML unencoded.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 256 };

    [ThreadStatic]
    private static Utf8JsonWriter? s_spare;

    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var json = s_spare ?? new Utf8JsonWriter(output, Options);
        s_spare = null;
        json.Reset(output);
        return json;
    }

    /// <summary>Flushes and gives the writer back.</summary>
    public static void Return(Utf8JsonWriter json)
    {
        json.Flush();
        json.Reset();
        s_spare = json;
    }

    /// <summary>Writes checked JSON as it stands; line ends between tokens, the only place where JSON has them, become blanks.</summary>
    public static void WriteOneLine(Utf8JsonWriter json, ReadOnlySpan<byte> checkedJson)
    {
        if (checkedJson.IndexOfAny((byte)'\n', (byte)'\r') < 0)
        {
            json.WriteRawValue(checkedJson, skipInputValidation: true);
            return;
        }

        var copy = ArrayPool<byte>.Shared.Rent(checkedJson.Length);
        checkedJson.CopyTo(copy);
        var line = copy.AsSpan(0, checkedJson.Length);
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
        json.WriteRawValue(line, skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(copy);
    }
}
