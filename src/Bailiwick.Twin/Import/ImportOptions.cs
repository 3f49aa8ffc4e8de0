using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Import;

/// <summary>What may be changed in imported records.</summary>
/// <param name="Tenant">The tenant that receives them.</param>
public sealed record ImportOptions(Guid Tenant)
{
    /// <summary>Leaves tenant fields as they are, for tests of how a reader treats records of a stranger. Default false.</summary>
    public bool KeepTenant { get; init; }

    /// <summary>
    /// Shifts all times by one whole number of seconds, so that the newest time of update in the file is at most a second before this.
    /// Null leaves times alone.
    /// </summary>
    public DateTimeOffset? NewestAt { get; init; }

    /// <summary>Largest file in bytes. Default 512 MB.</summary>
    public int MaxFileBytes { get; init; } = 512 * 1024 * 1024;
}

/// <summary>One record of an imported file.</summary>
/// <param name="Shape">What it was recognised as.</param>
/// <param name="Id">Its id in that shape.</param>
/// <param name="Body">The JSON object; apart from tenant fields and times byte for byte as in the file.</param>
public sealed record ImportedRecord(RecordShape Shape, string Id, byte[] Body);

/// <summary>A whole file, read.</summary>
/// <param name="Records">In the order of the file; the same id may come several times, the last one counts.</param>
/// <param name="Skipped">Objects of other kinds (machines, actions) inside a list of recorded responses.</param>
public sealed record ImportedFile(IReadOnlyList<ImportedRecord> Records, int Skipped);

/// <summary>The file cannot be imported; nothing of it was.</summary>
public sealed class ImportException(string reason, int line, int column, Exception? cause = null)
    : Exception($"line {line}, column {column}: {reason}", cause)
{
    /// <summary>Line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Column in bytes, from 1.</summary>
    public int Column { get; } = column;

    /// <summary>Why, without the place.</summary>
    public string Reason { get; } = reason;
}
