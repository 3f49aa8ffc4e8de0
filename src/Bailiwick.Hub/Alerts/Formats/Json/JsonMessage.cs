using System.Buffers;
using Bailiwick.Hub.Alerts.Formats.Ecs;

namespace Bailiwick.Hub.Alerts.Formats.Json;

/// <summary>
/// One record as the JSON text of a syslog message: the ECS document. What is larger than the message may be is written again with long texts cut and as
/// many evidence values as fit; <c>bailiwick.shortened</c> counts what was cut or left out and is absent when nothing was.
/// </summary>
public static class JsonMessage
{
    private const int TextLimit = 1024;
    private const int LeastText = 64;

    /// <summary>Bytes that the columns' own names and the count may need.</summary>
    private const int ColumnNames = 160;

    /// <summary>Writes one JSON object without syslog header and line end.</summary>
    /// <param name="output">Receives UTF-8 without raw controls.</param>
    /// <param name="record">What to write.</param>
    /// <param name="maxBytes">The most bytes to write; more only when the fixed fields alone are larger.</param>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(ArrayBufferWriter<byte> output, in AlertRecord record, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var view = AlertView.Rent(record.Version.Raw);
        Write(output, view, record, maxBytes);
    }

    internal static void Write(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes)
    {
        var begin = output.WrittenCount;
        if (view.Json.Length <= maxBytes && WriteEcs(output, view, record, null) <= maxBytes) return;
        Back(output, begin);
        var bare = WriteEcs(output, view, record, new DocumentRoom(TextLimit, 0));
        Back(output, begin);

        // where even that is too large: the fixed fields, cut hard, whatever they need
        WriteEcs(output, view, record, bare <= maxBytes ? new DocumentRoom(TextLimit, maxBytes - bare - ColumnNames) : new DocumentRoom(LeastText, 0) { Related = false });
    }

    /// <returns>Bytes written.</returns>
    private static int WriteEcs(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, DocumentRoom? room)
    {
        var begin = output.WrittenCount;
        var json = JsonOutput.Rent(output);
        EcsDocument.Write(json, view, record, original: false, room);
        JsonOutput.Return(json);
        return output.WrittenCount - begin;
    }

    private static void Back(ArrayBufferWriter<byte> output, int begin)
    {
        output.ResetWrittenCount();
        output.Advance(begin);
    }
}
