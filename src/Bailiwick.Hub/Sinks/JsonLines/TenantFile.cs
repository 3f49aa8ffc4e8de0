using Bailiwick.Api;
using Microsoft.Win32.SafeHandles;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>The file of one tenant that is being written, and what was finished before it. Used by one caller at a time.</summary>
internal sealed class TenantFile : IDisposable
{
    private readonly string _path;
    private readonly FinishedFiles _finished;
    private FileStream _stream;

    private TenantFile(TenantId tenant, string path, FinishedFiles finished)
    {
        Tenant = tenant;
        _path = path;
        _finished = finished;
        _stream = OpenStream(path);
    }

    private delegate bool LineVisitor(ReadOnlySpan<byte> line);

    public TenantId Tenant { get; }

    /// <summary>Bytes of whole lines.</summary>
    public long Length { get; private set; }

    /// <summary>The highest log number that was written and is no replay, here or in a finished file; 0 when there is none.</summary>
    public long LastLogNumber { get; private set; }

    /// <summary>The UTC day of the last record, kept as the file's time of last write.</summary>
    public DateOnly Day { get; private set; }

    /// <summary>Whether a caller holds it.</summary>
    public bool InUse { get; set; }

    private SafeFileHandle Handle => _stream.SafeFileHandle;

    /// <summary>Opens or creates the file, cuts a torn last line, and finds the last log number.</summary>
    public static TenantFile Open(string directory, TenantId tenant, Lock gate)
    {
        var file = new TenantFile(tenant, Path.Combine(directory, $"{tenant}.jsonl"), new FinishedFiles(directory, tenant, gate));
        try
        {
            file.Length = file.EndOfWholeLines();
            file.Day = DateOnly.FromDateTime(File.GetLastWriteTimeUtc(file.Handle));
            if (file.Length < file._stream.Length)
            {
                var written = File.GetLastWriteTimeUtc(file.Handle);
                RandomAccess.SetLength(file.Handle, file.Length);
                File.SetLastWriteTimeUtc(file.Handle, written);
            }

            file.VisitBackwards(line =>
            {
                if (!RoutedLine.TryRead(line, out var routed) || routed.Replayed) return true;
                file.LastLogNumber = routed.LogNumber;
                return false;
            });
            if (file.LastLogNumber == 0) file.LastLogNumber = file._finished.LastLogNumber();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The keys of the records with these log numbers that are no replays; others may be among them.</summary>
    public HashSet<string> KeysOf(long first, long last)
    {
        var keys = new HashSet<string>();
        var reached = false;
        VisitBackwards(line =>
        {
            if (!RoutedLine.TryRead(line, out var routed) || routed.Replayed) return true;
            reached = routed.LogNumber < first;
            if (!reached) keys.Add(routed.Key);
            return !reached;
        });
        if (!reached) _finished.AddKeys(keys, first, last);
        return keys;
    }

    /// <summary>Appends whole lines with one write; on failure the file is as long as before.</summary>
    /// <param name="lines">Whole lines; may be empty.</param>
    /// <param name="lastLogNumber">The last log number among them that is no replay; 0 when there is none.</param>
    /// <param name="now">When; UTC.</param>
    public void Append(ReadOnlySpan<byte> lines, long lastLogNumber, DateTimeOffset now)
    {
        if (lines.IsEmpty)
        {
            RandomAccess.FlushToDisk(Handle); // what an earlier, killed attempt wrote may not be on disk yet
            return;
        }

        try
        {
            RandomAccess.Write(Handle, lines, Length);
            File.SetLastWriteTimeUtc(Handle, now.UtcDateTime);
            RandomAccess.FlushToDisk(Handle);
        }
        catch
        {
            RandomAccess.SetLength(Handle, Length);
            throw;
        }

        Length += lines.Length;
        Day = DateOnly.FromDateTime(now.UtcDateTime);
        LastLogNumber = Math.Max(LastLogNumber, lastLogNumber);
    }

    /// <summary>
    /// Moves the file to the finished ones and begins an empty one. The move is one step of the file system: a kill before it changes nothing, and after it
    /// the finished file says how far the tenant is.
    /// </summary>
    public void Finish()
    {
        RandomAccess.FlushToDisk(Handle);
        var finished = _finished.Next(Day);
        CreateFolder(_finished.Folder);
        _stream.Dispose();
        File.Move(_path, finished.Plain, overwrite: false);
        _stream = OpenStream(_path);
        Length = 0;
    }

    public void Dispose() => _stream.Dispose();

    private static FileStream OpenStream(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        return new FileStream(path, options);
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
    }

    private long EndOfWholeLines()
    {
        var buffer = new byte[64 * 1024];
        for (var end = _stream.Length; end > 0;)
        {
            var count = (int)Math.Min(buffer.Length, end);
            ReadExactly(buffer.AsSpan(0, count), end - count);
            var lineEnd = buffer.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (lineEnd >= 0) return end - count + lineEnd + 1;
            end -= count;
        }

        return 0;
    }

    /// <summary>Shows whole lines from the last to the first until the visitor answers false.</summary>
    private void VisitBackwards(LineVisitor visit)
    {
        var buffer = new byte[64 * 1024];
        for (var end = Length; end > 0;)
        {
            var count = (int)Math.Min(buffer.Length, end);
            ReadExactly(buffer.AsSpan(0, count), end - count);
            var until = count;
            while (until > 0)
            {
                var before = buffer.AsSpan(0, until - 1).LastIndexOf((byte)'\n');
                if (before < 0 && count < end) break; // the line begins before this window
                if (!visit(buffer.AsSpan(before + 1, until - before - 2))) return;
                until = before + 1;
            }

            if (until == count) buffer = new byte[buffer.Length * 2];
            else end -= count - until;
        }
    }

    private void ReadExactly(Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            var read = RandomAccess.Read(Handle, target, offset);
            if (read == 0) throw new EndOfStreamException();
            target = target[read..];
            offset += read;
        }
    }
}
