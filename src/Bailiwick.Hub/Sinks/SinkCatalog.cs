namespace Bailiwick.Hub.Sinks;

/// <summary>The kinds of sink this program can make. A new kind adds one line here and nothing else outside its folder.</summary>
public static class SinkCatalog
{
    /// <summary>Every kind, in the order shown to people.</summary>
    public static IReadOnlyList<ISinkKind> Kinds { get; } =
    [
        new JsonLines.JsonLinesKind(),
        new Syslog.SyslogKind(),
        new Splunk.SplunkHecKind(),
        new Elasticsearch.ElasticsearchKind(),
        new Webhook.WebhookKind(),
        new AzureLogs.AzureLogsKind(),
        new RabbitMq.RabbitMqKind(),
    ];

    /// <summary>The kind of that name, or null.</summary>
    public static ISinkKind? Find(string name) => Kinds.FirstOrDefault(kind => kind.Name == name);
}
