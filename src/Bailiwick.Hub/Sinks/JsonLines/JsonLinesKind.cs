using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>What an operator stores for a JSON-lines sink.</summary>
/// <param name="Directory">Full path of an existing directory; one file <c>{tenant-guid}.jsonl</c> per tenant stands in it.</param>
/// <param name="Format">What a line is; null for ECS documents.</param>
/// <param name="Original">Whether ECS documents repeat the upstream JSON in <c>event.original</c>; off by default.</param>
/// <param name="Rotation">When files are finished and what becomes of them; null (default) for one file that grows.</param>
public sealed record JsonLinesSettings(string Directory, AlertFormat? Format = null, bool Original = false, JsonLinesRotation? Rotation = null)
{
    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static JsonLinesSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var read = new JsonLinesSettings(
            reader.FullPath("directory", required: true) ?? "",
            reader.Format("format"),
            reader.Flag("original", false),
            JsonLinesRotation.Read(reader));
        if (read.Original && read.Format != AlertFormats.Ecs) reader.Fault("'original' goes with the format ecs only.");
        faults = reader.Faults();
        return read;
    }
}

/// <summary>When a file is finished, and what becomes of finished ones.</summary>
/// <param name="MaxBytes">A file that would grow beyond is finished before; null for no limit. A larger batch still is one file.</param>
/// <param name="Daily">Whether a file of an earlier UTC day is finished before the next record.</param>
/// <param name="Compress">Whether finished files are gzipped; on by default.</param>
/// <param name="KeepFiles">Finished files kept per tenant; null for all.</param>
/// <param name="KeepDays">Days a finished file is kept after the day of its last record; null for ever.</param>
public sealed record JsonLinesRotation(long? MaxBytes, bool Daily = false, bool Compress = true, int? KeepFiles = null, int? KeepDays = null)
{
    /// <summary>Reads the settings that belong here; null when nothing finishes a file.</summary>
    internal static JsonLinesRotation? Read(SettingsReader reader)
    {
        var bytes = reader.Whole("rotateBytes", 1_000_000, int.MaxValue, 0);
        var daily = reader.Flag("rotateDaily", false);
        var compress = reader.Flag("compress", true);
        var files = reader.Whole("keepFiles", 1, 1_000_000, 0);
        var days = reader.Whole("keepDays", 1, 36_500, 0);
        if (bytes > 0 || daily) return new JsonLinesRotation(bytes > 0 ? bytes : null, daily, compress, files > 0 ? files : null, days > 0 ? days : null);
        if (reader.Has("compress") || files > 0 || days > 0) reader.Fault("'compress', 'keepFiles' and 'keepDays' go with 'rotateBytes' or 'rotateDaily' only.");
        return null;
    }
}

/// <summary>Files of JSON lines, one per tenant.</summary>
public sealed class JsonLinesKind() : SinkKind<JsonLinesSettings>(
    "jsonlines",
    "Files of JSON lines per tenant in a directory, rotated and compressed on request; each record once, on disk before it counts as delivered.",
    needsSecret: false)
{
    /// <inheritdoc/>
    protected override JsonLinesSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => JsonLinesSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(JsonLinesSettings settings) => SinkClass.Confirmed;

    /// <inheritdoc/>
    protected override ISink Create(JsonLinesSettings settings, SinkCreation creation) =>
        new JsonLinesSink(settings, creation.Name, creation.Time, creation.Logger);
}
