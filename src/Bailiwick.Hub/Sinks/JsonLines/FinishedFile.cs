using System.Globalization;
using System.IO.Compression;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>
/// One finished file: <c>{yyyy-MM-dd}.{number}.jsonl</c>, or <c>….jsonl.gz</c> once compressed, in the tenant's own folder. While both stand there the plain
/// one counts. What is being compressed is <c>….jsonl.gz.part</c> and counts for nothing.
/// </summary>
/// <param name="Folder">The tenant's folder.</param>
/// <param name="Day">The UTC day of its last record.</param>
/// <param name="Number">Counts on within a day, from 1.</param>
internal sealed record FinishedFile(string Folder, DateOnly Day, int Number)
{
    private const string DayFormat = "yyyy-MM-dd";

    /// <summary>Its name without endings.</summary>
    public string Stem => string.Create(CultureInfo.InvariantCulture, $"{Day.ToString(DayFormat, CultureInfo.InvariantCulture)}.{Number:0000}");

    public string Plain => Path.Combine(Folder, Stem + ".jsonl");

    public string Compressed => Plain + ".gz";

    public string Part => Compressed + ".part";

    /// <summary>Reads a name; null for a file that is none of ours.</summary>
    public static FinishedFile? Of(string path)
    {
        var name = Path.GetFileName(path);
        var parts = name.Split('.');
        if (parts.Length is not (3 or 4) || parts[2] != "jsonl" || (parts.Length == 4 && parts[3] != "gz")) return null;
        if (!DateOnly.TryParseExact(parts[0], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return null;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1) return null;
        var file = new FinishedFile(Path.GetDirectoryName(path)!, day, number);
        return name.StartsWith(file.Stem + ".", StringComparison.Ordinal) ? file : null;
    }

    /// <summary>Opens the content for reading, whichever form it has; it may be compressed or deleted meanwhile.</summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    public Stream OpenRead()
    {
        try
        {
            return Open(Plain);
        }
        catch (FileNotFoundException)
        {
            return new GZipStream(Open(Compressed), CompressionMode.Decompress);
        }
    }

    /// <summary>Whether the compressed form holds exactly what the plain one does.</summary>
    /// <param name="compressed">The file to look at.</param>
    /// <param name="whole">False when it ends too early or is no gzip: a write that was cut.</param>
    public bool IsSame(string compressed, out bool whole)
    {
        using var plain = Open(Plain);
        using var unpacked = new GZipStream(Open(compressed), CompressionMode.Decompress);
        var (left, right) = (new byte[64 * 1024], new byte[64 * 1024]);
        whole = true;
        try
        {
            while (true)
            {
                var expected = plain.ReadAtLeast(left, left.Length, throwOnEndOfStream: false);
                var found = unpacked.ReadAtLeast(right, right.Length, throwOnEndOfStream: false);
                if (left.AsSpan(0, Math.Min(expected, found)).SequenceEqual(right.AsSpan(0, Math.Min(expected, found))) && found < expected) whole = false;
                if (!left.AsSpan(0, expected).SequenceEqual(right.AsSpan(0, found))) return false;
                if (expected == 0) return true;
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            whole = false;
            return false;
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 64 * 1024, FileOptions.SequentialScan);
}
