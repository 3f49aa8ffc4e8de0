using System.Diagnostics;
using System.Text.Json;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Tests.Server;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Feeds;

/// <summary>The program that docs/feeds.md shows, run as it stands there against a whole hub.</summary>
[Collection(HubServerTests.Name)]
public sealed class FeedConsumerTests(HubServer hub) : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [SkippableFact]
    public async Task The_consumer_of_the_docs_killed_between_next_and_ack_ends_with_every_change_once()
    {
        Skip.IfNot(File.Exists(Python), "There is no /usr/bin/python3; the consumer of docs/feeds.md was not run.");
        await hub.Api(hub.Owner).AddFeedAsync(new NewFeed("consumer", "raw", [hub.Theirs], FromNow: true), default);
        var day = new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 30; i++) await hub.AppendAsync(hub.TheirTenant, $"consumed-{i}", day.AddMinutes(i), $"Nr. {i}");
        var script = Script();
        var killed = await RunAsync(script.Replace("    ask(\"/ack\"", "    os.kill(os.getpid(), 9)\n    ask(\"/ack\"", StringComparison.Ordinal).Replace("max=500", "max=7", StringComparison.Ordinal));
        await killed.WaitForExitAsync();
        killed.ExitCode.ShouldBe(137, await killed.StandardError.ReadToEndAsync());
        Read().Count.ShouldBe(7);

        var going = await RunAsync(script.Replace("max=500", "max=7", StringComparison.Ordinal));
        try
        {
            await Until.TrueAsync(
                async () => (await hub.Api(hub.Owner).ListFeedsAsync(null, default)).Items.Single(feed => feed.Name == "consumer").Waiting == 0, "the consumer has confirmed everything");
        }
        finally
        {
            going.Kill();
            await going.WaitForExitAsync();
        }

        Read().ShouldBe(Enumerable.Range(0, 30).Select(i => $"consumed-{i}"));
        await hub.Api(hub.Owner).RemoveFeedAsync("consumer", default);
    }

    private static string Script()
    {
        var page = File.ReadAllText(Repository.Path("docs", "feeds.md"));
        var from = page.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length;
        return page[from..page.IndexOf("```", from, StringComparison.Ordinal)];
    }

    private async Task<Process> RunAsync(string script)
    {
        var program = Path.Combine(_temp.Path, "consumer.py");
        await File.WriteAllTextAsync(program, script);
        var key = Path.Combine(_temp.Path, "consumer.key");
        await File.WriteAllTextAsync(key, await hub.KeyAsync(Role.Analyst, hub.Theirs) + "\n");
        Directory.CreateDirectory(Path.Combine(_temp.Path, "out"));
        return Process.Start(new ProcessStartInfo(Python, [program, new Uri(hub.Address, "/api/v1/feeds/consumer").ToString(), key, Path.Combine(_temp.Path, "out")])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            Environment = { ["no_proxy"] = "*" },
        })!;
    }

    private List<string> Read() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(_temp.Path, "out"), "*.jsonl").Order(StringComparer.Ordinal).SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("bailiwick").GetProperty("alert_id").GetString()!),
    ];
}
