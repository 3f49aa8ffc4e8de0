using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Bailiwick.Twin.Import;

/// <summary>
/// Reads alerts and incidents as Microsoft's interfaces return them: Graph <c>alerts_v2</c> and <c>incidents</c>, Defender's
/// <c>/api/alerts</c>, the XDR API's <c>/api/incidents</c> and the retired exporter's detections; as one object, an array, a
/// <c>value</c> envelope, a list of recorded responses (<c>[{"index":0,"response":{"value":[…]}}]</c>) or one object per line.
/// </summary>
public static class AlertImport
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="file">UTF-8, with or without a byte order mark.</param>
    /// <param name="options">The receiving tenant and what to change.</param>
    /// <returns>All records; the file is either read whole or refused.</returns>
    /// <exception cref="ImportException">The file is not JSON, not UTF-8, too large, or holds an object of no known kind.</exception>
    public static ImportedFile Read(Stream file, ImportOptions options)
    {
        var bytes = ReadAll(file, options.MaxFileBytes);
        var text = bytes.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) text = text[3..];
        if (!Utf8.IsValid(text)) throw At(text, FirstInvalid(text), "the file is not UTF-8 text");
        var scan = new Scan();
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { AllowMultipleValues = true });
        try
        {
            while (reader.Read()) scan.Value(text, ref reader, lenient: false);
        }
        catch (JsonException fault)
        {
            var (line, column) = ((int)(fault.LineNumber ?? 0) + 1, (int)(fault.BytePositionInLine ?? 0) + 1);
            throw new ImportException($"not valid JSON: {FirstSentence(fault.Message)}", line, column, fault);
        }

        if (scan.Values == 0) throw new ImportException("the file holds no JSON", 1, 1);
        return new ImportedFile(Edit(scan.Found, text, options), scan.Skipped);
    }

    internal static ImportException At(ReadOnlySpan<byte> text, int offset, string reason)
    {
        var before = text[..Math.Min(offset, text.Length)];
        return new ImportException(reason, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    private static List<ImportedRecord> Edit(List<Scan.Record> found, ReadOnlySpan<byte> text, ImportOptions options)
    {
        long shift = 0;
        if (options.NewestAt is { } target && found.Count > 0)
        {
            long newest = 0;
            foreach (var record in found) newest = Math.Max(newest, record.Updated);
            if (newest > 0) shift = (long)Math.Floor((target.UtcTicks - newest) / (double)TimeSpan.TicksPerSecond);
        }

        var records = new List<ImportedRecord>(found.Count);
        foreach (var record in found)
        {
            var body = ImportEdit.Apply(text.Slice(record.Start, record.Length), options, shift);
            records.Add(new ImportedRecord(record.Shape, record.Id, body));
        }

        return records;
    }

    private static byte[] ReadAll(Stream file, int most)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            copy.Write(buffer, 0, read);
            if (copy.Length > most) throw new ImportException($"the file is larger than {most} bytes", 1, 1);
        }

        return copy.ToArray();
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done) at += length;
        return at;
    }

    private static string FirstSentence(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}
