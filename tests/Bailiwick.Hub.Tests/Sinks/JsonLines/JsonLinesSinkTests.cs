using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.JsonLines;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing.Contracts;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.JsonLines;

public sealed class JsonLinesSinkTests : SinkContract, IDisposable
{
    private readonly TempDirectory _folder = new();

    protected override int CopiesAfterSendingTwice => 1;

    private string TenantPath => Path.Combine(_folder.Path, $"{SampleAlerts.Tenant}.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_after_the_write_and_before_the_position_was_saved_repeats_nothing()
    {
        await SendAsync(Batch(1, 2, 3));
        (await SendAsync(Batch(2, 3, 4))).ShouldBe(DeliveryResult.Delivered.Instance); // a new object: all it knows is the file
        Numbers().ShouldBe([1, 2, 3, 4]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(-1)]
    public async Task A_torn_last_line_is_cut_and_written_anew(int keptOfLastLine)
    {
        await SendAsync(Batch(1, 2, 3));
        var bytes = await File.ReadAllBytesAsync(TenantPath);
        var lastLine = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        var kept = keptOfLastLine < 0 ? bytes.Length - 1 : lastLine + keptOfLastLine;
        await File.WriteAllBytesAsync(TenantPath, bytes[..kept]);

        (await SendAsync(Batch(1, 2, 3))).ShouldBe(DeliveryResult.Delivered.Instance);
        (await File.ReadAllBytesAsync(TenantPath)).ShouldBe(bytes);
    }

    [Fact]
    public async Task Every_place_where_a_write_can_be_cut_ends_with_each_record_once()
    {
        await SendAsync(Batch(1));
        var before = (await File.ReadAllBytesAsync(TenantPath)).Length;
        await SendAsync(Batch(2, 3));
        var whole = await File.ReadAllBytesAsync(TenantPath);
        for (var cut = before; cut <= whole.Length; cut += 37)
        {
            await File.WriteAllBytesAsync(TenantPath, whole[..cut]);
            await SendAsync(Batch(2, 3));
            (await File.ReadAllBytesAsync(TenantPath)).ShouldBe(whole, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task A_replay_does_not_count_as_the_position_of_the_file()
    {
        await SendAsync(Batch(1, 2, 3));
        var replay = Batch(1, 2);
        await SendAsync(replay with { Versions = [.. replay.Versions.Select(version => version with { Replayed = true })] });
        await SendAsync(Batch(3, 4));
        Numbers().ShouldBe([1, 2, 3, 1, 2, 4]);
        Lines().Count(line => line.GetProperty("bailiwick").GetProperty("replayed").GetBoolean()).ShouldBe(2);
    }

    [Fact]
    public async Task A_record_whose_number_is_known_but_not_its_key_is_written_all_the_same()
    {
        await SendAsync(Batch(1, 2));
        await SendAsync(SampleAlerts.Batch(SampleAlerts.Simple(2, "another content under the same number")));
        Numbers().ShouldBe([1, 2, 2]);
    }

    [Fact]
    public async Task A_replay_of_thousands_of_lines_at_the_end_hides_no_position()
    {
        await SendAsync(Batch([.. Enumerable.Range(1, 50).Select(number => (long)number)]));
        var replay = Batch([.. Enumerable.Range(1, 1000).Select(number => (long)((number % 50) + 1))]);
        await SendAsync(replay with { Versions = [.. replay.Versions.Select(version => version with { Replayed = true })] });
        await SendAsync(Batch(50, 51));
        Numbers().Count(number => number == 50).ShouldBe(1 + 20);
        Numbers()[^1].ShouldBe(51);
    }

    [Fact]
    public async Task Lines_longer_than_the_window_of_the_scan_are_found()
    {
        var large = SampleAlerts.Simple(1, new string('x', 300_000));
        await SendAsync(SampleAlerts.Batch(large, SampleAlerts.Simple(2)));
        await SendAsync(SampleAlerts.Batch(large, SampleAlerts.Simple(2), SampleAlerts.Simple(3)));
        Numbers().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Raw_lines_hold_the_upstream_JSON_and_the_routing_fields()
    {
        var version = SampleAlerts.Own()[0];
        await using var sink = new JsonLinesSink(new JsonLinesSettings(_folder.Path, AlertFormats.Raw));
        await sink.SendAsync(SampleAlerts.Batch(version), CancellationToken.None);
        var line = Lines().Single();
        line.GetProperty("alert").GetRawText().ShouldBe(Encoding.UTF8.GetString(version.Raw.Span));
        line.GetProperty("bailiwick").GetProperty("key").GetString().ShouldBe(version.Key);
    }

    [Fact]
    public async Task A_file_has_no_mark_at_its_beginning_and_one_line_end_a_record()
    {
        await SendAsync(SampleAlerts.Batch([.. SampleAlerts.Hostile()]));
        var bytes = await File.ReadAllBytesAsync(TenantPath);
        bytes[0].ShouldBe((byte)'{');
        bytes.Count(value => value == '\n').ShouldBe(SampleAlerts.Hostile().Count);
        bytes.ShouldNotContain((byte)'\r');
        Lines().Count.ShouldBe(SampleAlerts.Hostile().Count);
    }

    [Fact]
    public async Task More_tenants_than_open_files_are_served()
    {
        await using var sink = new JsonLinesSink(new JsonLinesSettings(_folder.Path));
        for (var round = 1; round <= 2; round++)
        {
            for (var tenant = 1; tenant <= JsonLinesSink.MaxOpenFiles + 20; tenant++)
            {
                var id = new TenantId(new Guid(tenant, 0, 0, new byte[8]));
                var version = SampleAlerts.Simple(round) with { Tenant = id };
                (await sink.SendAsync(new AlertBatch(id, SampleAlerts.Customer, "x", [version]), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
            }
        }

        sink.OpenFiles.ShouldBe(JsonLinesSink.MaxOpenFiles);
        Directory.GetFiles(_folder.Path).Length.ShouldBe(JsonLinesSink.MaxOpenFiles + 20);
        Directory.GetFiles(_folder.Path).ShouldAllBe(file => File.ReadAllLines(file).Length == 2);
    }

    [SkippableFact]
    public async Task A_full_disk_is_tried_later_and_loses_and_repeats_nothing()
    {
        using var small = SmallDisk.MountOrSkip(Path.Combine(_folder.Path, "small"), "64k");
        var mount = small.Path;
        await using var sink = new JsonLinesSink(new JsonLinesSettings(mount));
        var filler = Path.Combine(mount, "filler");
        (await sink.SendAsync(Batch(1, 2), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await File.WriteAllBytesAsync(filler, new byte[48 * 1024]);
        var large = SampleAlerts.Batch([.. Enumerable.Range(3, 30).Select(number => SampleAlerts.Simple(number, new string('y', 1000)))]);
        (await sink.SendAsync(large, CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.StorageFull);
        (await File.ReadAllLinesAsync(Path.Combine(mount, $"{SampleAlerts.Tenant}.jsonl"))).Length.ShouldBe(2);
        File.Delete(filler);
        var few = SampleAlerts.Batch([.. large.Versions.Take(5)]);
        (await sink.SendAsync(few, CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        (await File.ReadAllLinesAsync(Path.Combine(mount, $"{SampleAlerts.Tenant}.jsonl"))).Length.ShouldBe(7);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_misconfigured()
    {
        await using var sink = new JsonLinesSink(new JsonLinesSettings(Path.Combine(_folder.Path, "missing")));
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    protected override Task<ISink> StartAsync() => Task.FromResult<ISink>(new JsonLinesSink(new JsonLinesSettings(_folder.Path)));

    protected override Task<ISink> StartWithoutReceiverAsync() => Task.FromResult<ISink>(new JsonLinesSink(new JsonLinesSettings(Path.Combine(_folder.Path, "none"))));

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override Task<IReadOnlyList<long>> ReceivedAsync(int expected) => Task.FromResult<IReadOnlyList<long>>(Numbers());

    protected override Task<IReadOnlyList<string>> RecordsAsync(int expected) => Task.FromResult<IReadOnlyList<string>>(File.ReadAllLines(TenantPath));

    private async Task<DeliveryResult> SendAsync(AlertBatch batch)
    {
        await using var sink = new JsonLinesSink(new JsonLinesSettings(_folder.Path));
        return await sink.SendAsync(batch, CancellationToken.None);
    }

    private List<JsonElement> Lines() => [.. File.ReadAllLines(TenantPath).Select(line => JsonDocument.Parse(line).RootElement)];

    private List<long> Numbers() => [.. Lines().Select(line => line.GetProperty("bailiwick").GetProperty("log_number").GetInt64())];
}
