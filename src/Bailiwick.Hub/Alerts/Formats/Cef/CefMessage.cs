using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats.Cef;

/// <summary>
/// One alert version as a CEF message. Keys follow Microsoft's own mapping for ArcSight where it has one (api-portal-mapping, 2020: <c>cat, rt, shost, sntdom,
/// suser, fname, filePath, fileHash, src, request, externalId, sourceServiceName, flexString1</c>) and the CEF dictionary elsewhere. Evidence without a
/// key of its own stands in <c>cs7</c>–<c>cs15</c>, one line a value: <c>entry type.field=value</c>; a line that begins with a blank continues the value before.
/// <c>cn3</c> (label <c>shortened</c>) counts what was cut or left out for length; it is absent when nothing was.
/// </summary>
public static class CefMessage
{
    private const int CustomStringLimit = 4000;
    private const int FirstEvidenceString = 7;
    private const int LastEvidenceString = 15;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_lines;

    private static readonly AlertField[] s_keyed =
    [
        AlertField.EvidenceType, AlertField.DeviceId, AlertField.DeviceDnsName, AlertField.AccountName, AlertField.AccountDomain, AlertField.UserSid,
        AlertField.FileName, AlertField.FilePath, AlertField.FileSize, AlertField.Sha1, AlertField.Sha256, AlertField.ProcessId, AlertField.CommandLine,
        AlertField.IpAddress, AlertField.Url,
    ];

    /// <summary>Writes the message from <c>CEF:0|</c> on, without syslog header and line end.</summary>
    /// <param name="output">Receives UTF-8 without raw controls.</param>
    /// <param name="record">What to write.</param>
    /// <param name="maxBytes">The most bytes to write for the evidence strings to fit; at least 2,048 above what the fixed keys need is useful.</param>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(ArrayBufferWriter<byte> output, in AlertRecord record, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var view = AlertView.Rent(record.Version.Raw);
        Write(output, view, record, maxBytes);
    }

    internal static void Write(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes)
    {
        var start = output.WrittenCount;
        WriteHeader(output, view, record);
        var pen = new Pen(output);
        var version = record.Version;
        pen.Number("rt"u8, version.UpdatedAt.ToUnixTimeMilliseconds());
        pen.Date("start"u8, view, view[AlertField.FirstActivityAt]);
        pen.Date("end"u8, view, view[AlertField.LastActivityAt]);
        pen.Text("externalId"u8, version.AlertId, 40);
        pen.Value("cat"u8, view, view[AlertField.Category], 1023);
        pen.Value("sourceServiceName"u8, view, view[AlertField.DetectionSource], 1023);
        pen.Value("outcome"u8, view, view[AlertField.Status], 63);
        pen.Value("reason"u8, view, view[AlertField.Classification], 1023);
        pen.Text("customerExternalID"u8, record.Customer.ToString(), 200);
        WriteEntities(ref pen, view, out var carried);
        pen.Custom("cs1"u8, "bailiwickKey"u8, version.Key, CustomStringLimit);
        pen.Custom("cs2"u8, "incidentId"u8, view.Utf8(view[AlertField.IncidentId]), CustomStringLimit);
        pen.Custom("cs3"u8, "mitreTechniques"u8, Techniques(view), CustomStringLimit);
        pen.Custom("cs4"u8, "customer"u8, record.CustomerName, CustomStringLimit);
        pen.Custom("cs5"u8, "tenantId"u8, version.Tenant.ToString(), CustomStringLimit);
        pen.Custom("cs6"u8, "threatName"u8, view.Utf8(view[view[AlertField.ThreatName].Length > 0 ? AlertField.ThreatName : AlertField.ThreatFamily]), CustomStringLimit);
        pen.CustomNumber("cn1"u8, "logNumber"u8, version.LogNumber);
        pen.CustomNumber("cn2"u8, "replayed"u8, version.Replayed ? 1 : 0);
        pen.Custom("flexString1"u8, "alertUrl"u8, AlertText.PortalUrl(version), 1023);
        pen.Value("msg"u8, view, view[AlertField.Description], 1023);
        WriteEvidence(ref pen, view, carried, maxBytes - (output.WrittenCount - start) - 64);
        if (pen.Shortened > 0) pen.CustomNumber("cn3"u8, "shortened"u8, pen.Shortened);
    }

    private static void WriteHeader(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record)
    {
        output.Write("CEF:0|Microsoft|"u8);
        CefText.Header(output, AlertText.Product(view, record.Version), 63);
        output.Write("|1.0|"u8); // the version of this mapping
        var detector = view.Utf8(view[AlertField.DetectorId]);
        CefText.Header(output, detector.IsEmpty ? view.Utf8(view[AlertField.Category]) : detector, 1023);
        output.Write("|"u8);
        CefText.Header(output, view.Utf8(view[AlertField.Title]), 512);
        output.Write("|"u8);
        Digits(output, AlertText.SeverityOfTen(view));
        output.Write("|"u8);
    }

    /// <summary>The first device, user, process, file, address and URL; which leaves they were is handed back as a bit per leaf.</summary>
    private static void WriteEntities(ref Pen pen, AlertView view, out HashSet<AlertValue>? none)
    {
        none = null;
        var device = view.FirstOf(EvidenceKind.Device);
        pen.Value("deviceExternalId"u8, view, device >= 0 ? view.Find(device, AlertField.DeviceId) : view[AlertField.DeviceId], 255);
        pen.Value("shost"u8, view, device >= 0 ? view.Find(device, AlertField.DeviceDnsName) : view[AlertField.DeviceDnsName], 1023);
        var user = view.FirstOf(EvidenceKind.User);
        pen.Value("suser"u8, view, view.Find(user, AlertField.AccountName), 1023);
        pen.Value("sntdom"u8, view, view.Find(user, AlertField.AccountDomain), 255);
        pen.Value("suid"u8, view, view.Find(user, AlertField.UserSid), 1023);
        var process = view.FirstOf(EvidenceKind.Process);
        pen.Value("sproc"u8, view, view.Find(process, AlertField.FileName), 1023);
        if (JsonText.IsWhole(view.Utf8(view.Find(process, AlertField.ProcessId)))) pen.Value("spid"u8, view, view.Find(process, AlertField.ProcessId), 20);
        pen.Custom("flexString2"u8, "commandLine"u8, view.Utf8(view.Find(process, AlertField.CommandLine)), 1023);
        var file = view.FirstOf(EvidenceKind.File);
        if (file < 0) file = process;
        pen.Value("fname"u8, view, view.Find(file, AlertField.FileName), 1023);
        pen.Value("filePath"u8, view, view.Find(file, AlertField.FilePath), 1023);
        pen.Value("fileHash"u8, view, view.Find(file, AlertField.Sha1), 255);
        if (JsonText.IsWhole(view.Utf8(view.Find(file, AlertField.FileSize)))) pen.Value("fsize"u8, view, view.Find(file, AlertField.FileSize), 20);
        var ip = view.Find(view.FirstOf(EvidenceKind.Ip), AlertField.IpAddress);
        if (JsonText.IsAddress(view.Utf8(ip)))
        {
            if (view.Utf8(ip).Contains((byte)':')) pen.Custom("c6a2"u8, "sourceAddress"u8, view.Utf8(ip), 45);
            else pen.Value("src"u8, view, ip, 45);
        }

        pen.Value("request"u8, view, view.Find(view.FirstOf(EvidenceKind.Url), AlertField.Url), 1023);
    }
}
