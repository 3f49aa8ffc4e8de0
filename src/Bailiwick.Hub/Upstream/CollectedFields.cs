using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Upstream;

/// <summary>What collecting needs to know of a record; everything else stays in the raw bytes.</summary>
internal enum CollectedField
{
    None,
    Id,
    Tenant,
    Updated,
    Created,
    Severity,
    Status,
    Redirect,
}

/// <summary>Takes the fields of one shape out of a record while it is read. Reused from record to record.</summary>
internal sealed class CollectedFields(AlertShape shape)
{
    private readonly (byte[] Name, CollectedField Field)[] _names =
    [
        .. new (string? Name, CollectedField Field)[]
        {
            (shape.Id, CollectedField.Id),
            (shape.Tenant, CollectedField.Tenant),
            (shape.Updated, CollectedField.Updated),
            (shape.Created, CollectedField.Created),
            (shape.Severity, CollectedField.Severity),
            (shape.Status, CollectedField.Status),
            (shape.Redirect, CollectedField.Redirect),
        }.Where(field => field.Name is not null).Select(field => (Encoding.UTF8.GetBytes(field.Name!), field.Field)),
    ];

    public string? Id { get; private set; }

    public string? Tenant { get; private set; }

    public DateTimeOffset? Updated { get; private set; }

    public DateTimeOffset? Created { get; private set; }

    public string? Severity { get; private set; }

    public string? Status { get; private set; }

    public string? Redirect { get; private set; }

    public void Clear()
    {
        Id = Tenant = Severity = Status = Redirect = null;
        Updated = Created = null;
    }

    public CollectedField Find(ReadOnlySpan<byte> name)
    {
        foreach (var (candidate, field) in _names)
        {
            if (candidate.Length == name.Length && name.SequenceEqual(candidate)) return field;
        }

        return CollectedField.None;
    }

    public void Take(CollectedField field, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String) return;
        switch (field)
        {
            case CollectedField.Id:
                Id = Text(ref reader);
                break;
            case CollectedField.Tenant:
                Tenant = Text(ref reader);
                break;
            case CollectedField.Updated:
                Updated = Time(ref reader);
                break;
            case CollectedField.Created:
                Created = Time(ref reader);
                break;
            case CollectedField.Severity:
                Severity = Word(ref reader);
                break;
            case CollectedField.Status:
                Status = Word(ref reader);
                break;
            case CollectedField.Redirect:
                Redirect = Text(ref reader);
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
        "new", "active", "low", "medium", "high", "informational", "inProgress", "resolved", "unknown",
        "New", "Low", "Medium", "High", "Informational", "InProgress", "Resolved", "Unknown", "UnSpecified",
    ];
}
