using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Bailiwick.Hub.Alerts.Formats.Cef;

namespace Bailiwick.Hub.Alerts.Formats.Syslog;

/// <summary>What the header of every message says; from configuration only.</summary>
/// <param name="Facility">0–23.</param>
/// <param name="HostName">This hub; printable ASCII, at most 255, <c>-</c> when unknown.</param>
/// <param name="AppName">Printable ASCII, at most 48.</param>
/// <param name="Bom">Whether the message text begins with the UTF-8 mark that RFC 5424 §6.4 asks for; some CEF receivers choke on it.</param>
/// <param name="MaxBytes">The most bytes of one message, frame excluded.</param>
public sealed record SyslogHeader(int Facility, string HostName, string AppName, bool Bom, int MaxBytes)
{
    /// <summary>Neutralises a configured name: printable ASCII without blanks, cut to the limit, <c>-</c> when nothing is left.</summary>
    public static string Name(string? text, int limit)
    {
        var kept = new string([.. (text ?? "").Where(c => c is > ' ' and < '\x7F').Take(limit)]);
        return kept.Length == 0 ? "-" : kept;
    }
}

/// <summary>
/// An RFC 5424 message with CEF or another body. The structured data <c>[bailiwick@32473 key tenant customer source log alert replayed]</c> carries our routing fields
/// (32473 is the enterprise number kept for documentation, RFC 5612); nothing of the header comes from an alert but time and severity.
/// </summary>
public static class SyslogMessage
{
    /// <summary>Writes one message without frame; it holds no CR and no LF.</summary>
    /// <returns>The bytes written; more than <see cref="SyslogHeader.MaxBytes"/> only when the fixed fields alone are larger.</returns>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static int Write(ArrayBufferWriter<byte> output, in AlertRecord record, SyslogHeader header) => Write(output, record, header, SyslogBody.Cef);

    /// <inheritdoc cref="Write(ArrayBufferWriter{byte}, in AlertRecord, SyslogHeader)"/>
    public static int Write(ArrayBufferWriter<byte> output, in AlertRecord record, SyslogHeader header, SyslogBody body)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(body);
        using var view = AlertView.Rent(record.Version.Raw);
        var start = output.WrittenCount;
        var version = record.Version;
        output.Write("<"u8);
        Digits(output, (header.Facility * 8) + Severity(view));
        output.Write(">1 "u8);
        var ticks = version.UpdatedAt.UtcTicks;
        var moment = new DateTime(ticks - (ticks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        moment.TryFormat(output.GetSpan(27), out var written, "yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write(" "u8);
        Ascii(output, header.HostName);
        output.Write(" "u8);
        Ascii(output, header.AppName);
        output.Write(" - alert [bailiwick@32473"u8);
        Parameter(output, "key"u8, version.Key, 64);
        Parameter(output, "tenant"u8, version.Tenant.ToString(), 36);
        Parameter(output, "customer"u8, record.Customer.ToString(), 36);
        Parameter(output, "source"u8, version.Source, 64);
        Parameter(output, "log"u8, version.LogNumber.ToString(CultureInfo.InvariantCulture), 20);
        Parameter(output, "alert"u8, version.AlertId, 512);
        Parameter(output, "replayed"u8, version.Replayed ? "true" : "false", 5);
        output.Write("] "u8);
        if (header.Bom) output.Write("\uFEFF"u8);
        body.Write(output, view, record, header.MaxBytes - (output.WrittenCount - start));
        return output.WrittenCount - start;
    }

    /// <summary>RFC 5424 §6.2.1: high 3 (error), medium 4 (warning), low 5 (notice), informational 6, unknown 5.</summary>
    private static int Severity(AlertView view) => view.Severity switch
    {
        AlertSeverity.High => 3,
        AlertSeverity.Medium => 4,
        AlertSeverity.Informational => 6,
        _ => 5,
    };

    private static void Parameter(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, string value, int limit)
    {
        output.Write(" "u8);
        output.Write(name);
        output.Write("=\""u8);
        CefText.Parameter(output, Encoding.UTF8.GetBytes(value), limit);
        output.Write("\""u8);
    }

    private static void Ascii(ArrayBufferWriter<byte> output, string text) => output.Advance(Encoding.ASCII.GetBytes(text, output.GetSpan(text.Length)));

    private static void Digits(ArrayBufferWriter<byte> output, int number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(11), out var written);
        output.Advance(written);
    }
}
