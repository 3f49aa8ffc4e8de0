using System.Text.Json;
using Bailiwick.Api;
using Microsoft.Win32.SafeHandles;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>One tenant's open file. Used by one caller at a time.</summary>
internal sealed class TenantFile : IDisposable
{
    private readonly FileStream _stream;

    private TenantFile(TenantId tenant, FileStream stream)
    {
        Tenant = tenant;
        _stream = stream;
    }

    private delegate bool LineVisitor(ReadOnlySpan<byte> line);

    public TenantId Tenant { get; }

    /// <summary>Bytes of whole lines.</summary>
    public long Length { get; private set; }

    /// <summary>The highest log number that stands in the file and is no replay; 0 when there is none.</summary>
    public long LastLogNumber { get; private set; }

    /// <summary>Whether a caller holds it.</summary>
    public bool InUse { get; set; }

    private SafeFileHandle Handle => _stream.SafeFileHandle;

    /// <summary>Opens or creates the file, cuts a torn last line, and finds the last log number.</summary>
    public static TenantFile Open(string directory, TenantId tenant)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        var file = new TenantFile(tenant, new FileStream(Path.Combine(directory, $"{tenant}.jsonl"), options));
        try
        {
            file.Length = file.EndOfWholeLines();
            if (file.Length < file._stream.Length) RandomAccess.SetLength(file.Handle, file.Length);
            file.VisitBackwards(line =>
            {
                if (!TryReadRouting(line, out var number, out _, out var replayed) || replayed) return true;
                file.LastLogNumber = number;
                return false;
            });
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The keys of the records from <paramref name="number"/> on that are no replays.</summary>
    public HashSet<string> KeysFrom(long number)
    {
        var keys = new HashSet<string>();
        VisitBackwards(line =>
        {
            if (!TryReadRouting(line, out var found, out var key, out var replayed) || replayed) return true;
            if (found < number) return false;
            keys.Add(key);
            return true;
        });
        return keys;
    }

    /// <summary>Appends whole lines with one write; on failure the file is as long as before.</summary>
    public void Append(ReadOnlySpan<byte> lines, long lastLogNumber)
    {
        if (lines.IsEmpty)
        {
            RandomAccess.FlushToDisk(Handle); // what an earlier, killed attempt wrote may not be on disk yet
            return;
        }

        try
        {
            RandomAccess.Write(Handle, lines, Length);
            RandomAccess.FlushToDisk(Handle);
        }
        catch
        {
            RandomAccess.SetLength(Handle, Length);
            throw;
        }

        Length += lines.Length;
        LastLogNumber = Math.Max(LastLogNumber, lastLogNumber);
    }

    public void Dispose() => _stream.Dispose();

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

    /// <summary>Finds our routing fields in a line; false for a line that is not ours.</summary>
    private static bool TryReadRouting(ReadOnlySpan<byte> line, out long number, out string key, out bool replayed)
    {
        (number, key, replayed) = (0, "", false);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var ours = reader.ValueTextEquals("bailiwick"u8);
                reader.Read();
                if (!ours) reader.Skip();
                else ReadOurs(ref reader, ref number, ref key, ref replayed);
            }

            return number > 0 && key.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void ReadOurs(ref Utf8JsonReader reader, ref long number, ref string key, ref bool replayed)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isNumber = reader.ValueTextEquals("log_number"u8);
            var isKey = reader.ValueTextEquals("key"u8);
            var isReplayed = reader.ValueTextEquals("replayed"u8);
            reader.Read();
            if (isNumber && reader.TokenType == JsonTokenType.Number) number = reader.GetInt64();
            else if (isKey && reader.TokenType == JsonTokenType.String) key = reader.GetString()!;
            else if (isReplayed) replayed = reader.TokenType == JsonTokenType.True;
            else reader.Skip();
        }
    }
}
