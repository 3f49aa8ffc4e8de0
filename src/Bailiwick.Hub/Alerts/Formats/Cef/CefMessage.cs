using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Alerts.Formats.Cef;

/// <summary>
/// One record as a CEF message. Keys are those of Microsoft's own mapping for ArcSight (api-portal-mapping, 2020), whichever source the record came from,
/// and the CEF dictionary elsewhere; customer and tenant stand in <c>customerExternalID</c>, <c>customerURI</c> and <c>cs2</c>. What has no key of its own
/// stands in <c>cs9</c>–<c>cs15</c>, label <c>evidence</c>, one line a value: <c>entry type.field=value</c> for evidence, <c>alert field=value</c> for the rest;
/// a line that begins with a blank continues the value before. <c>flexNumber2</c> (label <c>shortened</c>) counts what was cut or left out for length; it
/// is absent when nothing was.
/// </summary>
public static class CefMessage
{
    private const int CustomStringLimit = 4000;
    private const int FirstEvidenceString = 9;
    private const int LastEvidenceString = 15;

    /// <summary>Bytes of the first evidence key and of <c> flexNumber2Label=shortened flexNumber2=</c> with its number.</summary>
    private const int CountBytes = 96;

    /// <summary>Bytes of <c> cs15Label=evidence cs15=</c>.</summary>
    private const int EvidenceKeyBytes = 26;

    private static readonly byte[][] s_evidenceKeys =
        [.. Enumerable.Range(FirstEvidenceString, LastEvidenceString - FirstEvidenceString + 1).Select(number => Encoding.ASCII.GetBytes($"cs{number}"))];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_lines;

    /// <summary>Writes the message from <c>CEF:0|</c> on, without syslog header and line end.</summary>
    /// <param name="output">Receives UTF-8 without raw controls.</param>
    /// <param name="view">The alert.</param>
    /// <param name="record">What to write.</param>
    /// <param name="maxBytes">The most bytes to write for the evidence strings to fit; at least 2,048 above what the fixed keys need is useful.</param>
    internal static void Write(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes)
    {
        var start = output.WrittenCount;
        var pen = new CefPen(output);
        WriteHeader(ref pen, output, view, record);
        var version = record.Version;
        pen.Number("rt"u8, AlertText.CreatedAt(view, version).ToUnixTimeMilliseconds());
        pen.Date("start"u8, view, view[AlertField.FirstActivityAt]);
        pen.Date("end"u8, view, view[AlertField.LastActivityAt]);
        pen.Text("externalId"u8, AlertText.PortalId(view, version), 40);
        pen.Value("cat"u8, view, view[AlertField.Category], 1023);
        pen.Value("sourceServiceName"u8, view, view[AlertField.DetectionSource], 1023);
        pen.Value("outcome"u8, view, view[AlertField.Status], 63);
        pen.Value("reason"u8, view, view[AlertField.Classification], 1023);
        pen.Text("customerExternalID"u8, record.Customer.ToString(), 200);
        pen.Text("customerURI"u8, record.CustomerName, 2048);
        WriteEntities(ref pen, view);
        pen.Custom("cs1"u8, "threatName"u8, view, view[view[AlertField.ThreatName].Length > 0 ? AlertField.ThreatName : AlertField.ThreatFamily], CustomStringLimit);
        pen.Custom("cs2"u8, "tenantId"u8, version.Tenant.ToString(), CustomStringLimit);
        WriteTechniques(ref pen, view);
        pen.Custom("cs4"u8, "actor"u8, view, view[AlertField.Actor], CustomStringLimit);
        WriteHashes(ref pen, view);
        pen.Custom("cs7"u8, "bailiwickKey"u8, version.Key, CustomStringLimit);
        pen.Custom("cs8"u8, "incidentId"u8, view, view[AlertField.IncidentId], CustomStringLimit);
        var own = view.FirstOf(EvidenceKind.Detection);
        pen.Flag("cn1"u8, "wasExecutingWhileDetected"u8, view, view.Find(own, AlertField.WasExecuting));
        pen.Flag("cn2"u8, "remediationIsSuccess"u8, view, view.Find(own, AlertField.RemediationIsSuccess));
        pen.CustomNumber("cn3"u8, "logNumber"u8, version.LogNumber);
        pen.CustomNumber("deviceCustomDate1"u8, "updated"u8, version.UpdatedAt.ToUnixTimeMilliseconds());
        pen.CustomNumber("flexNumber1"u8, "replayed"u8, version.Replayed ? 1 : 0);
        pen.Custom("flexString1"u8, "alertUrl"u8, AlertText.PortalUrl(view, version), 1023);
        pen.Value("msg"u8, view, view[AlertField.Description], 1023);
        WriteLines(ref pen, view, maxBytes - (output.WrittenCount - start) - CountBytes);
        if (pen.Shortened > 0) pen.CustomNumber("flexNumber2"u8, "shortened"u8, pen.Shortened);
    }

    /// <summary>No field of the header may be empty; the version is the one of Microsoft's mapping.</summary>
    private static void WriteHeader(ref CefPen pen, ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record)
    {
        output.Write("CEF:0|Microsoft|"u8);
        var product = AlertText.Product(view, record.Version);
        CefText.Header(output, product.SequenceEqual("Microsoft Defender for Endpoint"u8) ? "Microsoft Defender ATP"u8 : product, 63);
        output.Write("|2.0|"u8);
        var detector = view.Utf8(view[AlertField.DetectorId]);
        var category = view.Utf8(view[AlertField.Category]);
        CefText.Header(output, !detector.IsEmpty ? detector : !category.IsEmpty ? category : "unknown"u8, 1023);
        output.Write("|"u8);
        var title = view[AlertField.Title];
        if (title.Length == 0) output.Write("untitled"u8);
        else if (!CefText.Header(output, view.Utf8(title), 512) && view.Utf8(title).IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0) pen.Remember(title);
        output.Write("|"u8);
        Digits(output, AlertText.SeverityOfTen(view));
        output.Write("|"u8);
    }

    /// <summary>The first device, user, process, file, address and URL.</summary>
    private static void WriteEntities(ref CefPen pen, AlertView view)
    {
        var device = view.FirstOf(EvidenceKind.Device);
        pen.Value("deviceExternalId"u8, view, AlertText.OfDevice(view, AlertField.DeviceId), 255);
        pen.Value("shost"u8, view, AlertText.OfDevice(view, view.IsDetection ? AlertField.HostName : AlertField.DeviceDnsName), 1023);
        pen.Value("sourceDnsDomain"u8, view, view.Find(device, AlertField.DnsDomain), 255);
        var user = view.FirstOf(EvidenceKind.User);
        pen.Value("suser"u8, view, view.Find(user, AlertField.AccountName), 1023);
        pen.Value("sntdom"u8, view, view.Find(user, AlertField.AccountDomain), 255);
        pen.Value("suid"u8, view, view.IsDetection ? view.Find(device, AlertField.LoggedOnUser) : view.Find(user, AlertField.UserSid), 1023);
        var process = view.FirstOf(EvidenceKind.Process);
        pen.Value("sproc"u8, view, view.Find(process, AlertField.FileName), 1023);
        if (JsonText.IsWhole(view.Utf8(view.Find(process, AlertField.ProcessId)))) pen.Value("spid"u8, view, view.Find(process, AlertField.ProcessId), 20);
        pen.Custom("flexString2"u8, "commandLine"u8, view, view.Find(process, AlertField.CommandLine), 1023);
        var file = view.FirstOf(EvidenceKind.File);
        if (file < 0) file = process;
        pen.Value("fname"u8, view, view.Find(file, AlertField.FileName), 1023);
        pen.Value("filePath"u8, view, view.Find(file, AlertField.FilePath), 1023);
        pen.Value("fileHash"u8, view, view.Find(file, AlertField.Sha1), 255);
        if (JsonText.IsWhole(view.Utf8(view.Find(file, AlertField.FileSize)))) pen.Value("fsize"u8, view, view.Find(file, AlertField.FileSize), 20);
        var ip = view.Find(view.FirstOf(EvidenceKind.Ip), AlertField.IpAddress);
        if (JsonText.IsAddress(view.Utf8(ip)))
        {
            if (view.Utf8(ip).Contains((byte)':')) pen.Custom("c6a2"u8, "sourceIPv6Address"u8, view, ip, 45);
            else pen.Value("src"u8, view, ip, 45);
        }

        pen.Value("request"u8, view, view.Find(view.FirstOf(EvidenceKind.Url), AlertField.Url), 1023);
    }

    private static void WriteHashes(ref CefPen pen, AlertView view)
    {
        var file = view.FirstOf(EvidenceKind.File);
        if (file < 0) file = view.FirstOf(EvidenceKind.Process);
        pen.Custom("cs5"u8, "md5"u8, view, view.Find(file, AlertField.Md5), CustomStringLimit);
        pen.Custom("cs6"u8, "sha256"u8, view, view.Find(file, AlertField.Sha256), CustomStringLimit);
    }

    private static void WriteTechniques(ref CefPen pen, AlertView view)
    {
        if (!view[AlertField.Technique].Exists) return;
        var lines = Lines();
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field != AlertField.Technique || leaf.Entry >= 0) continue;
            if (lines.WrittenCount > 0) lines.Write(","u8);
            lines.Write(view.Utf8(leaf.Value));
            if (lines.WrittenCount <= CustomStringLimit) pen.Remember(leaf.Value);
        }

        pen.Custom("cs3"u8, "mitreTechniques"u8, lines.WrittenSpan, CustomStringLimit);
    }

    /// <summary>Everything that no key above carries whole, evidence first, as lines in as many custom strings as it takes.</summary>
    private static void WriteLines(ref CefPen pen, AlertView view, int budget)
    {
        var lines = new LineStrings(Lines(), FirstEvidenceString, budget);
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry >= 0 && !IsTypeName(view, leaf) && !pen.Carries(leaf.Value)) Add(ref pen, ref lines, view, leaf);
        }

        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry < 0 && leaf.Value.Length > 0 && !pen.Carries(leaf.Value)) Add(ref pen, ref lines, view, leaf);
        }

        if (lines.Points > 0) pen.Custom(s_evidenceKeys[lines.Next - FirstEvidenceString], "evidence"u8, lines.Text.WrittenSpan, CustomStringLimit);
    }

    private static void Add(ref CefPen pen, ref LineStrings lines, AlertView view, in AlertLeaf leaf)
    {
        var text = lines.Text;
        var before = text.WrittenCount;
        WriteLine(text, view, leaf, first: lines.Points == 0);
        var (lineBytes, linePoints) = Measure(text.WrittenSpan[before..]);
        if (linePoints > CustomStringLimit)
        {
            var kept = CefText.Cut(text.WrittenSpan[before..], CustomStringLimit).Length;
            text.ResetWrittenCount();
            text.Advance(before + kept);
            (lineBytes, linePoints) = Measure(text.WrittenSpan[before..]);
            pen.LeftOut();
        }

        if (lineBytes > lines.Budget || (lines.Points + linePoints > CustomStringLimit && lines.Next == LastEvidenceString))
        {
            text.ResetWrittenCount();
            text.Advance(before);
            pen.LeftOut();
            return;
        }

        if (lines.Points > 0 && lines.Points + linePoints > CustomStringLimit)
        {
            var line = text.WrittenSpan[(before + 1)..].ToArray();
            pen.Custom(s_evidenceKeys[lines.Next++ - FirstEvidenceString], "evidence"u8, text.WrittenSpan[..before], CustomStringLimit);
            text.ResetWrittenCount();
            text.Write(line);
            lines.Points = -1;
            lines.Budget -= EvidenceKeyBytes;
        }

        lines.Points += linePoints;
        lines.Budget -= lineBytes;
    }

    private static void WriteLine(ArrayBufferWriter<byte> lines, AlertView view, in AlertLeaf leaf, bool first)
    {
        if (!first) lines.Write("\n"u8);
        if (leaf.Entry < 0)
        {
            lines.Write("alert "u8);
        }
        else
        {
            Digits(lines, leaf.Entry);
            lines.Write(" "u8);
            WriteFolded(lines, view.Utf8(view.Evidence[leaf.Entry].Type));
            lines.Write("."u8);
        }

        WriteFolded(lines, view.Utf8(leaf.Path));
        lines.Write("="u8);
        WriteFolded(lines, view.Utf8(leaf.Value));
    }

    /// <summary>A line end inside a value is followed by a blank, so that no value can look like the next line.</summary>
    private static void WriteFolded(ArrayBufferWriter<byte> lines, ReadOnlySpan<byte> value)
    {
        for (var at = value.IndexOf((byte)'\n'); at >= 0; at = value.IndexOf((byte)'\n'))
        {
            lines.Write(value[..at]);
            lines.Write("\n "u8);
            value = value[(at + 1)..];
        }

        lines.Write(value);
    }

    /// <summary>The type stands in every line; its Graph form is the same behind a constant prefix.</summary>
    private static bool IsTypeName(AlertView view, in AlertLeaf leaf)
    {
        if (leaf.Field != AlertField.EvidenceType) return false;
        var name = view.Utf8(leaf.Value);
        var type = view.Utf8(view.Evidence[leaf.Entry].Type);
        return name.SequenceEqual(type) || (name.StartsWith("#microsoft.graph.security."u8) && name[26..].SequenceEqual(type));
    }

    /// <summary>Bytes once escaped, and code points before.</summary>
    private static (int Bytes, int Points) Measure(ReadOnlySpan<byte> text)
    {
        var (bytes, points) = (0, 0);
        foreach (var one in text)
        {
            if ((one & 0xC0) != 0x80) points++;
            bytes += one switch { (byte)'\\' or (byte)'=' or (byte)'\n' or (byte)'\r' or 0xC2 => 2, < 0x20 or 0x7F => 3, _ => 1 };
        }

        return (bytes, points);
    }

    private static void Digits(ArrayBufferWriter<byte> output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    private static ArrayBufferWriter<byte> Lines()
    {
        s_lines ??= new ArrayBufferWriter<byte>(CustomStringLimit * 2);
        if (s_lines.Capacity > 1 << 20) s_lines = new ArrayBufferWriter<byte>(CustomStringLimit * 2);
        s_lines.ResetWrittenCount();
        return s_lines;
    }

    /// <summary>The custom string being filled and the room left.</summary>
    private struct LineStrings(ArrayBufferWriter<byte> text, int next, int budget)
    {
        public readonly ArrayBufferWriter<byte> Text = text;
        public int Next = next;
        public int Budget = budget;
        public int Points;
    }
}
