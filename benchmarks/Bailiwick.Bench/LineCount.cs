namespace Bailiwick.Bench;

/// <summary>Lines in the files of a JSON-lines sink. Not thread safe.</summary>
internal sealed class LineCount(string folder)
{
    private readonly Dictionary<string, (long Length, long Lines)> _counted = [];
    private readonly byte[] _buffer = new byte[256 * 1024];

    /// <summary>The sink's folder, which exists.</summary>
    public string Folder => Directory.CreateDirectory(folder).FullName;

    /// <summary>Lines so far.</summary>
    public long Read() => Directory.EnumerateFiles(Folder, "*.jsonl").Sum(Count);

    /// <summary>Counts only what was added since the last look, up to the last whole line: a torn one is cut off by the next hub.</summary>
    private long Count(string file)
    {
        var (whole, lines) = _counted.GetValueOrDefault(file);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var at = stream.Position = whole;
        for (int read; (read = stream.Read(_buffer)) > 0; at += read)
        {
            var bytes = _buffer.AsSpan(0, read);
            if (bytes.LastIndexOf((byte)'\n') is var end && end < 0) continue;
            whole = at + end + 1;
            lines += bytes.Count((byte)'\n');
        }

        _counted[file] = (whole, lines);
        return lines;
    }
}
