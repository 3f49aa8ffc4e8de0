using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>What an operator stores for a JSON-lines sink.</summary>
/// <param name="Directory">Full path of an existing directory; one file <c>{tenant-guid}.jsonl</c> per tenant stands in it.</param>
/// <param name="Format">What a line is; null for ECS documents.</param>
/// <param name="Original">Whether ECS documents repeat the upstream JSON in <c>event.original</c>; off by default.</param>
public sealed record JsonLinesSettings(string Directory, AlertFormat? Format = null, bool Original = false)
{
    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static JsonLinesSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var read = new JsonLinesSettings(
            reader.FullPath("directory", required: true) ?? "",
            reader.Format("format"),
            reader.Flag("original", false));
        if (read.Original && read.Format != AlertFormats.Ecs) reader.Fault("'original' goes with the format ecs only.");
        faults = reader.Faults();
        return read;
    }
}

/// <summary>Files of JSON lines, one per tenant.</summary>
public sealed class JsonLinesKind : ISinkKind
{
    /// <inheritdoc/>
    public string Name => "jsonlines";

    /// <inheritdoc/>
    public string Summary => "One file of JSON lines per tenant in a directory; each record once, on disk before it counts as delivered.";

    /// <inheritdoc/>
    public bool NeedsSecret => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        JsonLinesSettings.Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => SinkClass.Confirmed;

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        return new JsonLinesSink(JsonLinesSettings.Read(creation.Settings, out _));
    }
}
