using System.Globalization;
using System.Text.Json;

namespace Bailiwick.Hub.Upstream;

/// <summary>What collecting needs to know of a record; everything else stays in the raw bytes.</summary>
internal enum AlertField
{
    None,
    Id,
    Tenant,
    Updated,
    Created,
    Severity,
    Status,
}

/// <summary>How one source spells the fields that collecting needs.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Tenant">The tenant the record was created in.</param>
/// <param name="Updated">Last update: the cursor field.</param>
/// <param name="Created">Creation; never moves.</param>
/// <param name="Severity">Severity as a word.</param>
/// <param name="Status">Status as a word.</param>
public sealed record AlertShape(string Id, string Tenant, string Updated, string Created, string Severity, string Status);

/// <summary>Takes the fields of one shape out of a record while it is read. Reused from record to record.</summary>
internal sealed class AlertFields(AlertShape shape)
{
    private readonly (byte[] Name, AlertField Field)[] _names =
    [
        (System.Text.Encoding.UTF8.GetBytes(shape.Id), AlertField.Id),
        (System.Text.Encoding.UTF8.GetBytes(shape.Tenant), AlertField.Tenant),
        (System.Text.Encoding.UTF8.GetBytes(shape.Updated), AlertField.Updated),
        (System.Text.Encoding.UTF8.GetBytes(shape.Created), AlertField.Created),
        (System.Text.Encoding.UTF8.GetBytes(shape.Severity), AlertField.Severity),
        (System.Text.Encoding.UTF8.GetBytes(shape.Status), AlertField.Status),
    ];

    public string? Id { get; private set; }

    public string? Tenant { get; private set; }

    public DateTimeOffset? Updated { get; private set; }

    public DateTimeOffset? Created { get; private set; }

    public string? Severity { get; private set; }

    public string? Status { get; private set; }

    public void Clear()
    {
        Id = Tenant = Severity = Status = null;
        Updated = Created = null;
    }

    public AlertField Find(ReadOnlySpan<byte> name)
    {
        foreach (var (candidate, field) in _names)
        {
            if (candidate.Length == name.Length && name.SequenceEqual(candidate)) return field;
        }

        return AlertField.None;
    }

    public void Take(AlertField field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) return;
        switch (field)
        {
            case AlertField.Id:
                Id = Text(ref reader);
                break;
            case AlertField.Tenant:
                Tenant = Text(ref reader);
                break;
            case AlertField.Updated:
                Updated = Time(ref reader);
                break;
            case AlertField.Created:
                Created = Time(ref reader);
                break;
            case AlertField.Severity:
                Severity = Word(ref reader);
                break;
            case AlertField.Status:
                Status = Word(ref reader);
                break;
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // not valid UTF-8: the record counts as unreadable
        }
    }

    /// <summary>The few words of severity and status come from one table instead of a new string each.</summary>
    private static string? Word(ref Utf8JsonReader reader)
    {
        foreach (var word in Words)
        {
            if (reader.ValueTextEquals(word)) return word;
        }

        return Text(ref reader);
    }

    private static DateTimeOffset? Time(ref Utf8JsonReader reader)
    {
        if (reader.TryGetDateTimeOffset(out var time)) return time.ToUniversalTime();
        return DateTimeOffset.TryParse(Text(ref reader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
            ? time
            : null;
    }

    private static readonly string[] Words =
    [
        "new", "low", "medium", "high", "informational", "inProgress", "resolved", "unknown",
        "New", "Low", "Medium", "High", "Informational", "InProgress", "Resolved", "Unknown", "UnSpecified",
    ];
}
