using System.Buffers;
using System.Text.Json;
using Bailiwick.Wire.Graph;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>From a stored record to the bytes of one plane.</summary>
internal static class AlertBodies
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    /// <summary>As Graph hands it out: the stored bytes, late enumeration members covered unless the caller asked for them.</summary>
    public static ReadOnlySpan<byte> Graph(ReadOnlySpan<byte> body, bool late, bool open, bool incident = false) => late && !open ? Covered(body, incident) : body;

    /// <summary>As Defender hands it out. The bytes are good until the next call on the same thread: copy or write them before anything is awaited.</summary>
    public static ReadOnlySpan<byte> Defender(in ShelfRow row, bool evidence) => Defender(row.Shape, row.Body, row.Investigation, evidence);

    /// <inheritdoc cref="Defender(in ShelfRow, bool)"/>
    public static ReadOnlySpan<byte> Defender(RecordShape shape, ReadOnlySpan<byte> body, long? investigation, bool evidence)
    {
        if (shape != RecordShape.World) return evidence ? body : WithoutEvidence(body);
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(8192);
        var json = _json ??= new Utf8JsonWriter(buffer, Relaxed.Writer);
        buffer.ResetWrittenCount();
        json.Reset();
        DefenderShape.Write(json, body, investigation, evidence);
        return buffer.WrittenSpan;
    }

    private static ReadOnlySpan<byte> WithoutEvidence(ReadOnlySpan<byte> body) =>
        JsonEdit.Top(body).TryGetValue("evidence", out var place) && place.Kind == JsonTokenType.StartArray
            ? JsonEdit.Apply(body, [new JsonEdit.Splice(place.Start, place.Length, "[]"u8.ToArray())])
            : body;

    private static byte[] Covered(ReadOnlySpan<byte> body, bool incident)
    {
        var splices = new List<JsonEdit.Splice>();
        var reader = new Utf8JsonReader(body);
        string? name = null;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) name = reader.GetString();
            if (reader.TokenType != JsonTokenType.String || name is null) continue;
            var late = incident && reader.CurrentDepth == 1 && name == "status"
                ? GraphSecurityWords.IsLateIncidentStatus(AlertWords.Lower(reader.GetString())!)
                : (reader.CurrentDepth == 1 || name == "remediationStatus") && GraphSecurityWords.IsLate(name, reader.GetString()!);
            if (late)
                splices.Add(new JsonEdit.Splice((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex), "\"unknownFutureValue\""u8.ToArray()));
        }

        return JsonEdit.Apply(body, splices);
    }
}

/// <summary>A detection ready for the exporter, imported or of a world alert.</summary>
internal sealed record ExportedDetection(string FullId, long Processed, byte[] Body, string Group, string DeviceTags, string CloudTags)
{
    /// <summary>The detections of a shelf row.</summary>
    public static IEnumerable<ExportedDetection> From(in ShelfRow row, int? further)
    {
        if (row.Shape == RecordShape.Detection)
        {
            var body = row.Body.ToArray();
            using var document = JsonDocument.Parse(body);
            string Text(string name) => DefenderShape.Text(document.RootElement, name) ?? "";
            return [new ExportedDetection(Text("FullId"), row.Updated, body, Text("MachineGroup"), Text("DeviceCreatedMachineTags"), Text("CloudCreatedMachineTags"))];
        }

        var all = new List<ExportedDetection>();
        foreach (var detection in DetectionShape.From(row.Body, further))
        {
            var buffer = new ArrayBufferWriter<byte>(2048);
            using var json = new Utf8JsonWriter(buffer, Relaxed.Writer);
            detection.Write(json);
            all.Add(new ExportedDetection(detection.FullId, detection.Processed, buffer.WrittenSpan.ToArray(), detection.Group, detection.DeviceTags, detection.CloudTags));
        }

        return all;
    }
}
