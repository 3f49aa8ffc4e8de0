using System.Text.Json;

namespace Bailiwick.Hub.Sinks.Webhook;

/// <summary>Signed JSON to any HTTP receiver.</summary>
public sealed class WebhookKind() : SinkKind<WebhookSettings>(
    "webhook",
    "JSON in signed HTTP requests, one record each or in batches; accepted, any 2xx counts.",
    needsSecret: true)
{
    /// <inheritdoc/>
    protected override WebhookSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => WebhookSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(WebhookSettings settings) => SinkClass.Accepted;

    /// <inheritdoc/>
    protected override ISink Create(WebhookSettings settings, SinkCreation creation) =>
        new WebhookSink(settings, creation.NeededSecret, creation.HttpClient(settings.CaFile), creation.Time);
}
