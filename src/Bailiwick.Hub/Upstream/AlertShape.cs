namespace Bailiwick.Hub.Upstream;

/// <summary>How one source spells the fields that collecting needs, and how its answers carry the records.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Tenant">The tenant the record was created in; null when records name none.</param>
/// <param name="Updated">Last update: the cursor field.</param>
/// <param name="Created">Creation; never moves.</param>
/// <param name="Severity">Severity as a word.</param>
/// <param name="Status">Status as a word; null when records have none.</param>
public sealed record AlertShape(string Id, string? Tenant, string Updated, string Created, string Severity, string? Status)
{
    /// <summary>Where the records stand in an answer.</summary>
    public ListForm Form { get; init; }

    /// <summary>The field that names the record this one was merged into; null when there is none.</summary>
    public string? Redirect { get; init; }

    /// <summary>Whether a record without an id is named by its content: for immutable records, whose content is their identity.</summary>
    public bool NamedByContent { get; init; }
}

/// <summary>Where the records stand in an answer.</summary>
public enum ListForm
{
    /// <summary>An OData list: an object whose <c>value</c> is an array of records.</summary>
    Value,

    /// <summary>A bare array, complete by itself.</summary>
    Array,

    /// <summary>One record alone.</summary>
    Single,
}
