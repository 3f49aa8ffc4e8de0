using System.Buffers;
using System.Buffers.Text;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Syslog;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>Makes the bytes of a whole batch before any of them is sent.</summary>
internal sealed class SyslogEncoder(SyslogSettings settings)
{
    /// <summary>Writes all messages with their frames; a datagram has none.</summary>
    /// <param name="batch">What to write.</param>
    /// <param name="bytes">All messages, one behind the other; empty when refused.</param>
    /// <param name="ends">Where each of them ends.</param>
    public DeliveryResult.Refused? Encode(AlertBatch batch, out byte[] bytes, out IReadOnlyList<int> ends)
    {
        var output = new ArrayBufferWriter<byte>(batch.Versions.Count * 4096);
        var message = new ArrayBufferWriter<byte>(8192);
        var places = new List<int>(batch.Versions.Count);
        (bytes, ends) = ([], places);
        foreach (var version in batch.Versions)
        {
            message.ResetWrittenCount();
            try
            {
                SyslogMessage.Write(message, new AlertRecord(version, batch.Customer, batch.CustomerName), settings.Header, settings.Body);
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            if (message.WrittenCount > settings.Header.MaxBytes) return TooLarge(version, message.WrittenCount);
            if (!settings.Udp && !settings.Newline)
            {
                Utf8Formatter.TryFormat(message.WrittenCount, output.GetSpan(11), out var digits);
                output.Advance(digits);
                output.Write(" "u8);
            }

            output.Write(message.WrittenSpan);
            if (!settings.Udp && settings.Newline) output.Write("\n"u8);
            places.Add(output.WrittenCount);
        }

        bytes = output.WrittenSpan.ToArray();
        return null;
    }

    private DeliveryResult.Refused TooLarge(AlertVersion version, int bytes) => new(
        DeliveryFailure.TooLarge,
        $"Log number {version.LogNumber} of tenant {version.Tenant} needs {bytes} bytes as {settings.Body.Name}, without what may be left out; maxMessageBytes is {settings.Header.MaxBytes}.");
}
