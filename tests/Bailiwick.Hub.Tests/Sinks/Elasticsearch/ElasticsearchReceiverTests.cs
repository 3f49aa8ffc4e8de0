using System.Text.Json;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Elasticsearch;

/// <summary>The stand-in receiver is judged by somebody else's client: Elastic's own for Node, unchanged.</summary>
public sealed class ElasticsearchReceiverTests
{
    [SkippableFact]
    public async Task Elastics_own_client_finds_the_bulk_API_it_knows()
    {
        var busy = true;
        var options = new ElasticsearchReceiverOptions
        {
            Authorization = "ApiKey right",
            FailRequests = 1,
            FailItem = document =>
            {
                if (document.Contains("bad-mapping", StringComparison.Ordinal)) return (400, "document_parsing_exception");
                if (!busy || !document.Contains("\"number\":3", StringComparison.Ordinal)) return null;
                busy = false;
                return (429, "es_rejected_execution_exception");
            },
        };
        await using var receiver = await ElasticsearchReceiver.StartAsync(options, CancellationToken.None);
        using var script = await NodeScript.StartOrSkipAsync(SinkHttp.NodeScripts, "elasticsearch.mjs", new { url = receiver.Url, key = "right", bad = "bad-mapping" });

        var seen = await script.ReadAsync();

        seen.GetProperty("throttled").GetInt32().ShouldBe(429);
        Counts(seen, "busy").ShouldBe((2, 1, "400 document_parsing_exception 2"), "the helper sends the busy document again and drops the wrong one");
        Counts(seen, "again").ShouldBe((0, 3, "409 version_conflict_engine_exception 1, 400 document_parsing_exception 2, 409 version_conflict_engine_exception 3"));
        Counts(seen, "overwritten").ShouldBe((0, 3, "400 illegal_argument_exception 1, 400 document_parsing_exception 2, 400 illegal_argument_exception 3"));
        Counts(seen, "index").ShouldBe((2, 1, "400 document_parsing_exception 2"));
        seen.GetProperty("refused").GetInt32().ShouldBe(401);
        receiver.Documents.Select(document => (document.Index, document.Id)).ShouldBe(
            [("logs-bailiwick.alert-default", "id-1"), ("logs-bailiwick.alert-default", "id-3"), ("alerts", "id-1"), ("alerts", "id-3")]);
    }

    private static (int Successful, int Failed, string Dropped) Counts(JsonElement seen, string name)
    {
        var counts = seen.GetProperty(name);
        var dropped = counts.GetProperty("dropped").EnumerateArray().Select(drop => $"{drop.GetProperty("status")} {drop.GetProperty("type")} {drop.GetProperty("number")}");
        return (counts.GetProperty("successful").GetInt32(), counts.GetProperty("failed").GetInt32(), string.Join(", ", dropped));
    }
}
