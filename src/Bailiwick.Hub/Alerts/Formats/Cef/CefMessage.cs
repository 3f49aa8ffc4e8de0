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

    /// <summary>Bytes of <c> cs15Label=evidence cs15=</c>.</summary>
    private const int EvidenceKeyBytes = 26;

    private static readonly byte[][] s_evidenceKeys =
        [.. Enumerable.Range(FirstEvidenceString, LastEvidenceString - FirstEvidenceString + 1).Select(number => Encoding.ASCII.GetBytes($"cs{number}"))];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_lines;

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
        WriteEntities(ref pen, view);
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
        WriteEvidence(ref pen, view, maxBytes - (output.WrittenCount - start) - 64);
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

    /// <summary>The first device, user, process, file, address and URL.</summary>
    private static void WriteEntities(ref Pen pen, AlertView view)
    {
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
            if (view.Utf8(ip).Contains((byte)':')) pen.Custom("c6a2"u8, "sourceAddress"u8, view, ip, 45);
            else pen.Value("src"u8, view, ip, 45);
        }

        pen.Value("request"u8, view, view.Find(view.FirstOf(EvidenceKind.Url), AlertField.Url), 1023);
    }

    private static ReadOnlySpan<byte> Techniques(AlertView view)
    {
        if (!view[AlertField.Technique].Exists) return default;
        var lines = Lines();
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field != AlertField.Technique || leaf.Entry >= 0) continue;
            if (lines.WrittenCount > 0) lines.Write(","u8);
            lines.Write(view.Utf8(leaf.Value));
        }

        return lines.WrittenSpan;
    }

    /// <summary>Everything of the evidence that no key above carries whole, as lines in as many custom strings as it takes.</summary>
    private static void WriteEvidence(ref Pen pen, AlertView view, int budget)
    {
        var lines = Lines();
        var next = FirstEvidenceString;
        var points = 0;
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry < 0 || IsTypeName(view, leaf) || pen.Carries(leaf.Value)) continue;
            var before = lines.WrittenCount;
            WriteLine(lines, view, leaf, first: points == 0);
            var (lineBytes, linePoints) = Measure(lines.WrittenSpan[before..]);
            if (lineBytes > budget || (points + linePoints > CustomStringLimit && next == LastEvidenceString))
            {
                lines.ResetWrittenCount();
                lines.Advance(before);
                pen.LeftOut();
                continue;
            }

            if (points > 0 && points + linePoints > CustomStringLimit)
            {
                var line = lines.WrittenSpan[(before + 1)..].ToArray();
                pen.Evidence(next++, lines.WrittenSpan[..before], CustomStringLimit);
                lines.ResetWrittenCount();
                lines.Write(line);
                points = -1;
                budget -= EvidenceKeyBytes;
            }

            points += linePoints;
            budget -= lineBytes;
        }

        if (points > 0) pen.Evidence(next, lines.WrittenSpan, CustomStringLimit);
    }

    private static void WriteLine(ArrayBufferWriter<byte> lines, AlertView view, in AlertLeaf leaf, bool first)
    {
        if (!first) lines.Write("\n"u8);
        Digits(lines, leaf.Entry);
        lines.Write(" "u8);
        WriteFolded(lines, view.Utf8(view.Evidence[leaf.Entry].Type));
        lines.Write("."u8);
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

    /// <summary>Writes extension pairs and remembers which values stand there whole.</summary>
    private ref struct Pen(ArrayBufferWriter<byte> output)
    {
        private Starts _carried;
        private int _count;
        private bool _begun;

        public int Shortened { get; private set; }

        public void LeftOut() => Shortened++;

        public readonly bool Carries(AlertValue value)
        {
            for (var i = 0; i < _count; i++)
            {
                if (_carried[i] == value.Start) return true;
            }

            return false;
        }

        public void Number(ReadOnlySpan<byte> key, long number)
        {
            Begin(key);
            Digits(output, number);
        }

        public void Date(ReadOnlySpan<byte> key, AlertView view, AlertValue value)
        {
            if (JsonText.TryDate(view.Utf8(value), out var moment)) Number(key, moment.ToUnixTimeMilliseconds());
        }

        public void Value(ReadOnlySpan<byte> key, AlertView view, AlertValue value, int limit)
        {
            if (value.Length > 0 && Bytes(key, view.Utf8(value), limit)) Remember(value);
        }

        public void Text(ReadOnlySpan<byte> key, string value, int limit) => Bytes(key, Encoding.UTF8.GetBytes(value), limit);

        public void Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, string value, int limit) => Custom(key, label, Encoding.UTF8.GetBytes(value), limit);

        public void Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, AlertView view, AlertValue value, int limit)
        {
            if (value.Length > 0 && Custom(key, label, view.Utf8(value), limit)) Remember(value);
        }

        public bool Custom(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> value, int limit)
        {
            if (value.IsEmpty) return false;
            Label(key, label);
            return Bytes(key, value, limit);
        }

        public void CustomNumber(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, long number)
        {
            Label(key, label);
            Number(key, number);
        }

        public void Evidence(int number, ReadOnlySpan<byte> lines, int limit) => Custom(s_evidenceKeys[number - FirstEvidenceString], "evidence"u8, lines, limit);

        private bool Bytes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int limit)
        {
            Begin(key);
            if (!CefText.Extension(output, value, limit)) return true;
            Shortened++;
            return false;
        }

        private void Label(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label)
        {
            if (_begun) output.Write(" "u8);
            _begun = true;
            output.Write(key);
            output.Write("Label="u8);
            output.Write(label);
        }

        private void Begin(ReadOnlySpan<byte> key)
        {
            if (_begun) output.Write(" "u8);
            _begun = true;
            output.Write(key);
            output.Write("="u8);
        }

        private void Remember(AlertValue value)
        {
            if (_count < Starts.Most) _carried[_count++] = value.Start;
        }

        [System.Runtime.CompilerServices.InlineArray(Most)]
        private struct Starts
        {
            public const int Most = 32;
            private int _first;
        }
    }
}
