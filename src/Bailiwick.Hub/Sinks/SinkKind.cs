using System.Text.Json;

namespace Bailiwick.Hub.Sinks;

/// <summary>A kind whose settings are one record that is read by one function. What a kind adds is in its own folder.</summary>
/// <typeparam name="TSettings">What an operator stores.</typeparam>
/// <param name="name">See <see cref="ISinkKind.Name"/>.</param>
/// <param name="summary">See <see cref="ISinkKind.Summary"/>.</param>
/// <param name="needsSecret">See <see cref="ISinkKind.NeedsSecret"/>.</param>
public abstract class SinkKind<TSettings>(string name, string summary, bool needsSecret) : ISinkKind
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Summary => summary;

    /// <inheritdoc/>
    public bool NeedsSecret => needsSecret;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => ClassOf(Read(settings, out _));

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        return Create(Read(creation.Settings, out _), creation);
    }

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    protected abstract TSettings Read(JsonElement settings, out IReadOnlyList<string> faults);

    /// <summary>The class of a sink with these settings.</summary>
    protected abstract SinkClass ClassOf(TSettings settings);

    /// <summary>Makes the sink. Opens nothing yet.</summary>
    protected abstract ISink Create(TSettings settings, SinkCreation creation);
}
