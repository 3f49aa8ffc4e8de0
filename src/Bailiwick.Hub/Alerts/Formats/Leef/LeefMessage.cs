using System.Buffers;
using System.Globalization;

namespace Bailiwick.Hub.Alerts.Formats.Leef;

/// <summary>
/// One record as a LEEF 2.0 event with tabs between the attributes. LEEF's own attributes (<c>cat, sev, devTime, src, dst, srcPort, dstPort, usrName, domain,
/// identHostName, url</c>) come first, then ours; every evidence value stands in <c>evidence1, evidence2 …</c> as <c>entry type.field=value</c> and everything
/// else that no attribute carries whole in <c>alert1, alert2 …</c> as <c>field=value</c>. <c>shortened</c> counts what was cut or left out for length; it is
/// absent when nothing was.
/// </summary>
public static class LeefMessage
{
    private const int Limit = 4000;

    /// <summary>Writes the event from <c>LEEF:2.0|</c> on, without syslog header and line end.</summary>
    /// <param name="output">Receives UTF-8; the tabs are its only controls.</param>
    /// <param name="record">What to write.</param>
    /// <param name="maxBytes">The most bytes to write for the evidence to fit; more only when the fixed attributes alone are larger.</param>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(ArrayBufferWriter<byte> output, in AlertRecord record, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var view = AlertView.Rent(record.Version.Raw);
        Write(output, view, record, maxBytes);
    }

    internal static void Write(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes)
    {
        var pen = new LeefPen(output, maxBytes - 24);
        WriteHeader(output, view, record);
        WriteFixed(ref pen, view, record);
        WriteEntities(ref pen, view);
        pen.Value("description"u8, view, view[AlertField.Description], Limit);
        var (evidence, rest) = (0, 0);
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry >= 0) pen.Line("evidence"u8, ++evidence, view, leaf);
        }

        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry < 0 && leaf.Value.Length > 0 && !pen.Carries(leaf.Value)) pen.Line("alert"u8, ++rest, view, leaf);
        }

        if (pen.Shortened > 0) pen.Text("shortened"u8, pen.Shortened.ToString(CultureInfo.InvariantCulture));
    }

    private static void WriteHeader(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record)
    {
        output.Write("LEEF:2.0|Microsoft|"u8);
        LeefText.Header(output, AlertText.Product(view, record.Version), 63);
        output.Write("|2.0|"u8); // the version of this mapping
        var detector = view.Utf8(view[AlertField.DetectorId]);
        var category = view.Utf8(view[AlertField.Category]);
        LeefText.Header(output, !detector.IsEmpty ? detector : !category.IsEmpty ? category : "unknown"u8, 255);
        output.Write("|x09|"u8);
    }

    private static void WriteFixed(ref LeefPen pen, AlertView view, in AlertRecord record)
    {
        var version = record.Version;
        pen.Value("cat"u8, view, view[AlertField.Category], 255);
        if (AlertText.SeverityOfTen(view) is > 0 and var severity) pen.Text("sev"u8, severity.ToString(CultureInfo.InvariantCulture));
        pen.Text("devTime"u8, AlertText.CreatedAt(view, version).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        pen.Value("title"u8, view, view[AlertField.Title], Limit);
        pen.Text("alertId"u8, version.AlertId);
        pen.Value("severity"u8, view, view[AlertField.Severity], 255);
        pen.Value("status"u8, view, view[AlertField.Status], 255);
        pen.Value("classification"u8, view, view[AlertField.Classification], 255);
        pen.Value("determination"u8, view, view[AlertField.Determination], 255);
        pen.Value("assignedTo"u8, view, view[AlertField.AssignedTo], 255);
        pen.Value("detectionSource"u8, view, view[AlertField.DetectionSource], 255);
        pen.Value("incidentId"u8, view, view[AlertField.IncidentId], 255);
        pen.Value("threatName"u8, view, view[AlertField.ThreatName], Limit);
        pen.Value("threatFamily"u8, view, view[AlertField.ThreatFamily], Limit);
        pen.Value("actor"u8, view, view[AlertField.Actor], Limit);
        pen.List("mitreTechniques"u8, view, AlertField.Technique, Limit);
        pen.Text("alertUrl"u8, AlertText.PortalUrl(view, version));
        pen.Text("bailiwickKey"u8, version.Key);
        pen.Text("tenantId"u8, version.Tenant.ToString());
        pen.Text("customerId"u8, record.Customer.ToString());
        pen.Text("customer"u8, record.CustomerName);
        pen.Text("source"u8, version.Source);
        pen.Text("logNumber"u8, version.LogNumber.ToString(CultureInfo.InvariantCulture));
        pen.Text("updated"u8, version.UpdatedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        pen.Text("replayed"u8, version.Replayed ? "true" : "false");
    }

    /// <summary>The first device, user, process, file, address and URL.</summary>
    private static void WriteEntities(ref LeefPen pen, AlertView view)
    {
        pen.Value("identHostName"u8, view, AlertText.OfDevice(view, AlertField.DeviceDnsName), 1023);
        pen.Value("deviceId"u8, view, AlertText.OfDevice(view, AlertField.DeviceId), 255);
        var user = view.FirstOf(EvidenceKind.User);
        pen.Value("usrName"u8, view, view.Find(user, AlertField.AccountName), 1023);
        pen.Value("domain"u8, view, view.Find(user, AlertField.AccountDomain), 255);
        pen.Value("userSid"u8, view, view.Find(user, AlertField.UserSid), 1023);
        var process = view.FirstOf(EvidenceKind.Process);
        pen.Value("processName"u8, view, view.Find(process, AlertField.FileName), 1023);
        pen.Value("processId"u8, view, view.Find(process, AlertField.ProcessId), 20);
        pen.Value("commandLine"u8, view, view.Find(process, AlertField.CommandLine), Limit);
        var file = view.FirstOf(EvidenceKind.File);
        if (file < 0) file = process;
        pen.Value("fileName"u8, view, view.Find(file, AlertField.FileName), 1023);
        pen.Value("filePath"u8, view, view.Find(file, AlertField.FilePath), 1023);
        pen.Value("sha1"u8, view, view.Find(file, AlertField.Sha1), 255);
        pen.Value("sha256"u8, view, view.Find(file, AlertField.Sha256), 255);
        pen.Value("md5"u8, view, view.Find(file, AlertField.Md5), 255);
        var connection = view.FirstOf(EvidenceKind.Connection);
        var ip = view.FirstOf(EvidenceKind.Ip);
        var (source, destination) = connection >= 0 ? (view.Find(connection, AlertField.SourceIp), view.Find(connection, AlertField.DestinationIp))
            : ip >= 0 && AlertText.IsDestination(view, ip) ? (default, view.Find(ip, AlertField.IpAddress))
            : (view.Find(ip, AlertField.IpAddress), default(AlertValue));
        pen.Address("src"u8, view, source);
        pen.Address("dst"u8, view, destination);
        pen.Port("srcPort"u8, view, view.Find(connection, AlertField.SourcePort));
        pen.Port("dstPort"u8, view, view.Find(connection, AlertField.DestinationPort));
        pen.Value("url"u8, view, view.Find(view.FirstOf(EvidenceKind.Url), AlertField.Url), Limit);
    }
}
