using System.Text.Json;

namespace Bailiwick.Hub.Sinks.Elasticsearch;

/// <summary>The bulk API of Elasticsearch and OpenSearch.</summary>
public sealed class ElasticsearchKind : ISinkKind
{
    /// <inheritdoc/>
    public string Name => "elasticsearch";

    /// <inheritdoc/>
    public string Summary => "ECS documents through the bulk API of Elasticsearch or OpenSearch; confirmed, each version once by its key.";

    /// <inheritdoc/>
    public bool NeedsSecret => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        ElasticsearchSettings.Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => SinkClass.Confirmed;

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        var settings = ElasticsearchSettings.Read(creation.Settings, out _);
        var secret = creation.Secret ?? throw new ArgumentException($"Sink {creation.Name} needs its API key or its user and password.");
        var outbound = creation.Outbound;
        return new ElasticsearchSink(settings, secret, () => outbound.CreateHttpClient(SinkFailures.LoadCa(settings.CaFile)), creation.Time);
    }
}
