using System.Text.Json;
using Bailiwick.Wire.Graph;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>What the shelf can filter and sort by, read from a record of any shape. Values in Graph's spelling, times in UTC ticks.</summary>
internal sealed class AlertColumns
{
    public string? Id { get; private set; }

    public long Updated { get; private set; }

    public long Created { get; private set; }

    public long? LastEvent { get; private set; }

    public string? Severity { get; private set; }

    public string? Status { get; private set; }

    public string? Classification { get; private set; }

    public string? Determination { get; private set; }

    public string? AssignedTo { get; private set; }

    public string? Service { get; private set; }

    public string? Detection { get; private set; }

    public string? Category { get; private set; }

    public long? Incident { get; private set; }

    public long? Investigation { get; private set; }

    public string? DeviceGroup { get; private set; }

    /// <summary>The body holds enumeration members that only a <c>Prefer</c> header opens.</summary>
    public bool Late { get; private set; }

    /// <summary>Reads one record. The body is a JSON object; fields of other types than expected count as absent.</summary>
    public static AlertColumns Read(RecordShape shape, ReadOnlySpan<byte> body)
    {
        var columns = new AlertColumns();
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (shape is RecordShape.World or RecordShape.GraphAlert) columns.GraphProperty(ref reader);
            else if (shape is RecordShape.DefenderAlert) columns.DefenderProperty(ref reader);
            else if (shape is RecordShape.Detection) columns.DetectionProperty(ref reader);
            else columns.IncidentProperty(ref reader);
        }

        if (columns.Created == 0) columns.Created = columns.Updated;
        if (columns.Updated == 0) columns.Updated = columns.Created;
        return columns;
    }

    /// <summary>On which planes a record of this shape and product is seen.</summary>
    public AlertPlane PlanesOf(RecordShape shape) => shape switch
    {
        RecordShape.World when Service == "microsoftDefenderForEndpoint" => AlertPlane.Graph | AlertPlane.Defender | AlertPlane.Exporter,
        RecordShape.World or RecordShape.GraphAlert => AlertPlane.Graph,
        RecordShape.DefenderAlert => AlertPlane.Defender,
        RecordShape.Detection => AlertPlane.Exporter,
        _ => AlertPlane.None,
    };

    private void GraphProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8)) Id = Text(ref reader);
        else if (reader.ValueTextEquals("lastUpdateDateTime"u8)) Updated = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("createdDateTime"u8)) Created = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("lastActivityDateTime"u8)) LastEvent = Time(ref reader);
        else if (reader.ValueTextEquals("severity"u8)) Severity = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("status"u8)) Status = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("classification"u8)) Classification = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("determination"u8)) Determination = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("assignedTo"u8)) AssignedTo = Text(ref reader);
        else if (reader.ValueTextEquals("serviceSource"u8)) Service = LateText(ref reader, "serviceSource");
        else if (reader.ValueTextEquals("detectionSource"u8)) Detection = LateText(ref reader, "detectionSource");
        else if (reader.ValueTextEquals("category"u8)) Category = Text(ref reader);
        else if (reader.ValueTextEquals("incidentId"u8)) Incident = Number(ref reader);
        else if (reader.ValueTextEquals("evidence"u8)) Evidence(ref reader);
        else Skip(ref reader);
    }

    private void Evidence(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartArray) return;
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            if (reader.ValueTextEquals("rbacGroupName"u8)) DeviceGroup ??= Text(ref reader);
            else if (reader.ValueTextEquals("remediationStatus"u8)) LateText(ref reader, "remediationStatus");
        }
    }

    private void DefenderProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8)) Id = Text(ref reader);
        else if (reader.ValueTextEquals("lastUpdateTime"u8)) Updated = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("alertCreationTime"u8)) Created = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("lastEventTime"u8)) LastEvent = Time(ref reader);
        else if (reader.ValueTextEquals("severity"u8)) Severity = AlertWords.Severity(Text(ref reader));
        else if (reader.ValueTextEquals("status"u8)) Status = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("classification"u8)) Classification = AlertWords.Classification(Text(ref reader));
        else if (reader.ValueTextEquals("determination"u8)) Determination = AlertWords.Determination(Text(ref reader));
        else if (reader.ValueTextEquals("assignedTo"u8)) AssignedTo = Text(ref reader);
        else if (reader.ValueTextEquals("detectionSource"u8)) Detection = AlertWords.DetectionSource(Text(ref reader));
        else if (reader.ValueTextEquals("category"u8)) Category = Text(ref reader);
        else if (reader.ValueTextEquals("incidentId"u8)) Incident = Number(ref reader);
        else if (reader.ValueTextEquals("investigationId"u8)) Investigation = Number(ref reader);
        else if (reader.ValueTextEquals("rbacGroupName"u8)) DeviceGroup = Text(ref reader);
        else Skip(ref reader);
    }

    private void DetectionProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("FullId"u8)) Id = Text(ref reader);
        else if (reader.ValueTextEquals("LastProcessedTimeUtc"u8)) Updated = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("AlertTime"u8)) Created = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("Severity"u8)) Severity = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("MachineGroup"u8)) DeviceGroup = Text(ref reader) is { Length: > 0 } group ? group : null;
        else Skip(ref reader);
    }

    private void IncidentProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8)) Id = Text(ref reader);
        else if (reader.ValueTextEquals("incidentId"u8)) Id ??= Number(ref reader)?.ToString();
        else if (reader.ValueTextEquals("lastUpdateDateTime"u8) || reader.ValueTextEquals("lastUpdateTime"u8)) Updated = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("createdDateTime"u8) || reader.ValueTextEquals("createdTime"u8)) Created = Time(ref reader) ?? 0;
        else if (reader.ValueTextEquals("severity"u8)) Severity = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("status"u8))
        {
            Status = AlertWords.Lower(Text(ref reader));
            Late |= Status is not null && GraphSecurityWords.IsLateIncidentStatus(Status);
        }
        else if (reader.ValueTextEquals("classification"u8)) Classification = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("determination"u8)) Determination = AlertWords.Lower(Text(ref reader));
        else if (reader.ValueTextEquals("assignedTo"u8)) AssignedTo = Text(ref reader);
        else Skip(ref reader);
    }

    private string? LateText(ref Utf8JsonReader reader, string property)
    {
        var text = Text(ref reader);
        Late |= text is not null && GraphSecurityWords.IsLate(property, text);
        return text;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static long? Time(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return WireTime.TryParse(reader.ValueSpan, out var ticks) ? ticks : null;
        reader.Skip();
        return null;
    }

    private static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number) return reader.TryGetInt64(out var number) ? number : null;
        if (reader.TokenType == JsonTokenType.String) return long.TryParse(reader.GetString(), out var digits) ? digits : null;
        reader.Skip();
        return null;
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
