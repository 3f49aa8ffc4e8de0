using System.Buffers;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.Http;

/// <summary>How the records of a batch stand in one body.</summary>
/// <param name="MaxBytes">The largest body, before compression.</param>
/// <param name="Write">Writes one record.</param>
/// <param name="Open">Stands before the first record.</param>
/// <param name="Between">Stands between two records.</param>
/// <param name="Close">Stands after the last record.</param>
internal sealed record BodyShape(int MaxBytes, Action<IBufferWriter<byte>, AlertRecord> Write, string Open = "", string Between = "", string Close = "")
{
    private readonly byte[] _open = System.Text.Encoding.UTF8.GetBytes(Open);
    private readonly byte[] _between = System.Text.Encoding.UTF8.GetBytes(Between);
    private readonly byte[] _close = System.Text.Encoding.UTF8.GetBytes(Close);

    /// <summary>Records beside each other: nothing between them.</summary>
    public static BodyShape Plain(int maxBytes, Action<IBufferWriter<byte>, AlertRecord> write) => new(maxBytes, write);

    /// <summary>A JSON array.</summary>
    public static BodyShape Array(int maxBytes, Action<IBufferWriter<byte>, AlertRecord> write) => new(maxBytes, write, "[", ",", "]");

    /// <summary>Writes as many versions, from the first, as one body may hold; at least one unless a refusal is returned.</summary>
    /// <param name="body">An empty buffer.</param>
    /// <param name="batch">The versions.</param>
    /// <param name="written">How many stand in the body.</param>
    /// <returns>Null, or why nothing is to be sent.</returns>
    public DeliveryResult.Refused? Fill(ArrayBufferWriter<byte> body, AlertBatch batch, out int written)
    {
        written = 0;
        body.Write(_open);
        foreach (var version in batch.Versions)
        {
            var before = body.WrittenCount;
            if (written > 0) body.Write(_between);
            try
            {
                Write(body, new AlertRecord(version, batch.Customer, batch.CustomerName));
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            if (body.WrittenCount + _close.Length > MaxBytes)
            {
                if (written == 0) return TooLarge(version, body.WrittenCount + _close.Length, MaxBytes);
                body.ResetWrittenCount();
                body.Advance(before);
                break;
            }

            written++;
        }

        body.Write(_close);
        return null;
    }

    /// <summary>One version alone is larger than a body may be.</summary>
    public static DeliveryResult.Refused TooLarge(AlertVersion version, int bytes, int maxBytes) =>
        new(DeliveryFailure.TooLarge, $"Log number {version.LogNumber} of tenant {version.Tenant} needs {bytes} bytes; maxBodyBytes is {maxBytes}.");
}
