using System.Text.Json;

namespace Bailiwick.Hub.Sinks.Webhook;

/// <summary>Signed JSON to any HTTP receiver.</summary>
public sealed class WebhookKind : ISinkKind
{
    /// <inheritdoc/>
    public string Name => "webhook";

    /// <inheritdoc/>
    public string Summary => "JSON in signed HTTP requests, one record each or in batches; accepted, any 2xx counts.";

    /// <inheritdoc/>
    public bool NeedsSecret => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        WebhookSettings.Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => SinkClass.Accepted;

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        var settings = WebhookSettings.Read(creation.Settings, out _);
        var secret = creation.Secret ?? throw new ArgumentException($"Sink {creation.Name} needs the key of its signature.");
        var outbound = creation.Outbound;
        return new WebhookSink(settings, secret, () => outbound.CreateHttpClient(SinkFailures.LoadCa(settings.CaFile)), creation.Time);
    }
}
