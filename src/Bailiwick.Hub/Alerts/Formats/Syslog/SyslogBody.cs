using System.Buffers;
using Bailiwick.Hub.Alerts.Formats.Cef;
using Bailiwick.Hub.Alerts.Formats.Json;
using Bailiwick.Hub.Alerts.Formats.Leef;

namespace Bailiwick.Hub.Alerts.Formats.Syslog;

/// <summary>What a message says behind its structured data; operators choose it by name. A new one is a line in <see cref="All"/>.</summary>
public sealed class SyslogBody
{
    private SyslogBody(string name, bool bom, Writer write)
    {
        Name = name;
        Bom = bom;
        Write = write;
    }

    /// <summary>Writes a body of at most that many bytes, or more when what must stand in it is larger.</summary>
    internal delegate void Writer(ArrayBufferWriter<byte> output, AlertView view, in AlertRecord record, int maxBytes);

    /// <summary>CEF; values that do not fit are left out and counted.</summary>
    public static SyslogBody Cef { get; } = new("cef", bom: true, CefMessage.Write);

    /// <summary>LEEF 2.0; values that do not fit are left out and counted.</summary>
    public static SyslogBody Leef { get; } = new("leef", bom: false, LeefMessage.Write);

    /// <summary>The ECS document as one JSON object; what does not fit is cut or left out and counted.</summary>
    public static SyslogBody Json { get; } = new("json", bom: false, JsonMessage.Write);

    /// <summary>Every body, the default first.</summary>
    public static IReadOnlyList<SyslogBody> All { get; } = [Cef, Leef, Json];

    /// <summary>Their names, in that order.</summary>
    internal static string[] Names { get; } = [.. All.Select(body => body.Name)];

    /// <summary>The word in settings.</summary>
    public string Name { get; }

    /// <summary>Whether the UTF-8 mark stands before it unless the operator says otherwise; readers of JSON do not expect one.</summary>
    public bool Bom { get; }

    internal Writer Write { get; }

    /// <summary>The body of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static SyslogBody Get(string name) =>
        All.FirstOrDefault(body => body.Name == name) ?? throw new KeyNotFoundException($"No syslog body is named '{name}'; there are {string.Join(", ", Names)}.");
}
