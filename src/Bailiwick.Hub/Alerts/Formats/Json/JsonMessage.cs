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
        if (view.Json.Length <= maxBytes && Try(output, view, record, maxBytes, null) == 0) return;
        var room = new DocumentRoom(TextLimit, 0);
        var more = Try(output, view, record, maxBytes, room);
        if (more > 0)
        {
            // even without evidence it is too large: the fixed fields, cut hard, whatever they need
            Try(output, view, record, int.MaxValue, new DocumentRoom(LeastText, 0) { Related = false });
            return;
        }

        Back(output, room.Begin);
        Try(output, view, record, int.MaxValue, new DocumentRoom(TextLimit, maxBytes - room.Written - ColumnNames));
    }

    /// <summary>Writes, and takes it back when it is too large.</summary>
    /// <returns>Bytes too many; 0 when it stands.</returns>
    private static int Try(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes, DocumentRoom? room)
    {
        var begin = output.WrittenCount;
        var json = JsonOutput.Rent(output);
        EcsDocument.Write(json, view, record, original: false, room);
        JsonOutput.Return(json);
        var written = output.WrittenCount - begin;
        if (room is not null) (room.Begin, room.Written) = (begin, written);
        if (written <= maxBytes) return 0;
        Back(output, begin);
        return written - maxBytes;
    }

    private static void Back(ArrayBufferWriter<byte> output, int begin)
    {
        output.ResetWrittenCount();
        output.Advance(begin);
    }
}
