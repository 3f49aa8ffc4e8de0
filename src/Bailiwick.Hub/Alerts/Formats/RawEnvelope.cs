using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>The upstream JSON untouched beside our routing fields: <c>{"alert":{…},"bailiwick":{…}}</c>.</summary>
internal static class RawEnvelope
{
    private static readonly JsonEncodedText Alert = JsonEncodedText.Encode("alert");
    private static readonly JsonEncodedText Bailiwick = JsonEncodedText.Encode("bailiwick");

    /// <summary>Writes the envelope as one value of an open writer.</summary>
    public static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        json.WriteStartObject();
        json.WritePropertyName(Alert);
        JsonOutput.WriteOneLine(json, view.Json);
        json.WriteStartObject(Bailiwick);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
