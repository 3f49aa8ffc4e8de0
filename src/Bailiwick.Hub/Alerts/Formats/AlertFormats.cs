using System.Buffers;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Cim;
using Bailiwick.Hub.Alerts.Formats.Ecs;
using Bailiwick.Hub.Alerts.Formats.Legacy;
using Bailiwick.Hub.Alerts.Formats.Ocsf;
using Bailiwick.Hub.Alerts.Formats.Record;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>A JSON format that operators choose by name: a pure function from a record to one JSON object in one line.</summary>
public sealed class AlertFormat
{
    private readonly AlertWriter _document;
    private readonly AlertWriter _event;

    internal AlertFormat(string name, string summary, AlertWriter document, AlertWriter? @event = null)
    {
        Name = name;
        Summary = summary;
        _document = document;
        _event = @event ?? document;
    }

    /// <summary>The word in settings.</summary>
    public string Name { get; }

    /// <summary>One phrase for people.</summary>
    public string Summary { get; }

    /// <summary>Writes the document, without a line end; it carries the routing fields under our own names.</summary>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public void Write(IBufferWriter<byte> output, in AlertRecord record)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        _document(json, view, record);
        JsonOutput.Return(json);
    }

    /// <summary>Writes one value of an envelope that carries the routing fields itself; most formats repeat them all the same.</summary>
    internal void WriteEvent(Utf8JsonWriter json, AlertView view, in AlertRecord record) => _event(json, view, record);
}

/// <summary>Writes one JSON object as the next value.</summary>
internal delegate void AlertWriter(Utf8JsonWriter json, AlertView view, in AlertRecord record);

/// <summary>The JSON formats by name. Sinks offer this list as their setting <c>format</c>.</summary>
public static class AlertFormats
{
    /// <summary>ECS document; the default.</summary>
    public static AlertFormat Ecs { get; } = new(
        "ecs", "Elastic Common Schema", (Utf8JsonWriter json, AlertView view, in AlertRecord record) => EcsDocument.Write(json, view, record, original: false));

    /// <summary>ECS document with the upstream JSON in <c>event.original</c>; chosen by a setting of its own, not by name.</summary>
    public static AlertFormat EcsWithOriginal { get; } = new(
        "ecs", "Elastic Common Schema, event.original included", (Utf8JsonWriter json, AlertView view, in AlertRecord record) => EcsDocument.Write(json, view, record, original: true));

    /// <summary>The upstream JSON beside the routing fields; alone where the envelope carries them.</summary>
    public static AlertFormat Raw { get; } = new(
        "raw", "The upstream JSON", RawEnvelope.Write, (Utf8JsonWriter json, AlertView view, in AlertRecord _) => JsonOutput.WriteOneLine(json, view.Json));

    /// <summary>OCSF Detection Finding, or Incident Finding for incidents.</summary>
    public static AlertFormat Ocsf { get; } = new("ocsf", "Open Cybersecurity Schema Framework", OcsfDocument.Write);

    /// <summary>Flat event with Splunk's CIM names.</summary>
    public static AlertFormat Cim { get; } = new("cim", "Splunk Common Information Model, Alerts", CimEvent.Write);

    /// <summary>The retired alert exporter's detection.</summary>
    public static AlertFormat Legacy { get; } = new("legacy", "The alert exporter's detection", LegacyDetection.Write);

    /// <summary>What the REST API answers for one alert: a summary without evidence.</summary>
    public static AlertFormat Record { get; } = new("record", "The REST API's record, without evidence", RecordDocument.Write);

    /// <summary>Every format that can be chosen by name, the default first.</summary>
    public static IReadOnlyList<AlertFormat> All { get; } = [Ecs, Raw, Ocsf, Cim, Legacy, Record];

    /// <summary>Their names, in that order.</summary>
    internal static string[] Names { get; } = [.. All.Select(format => format.Name)];

    /// <summary>The format of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static AlertFormat Get(string name) =>
        All.FirstOrDefault(format => format.Name == name) ?? throw new KeyNotFoundException($"No format is named '{name}'; there are {string.Join(", ", Names)}.");
}
