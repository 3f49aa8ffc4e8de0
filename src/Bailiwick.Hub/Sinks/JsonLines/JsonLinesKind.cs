using System.Text.Json;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>What an operator stores for a JSON-lines sink.</summary>
/// <param name="Directory">Full path of an existing directory; one file <c>{tenant-guid}.jsonl</c> per tenant stands in it.</param>
/// <param name="Raw">False (default, <c>"format":"ecs"</c>): ECS documents; true (<c>"raw"</c>): the upstream JSON beside our routing fields.</param>
/// <param name="Original">Whether ECS documents repeat the upstream JSON in <c>event.original</c>; off by default.</param>
public sealed record JsonLinesSettings(string Directory, bool Raw = false, bool Original = false)
{
    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static JsonLinesSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var read = new JsonLinesSettings(
            reader.FullPath("directory", required: true) ?? "",
            reader.OneOf("format", "ecs", "raw") == "raw",
            reader.Flag("original", false));
        if (read is { Raw: true, Original: true }) reader.Fault("'original' goes with the format ecs only; raw is the original.");
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
