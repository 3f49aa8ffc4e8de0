using System.Text.Json;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>A change of an alert or incident in Graph's words; null leaves a value, for <see cref="AssignedTo"/> the empty text takes it away.</summary>
internal sealed record AlertChange
{
    public string? Status { get; init; }

    /// <summary>Of incidents only.</summary>
    public string? Severity { get; init; }

    public string? Classification { get; init; }

    public string? Determination { get; init; }

    public string? AssignedTo { get; init; }

    /// <summary>Text to add to the comments.</summary>
    public string? Comment { get; init; }

    /// <summary>Who changes; shown with the comment.</summary>
    public string By { get; init; } = "API-Unknown";

    /// <summary>Incident that the alert moves to.</summary>
    public long? Incident { get; init; }

    /// <summary>Further evidence in Graph's shape, as raw JSON.</summary>
    public string? EvidenceRaw { get; init; }

    /// <summary>The body after the change, with a later time of update.</summary>
    public byte[] Apply(StoredRecord record, long now)
    {
        var updated = WireTime.Next(now, record.Updated);
        return record.Shape is RecordShape.DefenderAlert ? ToDefender(record, now, updated) : ToGraph(record, now, updated);
    }

    private byte[] ToGraph(StoredRecord record, long now, long updated)
    {
        var values = new List<(string, string)> { ("lastUpdateDateTime", JsonEdit.Quote(WireTime.Trimmed(updated))) };
        Add(values, "status", Status);
        Add(values, "severity", Severity);
        Add(values, "classification", Classification);
        Add(values, "determination", Determination);
        if (AssignedTo is not null) values.Add(("assignedTo", AssignedTo.Length == 0 ? "null" : JsonEdit.Quote(AssignedTo)));
        if (Status is not null && record.Shape is not RecordShape.GraphIncident)
            values.Add(("resolvedDateTime", Status == "resolved" ? JsonEdit.Quote(WireTime.Full(now)) : "null"));
        if (EvidenceRaw is not null) values.Add(("lastActivityDateTime", JsonEdit.Quote(WireTime.Full(now))));
        if (Incident is { } incident)
        {
            values.Add(("incidentId", JsonEdit.Quote(incident.ToString())));
            var link = JsonEdit.Top(record.Body).TryGetValue("incidentWebUrl", out var place) && place.Kind == JsonTokenType.String
                ? JsonSerializer.Deserialize<string>(record.Body.AsSpan(place.Start, place.Length))!
                : "";
            var query = link.IndexOf('?', StringComparison.Ordinal);
            values.Add(("incidentWebUrl", JsonEdit.Quote($"https://security.microsoft.com/incidents/{incident}{(query < 0 ? "" : link[query..])}")));
        }

        var body = JsonEdit.Set(record.Body, values);
        if (EvidenceRaw is not null) body = JsonEdit.Append(body, "evidence", EvidenceRaw);
        return Comment is null ? body : JsonEdit.Append(body, "comments", CommentRaw("createdByDisplayName", "createdDateTime", now, GraphComment));
    }

    private byte[] ToDefender(StoredRecord record, long now, long updated)
    {
        var values = new List<(string, string)> { ("lastUpdateTime", JsonEdit.Quote(WireTime.Trimmed(updated))) };
        Add(values, "status", AlertWords.Upper(Status));
        if (Classification is not null) values.Add(("classification", JsonEdit.Quote(AlertWords.DefenderClassification(Classification))));
        if (Determination is not null) values.Add(("determination", JsonEdit.Quote(AlertWords.DefenderDetermination(Determination))));
        if (AssignedTo is not null) values.Add(("assignedTo", AssignedTo.Length == 0 ? "null" : JsonEdit.Quote(AssignedTo)));
        if (Status is not null) values.Add(("resolvedTime", Status == "resolved" ? JsonEdit.Quote(WireTime.Full(now)) : "null"));
        if (EvidenceRaw is not null) values.Add(("lastEventTime", JsonEdit.Quote(WireTime.Full(now))));
        if (Incident is { } incident) values.Add(("incidentId", incident.ToString()));
        var body = JsonEdit.Set(record.Body, values);
        return Comment is null ? body : JsonEdit.Append(body, "comments", CommentRaw("createdBy", "createdTime", now, ""));
    }

    private const string GraphComment = "\"@odata.type\":\"#microsoft.graph.security.alertComment\",";

    private string CommentRaw(string by, string time, long now, string type) =>
        $"{{{type}\"comment\":{JsonEdit.Quote(Comment)},\"{by}\":{JsonEdit.Quote(By)},\"{time}\":{JsonEdit.Quote(WireTime.Full(now))}}}";

    private static void Add(List<(string, string)> values, string name, string? value)
    {
        if (value is not null) values.Add((name, JsonEdit.Quote(value)));
    }
}
