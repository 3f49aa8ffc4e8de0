using Bailiwick.Api;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>
/// One tenant's finished files, asked when the file being written does not go back far enough. Remembers which log numbers each holds, so that a file is
/// opened again only for numbers that are in it. Used by one caller at a time.
/// </summary>
/// <param name="directory">The sink's directory.</param>
/// <param name="tenant">Whose files.</param>
/// <param name="gate">Held while a compressed file takes the place of a plain one, so that a list never misses both.</param>
internal sealed class FinishedFiles(string directory, TenantId tenant, Lock gate)
{
    private readonly Dictionary<string, Span> _spans = [];

    /// <summary>The tenant's folder; may be absent.</summary>
    public string Folder { get; } = Path.Combine(directory, tenant.ToString());

    /// <summary>All of them, the oldest first.</summary>
    public List<FinishedFile> List()
    {
        lock (gate)
        {
            if (!Directory.Exists(Folder)) return [];
            return [.. Directory.EnumerateFiles(Folder).Select(FinishedFile.Of).OfType<FinishedFile>().Distinct().OrderBy(file => file.Day).ThenBy(file => file.Number)];
        }
    }

    /// <summary>The name for the file that is finished next; sorts behind all others, also when the clock went back.</summary>
    public FinishedFile Next(DateOnly day) =>
        List() is [.., var newest] && newest.Day >= day ? newest with { Number = newest.Number + 1 } : new FinishedFile(Folder, day, 1);

    /// <summary>The log number of the newest record that is no replay; 0 when there is none.</summary>
    public long LastLogNumber()
    {
        foreach (var file in Enumerable.Reverse(List()))
        {
            if (SpanOf(file) is { Last: > 0 and var last }) return last;
        }

        return 0;
    }

    /// <summary>Adds the keys of the records with these log numbers that are no replays.</summary>
    public void AddKeys(HashSet<string> keys, long first, long last)
    {
        foreach (var file in Enumerable.Reverse(List()))
        {
            if (!_spans.TryGetValue(file.Stem, out var span) || (span.Last > 0 && span.Least <= last && span.Most >= first)) span = Read(file, first, keys);
            if (span.Last > 0 && span.Least < first) return;
        }
    }

    /// <summary>The files older than the newest one that says how far the tenant's file is: those that may be deleted without forgetting it.</summary>
    public List<FinishedFile> WithoutPosition()
    {
        var all = List();
        var holder = all.FindLastIndex(file => SpanOf(file).Last > 0);
        return holder <= 0 ? [] : all[..holder];
    }

    private Span SpanOf(FinishedFile file) => _spans.TryGetValue(file.Stem, out var known) ? known : Read(file, 0, null);

    private Span Read(FinishedFile file, long first, HashSet<string>? keys)
    {
        var span = new Span(long.MaxValue, 0, 0);
        try
        {
            using var stream = file.OpenRead();
            VisitLines(stream, line =>
            {
                if (!RoutedLine.TryRead(line, out var routed) || routed.Replayed) return;
                span = new Span(Math.Min(span.Least, routed.LogNumber), Math.Max(span.Most, routed.LogNumber), routed.LogNumber);
                if (routed.LogNumber >= first) keys?.Add(routed.Key);
            });
        }
        catch (InvalidDataException)
        {
            throw new DamagedFileException(file.Compressed);
        }
        catch (FileNotFoundException)
        {
            // deleted by its retention since it was listed
        }

        return _spans[file.Stem] = span;
    }

    private static void VisitLines(Stream stream, LineVisitor visit)
    {
        var buffer = new byte[64 * 1024];
        for (var held = 0; ;)
        {
            if (held == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = stream.Read(buffer, held, buffer.Length - held);
            if (read == 0) return;
            var searched = held;
            held += read;
            var begin = 0;
            while (buffer.AsSpan(searched, held - searched).IndexOf((byte)'\n') is >= 0 and var at)
            {
                visit(buffer.AsSpan(begin, searched + at - begin));
                searched += at + 1;
                begin = searched;
            }

            buffer.AsSpan(begin, held - begin).CopyTo(buffer);
            held -= begin;
        }
    }

    private delegate void LineVisitor(ReadOnlySpan<byte> line);

    private readonly record struct Span(long Least, long Most, long Last);
}

/// <summary>A finished file that is needed to go on cannot be unpacked.</summary>
internal sealed class DamagedFileException(string path) : Exception($"The finished file {path} is damaged, so it cannot say which records it holds; move it away, and what it held may be written again.");
