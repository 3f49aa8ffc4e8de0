using System.Buffers;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

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
