using System.Text.Json;
using System.Text.RegularExpressions;

namespace Bailiwick.Hub.Sinks.Elasticsearch;

/// <summary>What an operator stores for an Elasticsearch or OpenSearch sink; the API key or password is the sink's secret and never stands here.</summary>
/// <param name="Url">The cluster's base address.</param>
/// <param name="Target">Data stream or index; may hold <c>{customer}</c> and <c>{tenant}</c>.</param>
/// <param name="Basic">False (default, <c>"authentication":"api-key"</c>): the secret is the encoded API key; true (<c>"basic"</c>): it is <c>user:password</c>.</param>
/// <param name="Original">Whether documents repeat the upstream JSON in <c>event.original</c>; off by default.</param>
/// <param name="Compress">Whether bodies are sent as gzip; off by default.</param>
/// <param name="MaxBodyBytes">The largest body sent, before compression; 5,000,000 unless given.</param>
/// <param name="CaFile">PEM file of the CAs to trust for this receiver alone; null for the system's own.</param>
public sealed partial record ElasticsearchSettings(Uri Url, string Target, bool Basic, bool Original, bool Compress, int MaxBodyBytes, string? CaFile)
{
    /// <summary>The data stream when neither one nor an index is named.</summary>
    public const string DefaultDataStream = "logs-bailiwick.alert-default";

    private const string Sample = "00000000000000000000000000000000";
    private static readonly Uri s_none = new("https://invalid.invalid");

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static ElasticsearchSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var url = reader.Address("url", "https://host[:port][/path] (or http for a local cluster) without user and query");
        var stream = reader.Text("dataStream");
        var index = reader.Text("index");
        if (stream is not null && index is not null) reader.Fault("'dataStream' and 'index' are both given; name one.");
        foreach (var (name, value) in new[] { ("dataStream", stream), ("index", index) })
        {
            if (value is not null && !IsName(value))
                reader.Fault($"'{name}' is no name of an index: a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, at most 255 characters; {{customer}} and {{tenant}} stand for ids of 32 hex digits.");
        }

        if (stream is not null && stream.Split('-').Length < 3) reader.Fault("'dataStream' is not type-dataset-namespace, such as logs-bailiwick.alert-default.");
        var read = new ElasticsearchSettings(
            url is null ? s_none : Folder(url),
            index ?? stream ?? DefaultDataStream,
            reader.OneOf("authentication", "api-key", "basic") == "basic",
            reader.Flag("original", false),
            reader.Flag("compress", false),
            reader.Whole("maxBodyBytes", 10_000, 100_000_000, 5_000_000),
            reader.FullPath("caFile"));
        faults = reader.Faults();
        return read;
    }

    /// <summary>The target for one tenant of one customer.</summary>
    public string TargetFor(Guid customer, Guid tenant) => Fill(Target, customer.ToString("N"), tenant.ToString("N"));

    private static string Fill(string target, string customer, string tenant) =>
        target.Replace("{customer}", customer, StringComparison.Ordinal).Replace("{tenant}", tenant, StringComparison.Ordinal);

    private static bool IsName(string target) => Fill(target, Sample, Sample) is { Length: <= 255 } name && NamePattern().IsMatch(name);

    private static Uri Folder(Uri url) => url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NamePattern();
}
