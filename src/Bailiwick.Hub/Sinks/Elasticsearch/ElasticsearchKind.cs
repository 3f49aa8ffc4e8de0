using System.Text.Json;

namespace Bailiwick.Hub.Sinks.Elasticsearch;

/// <summary>The bulk API of Elasticsearch and OpenSearch.</summary>
public sealed class ElasticsearchKind() : SinkKind<ElasticsearchSettings>(
    "elasticsearch",
    "ECS documents through the bulk API of Elasticsearch or OpenSearch; confirmed, each version once by its key.",
    needsSecret: true)
{
    /// <inheritdoc/>
    protected override ElasticsearchSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => ElasticsearchSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(ElasticsearchSettings settings) => SinkClass.Confirmed;

    /// <inheritdoc/>
    protected override ISink Create(ElasticsearchSettings settings, SinkCreation creation) =>
        new ElasticsearchSink(settings, creation.NeededSecret, creation.HttpClient(settings.CaFile), creation.Time);
}
