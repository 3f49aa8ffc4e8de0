using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.JsonLines;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.JsonLines;

public sealed class JsonLinesRotationTests : IDisposable
{
    private static readonly JsonLinesRotation s_plain = new(MaxBytes: 3000, Compress: false);
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("bailiwick-rotate-").FullName;

    private string ActivePath => Path.Combine(_folder, $"{SampleAlerts.Tenant}.jsonl");

    private string FinishedFolder => Path.Combine(_folder, $"{SampleAlerts.Tenant}");

    private string Today => _time.GetUtcNow().ToString("yyyy-MM-dd");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_finished_before_it_would_grow_too_large()
    {
        for (var number = 1; number <= 12; number++) await SendAsync(s_plain, number);
        Numbers().ShouldBe(Range(1, 12));
        var finished = Directory.GetFiles(FinishedFolder);
        finished.Length.ShouldBeGreaterThan(2);
        finished.Append(ActivePath).ShouldAllBe(file => new FileInfo(file).Length <= s_plain.MaxBytes);
        Names().ShouldBe(Enumerable.Range(1, finished.Length).Select(number => $"{Today}.{number:0000}.jsonl"));
    }

    [Fact]
    public async Task A_batch_larger_than_a_file_stands_whole_in_one()
    {
        await SendAsync(s_plain, 1);
        await SendAsync(s_plain, Range(2, 40));
        await SendAsync(s_plain, 42);
        Names().Count.ShouldBe(2);
        File.ReadAllLines(Path.Combine(FinishedFolder, Names()[1])).Length.ShouldBe(40);
        Numbers().ShouldBe(Range(1, 41).Append(42));
    }

    [Fact]
    public async Task The_first_record_of_a_new_UTC_day_begins_a_new_file()
    {
        var daily = new JsonLinesRotation(null, Daily: true, Compress: false);
        var yesterday = Today;
        await SendAsync(daily, 1);
        _time.Advance(TimeSpan.FromHours(1));
        await SendAsync(daily, 2);
        Directory.Exists(FinishedFolder).ShouldBeFalse();
        _time.Advance(TimeSpan.FromDays(1));
        await SendAsync(daily, 2); // known already: nothing to write, so nothing to finish
        Directory.Exists(FinishedFolder).ShouldBeFalse();
        await SendAsync(daily, 3);
        Names().ShouldBe([$"{yesterday}.0001.jsonl"]);
        Numbers().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_clock_that_goes_back_keeps_the_files_in_order()
    {
        await SendAsync(s_plain, Range(1, 10));
        await SendAsync(s_plain, Range(11, 10));
        var ahead = Names().ShouldHaveSingleItem();
        File.Move(Path.Combine(FinishedFolder, ahead), Path.Combine(FinishedFolder, "2999-01-01.0007.jsonl"));
        await SendAsync(s_plain, Range(21, 10));
        Names().ShouldBe(["2999-01-01.0007.jsonl", "2999-01-01.0008.jsonl"]);
        Numbers().ShouldBe(Range(1, 30));
    }

    [Fact]
    public async Task Finished_files_are_compressed_and_the_plain_one_goes()
    {
        var rotation = s_plain with { Compress = true };
        await using (var sink = Sink(rotation))
        {
            for (var number = 1; number <= 12; number++) await sink.SendAsync(SinkSamples.Batch("x", number), CancellationToken.None);
            await Until.TrueAsync(() => Names() is [_, _, ..] names && names.All(name => name.EndsWith(".jsonl.gz", StringComparison.Ordinal)), "every finished file is compressed");
        }

        Numbers().ShouldBe(Range(1, 12));
    }

    /// <summary>Everything a kill can leave, step by step, made by hand; the last batch comes again, then one more.</summary>
    [Theory]
    [InlineData("nothing")]
    [InlineData("folder made")]
    [InlineData("moved")]
    [InlineData("moved, next begun")]
    [InlineData("moved, next torn")]
    [InlineData("part begun")]
    [InlineData("part torn")]
    [InlineData("part whole")]
    [InlineData("both whole")]
    [InlineData("both, gz torn")]
    [InlineData("both, gz empty")]
    [InlineData("both, gz zeroes")]
    [InlineData("gz alone")]
    [InlineData("gz and old part")]
    public async Task A_kill_after_any_step_loses_and_doubles_nothing(string left)
    {
        var rotation = new JsonLinesRotation(MaxBytes: 1, Compress: true); // every batch a file
        await SendAsync(new JsonLinesRotation(1_000_000), Range(1, 5));
        await SendAsync(new JsonLinesRotation(1_000_000), Range(6, 5));
        Leave(left);

        await using (var sink = Sink(rotation))
        {
            (await sink.SendAsync(SinkSamples.Batch("x", Range(6, 5)), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
            (await sink.SendAsync(SinkSamples.Batch("x", Range(9, 4)), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
            await Until.TrueAsync(() => Directory.GetFiles(FinishedFolder) is [var only] && only.EndsWith(".gz", StringComparison.Ordinal), "what was left is compressed");
        }

        Numbers().ShouldBe(Range(1, 12));
    }

    [Fact]
    public async Task A_compressed_file_of_other_content_is_never_written_over()
    {
        await SendAsync(s_plain, Range(1, 10));
        await SendAsync(s_plain, 11);
        var plain = Path.Combine(FinishedFolder, Names().Single());
        await File.WriteAllBytesAsync(plain + ".gz", Gzip("""{"other":1}"""u8.ToArray()));
        var before = await File.ReadAllBytesAsync(plain + ".gz");
        await using var finisher = Finisher(s_plain with { Compress = true });
        finisher.Finish(SampleAlerts.Tenant, CancellationToken.None);
        (await File.ReadAllBytesAsync(plain + ".gz")).ShouldBe(before);
        File.Exists(plain).ShouldBeTrue();
        _log.Lines.ShouldHaveSingleItem().ShouldContain("different content");
    }

    [Fact]
    public async Task Keys_are_looked_for_in_compressed_files_too()
    {
        var rotation = new JsonLinesRotation(MaxBytes: 1, Compress: true);
        for (var number = 1; number <= 9; number += 3) await SendAsync(rotation, Range(number, 3));
        await FinishAsync(rotation);
        Names().ShouldAllBe(name => name.EndsWith(".gz", StringComparison.Ordinal));
        await SendAsync(rotation, Range(1, 10)); // a position that was set far back
        Numbers().ShouldBe(Range(1, 10));
        await SendAsync(rotation, SampleAlerts.Batch(SampleAlerts.Simple(2, "another content under the same number")));
        Numbers().ShouldBe([.. Range(1, 10), 2]);
    }

    [Fact]
    public async Task With_rotation_switched_off_again_the_finished_files_still_say_how_far_the_tenant_is()
    {
        await SendAsync(s_plain, Range(1, 10));
        Leave("gz alone");
        await SendAsync(null, Range(9, 4));
        Numbers().ShouldBe(Range(1, 12));
    }

    [Fact]
    public async Task A_replay_alone_in_the_newest_file_hides_no_position()
    {
        await SendAsync(new JsonLinesRotation(1, Compress: false), Range(1, 3));
        var replay = SinkSamples.Batch("x", 1);
        await SendAsync(new JsonLinesRotation(1, Compress: false), replay with { Versions = [.. replay.Versions.Select(version => version with { Replayed = true })] });
        await SendAsync(new JsonLinesRotation(1, Compress: false), Range(2, 3));
        Numbers().ShouldBe([1, 2, 3, 1, 4]);
    }

    [Fact]
    public async Task A_damaged_finished_file_that_is_needed_stops_the_tenant_with_one_sentence()
    {
        await SendAsync(s_plain, Range(1, 10));
        Leave("gz alone");
        var packed = Directory.GetFiles(FinishedFolder).Single();
        await File.WriteAllBytesAsync(packed, new byte[500]);
        await using var sink = Sink(s_plain);
        var later = (await sink.SendAsync(SinkSamples.Batch("x", 11), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(DeliveryFailure.Misconfigured);
        later.Detail!.ShouldContain(packed);
        File.Delete(packed);
        (await sink.SendAsync(SinkSamples.Batch("x", 11), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    [Fact]
    public async Task The_retention_by_count_deletes_the_oldest_and_says_so()
    {
        var rotation = new JsonLinesRotation(MaxBytes: 1, Compress: true, KeepFiles: 2);
        for (var number = 1; number <= 5; number++) await SendAsync(rotation with { KeepFiles = null }, number);
        await FinishAsync(rotation);
        Names().ShouldBe([$"{Today}.0003.jsonl.gz", $"{Today}.0004.jsonl.gz"]);
        Numbers().ShouldBe([3, 4, 5]);
        _log.Lines.Count.ShouldBe(2);
        _log.Lines[0].ShouldContain($"{Today}.0001");
        _log.Lines[0].ShouldContain(SampleAlerts.Tenant.ToString());
    }

    [Fact]
    public async Task The_retention_by_age_counts_from_the_day_of_the_last_record()
    {
        var rotation = new JsonLinesRotation(null, Daily: true, Compress: false, KeepDays: 2);
        for (var number = 1; number <= 5; number++)
        {
            await SendAsync(rotation with { KeepDays = null }, number);
            _time.Advance(TimeSpan.FromDays(1));
        }

        await FinishAsync(rotation); // the day after the fifth: finished are 1 to 4, of 5 to 2 days ago
        Numbers().ShouldBe([4, 5]);
    }

    [Fact]
    public async Task The_retention_never_deletes_the_file_that_says_how_far_the_tenant_is()
    {
        var rotation = new JsonLinesRotation(MaxBytes: 1, Compress: false, KeepFiles: 1, KeepDays: 1);
        await SendAsync(rotation with { KeepFiles = null, KeepDays = null }, Range(1, 3));
        for (var times = 0; times < 3; times++)
        {
            var replay = SinkSamples.Batch("x", 1);
            await SendAsync(rotation with { KeepFiles = null, KeepDays = null }, replay with { Versions = [.. replay.Versions.Select(version => version with { Replayed = true })] });
        }

        _time.Advance(TimeSpan.FromDays(30));
        await FinishAsync(rotation);
        await SendAsync(rotation, Range(2, 3));
        Numbers().ShouldBe([1, 2, 3, 1, 1, 1, 4]);
    }

    [Fact]
    public async Task Many_tenants_rotate_and_are_read_back_each_by_itself()
    {
        var rotation = new JsonLinesRotation(MaxBytes: 1500, Compress: true);
        var tenants = Enumerable.Range(1, JsonLinesSink.MaxOpenFiles + 20).Select(at => new TenantId(new Guid(at, 0, 0, new byte[8]))).ToList();
        for (var run = 0; run < 2; run++)
        {
            await using var sink = Sink(rotation);
            for (var round = 1; round <= 3; round++)
            {
                await Parallel.ForEachAsync(tenants, async (tenant, stop) =>
                {
                    var versions = Range((run * 2) + round, 2).Select(number => SampleAlerts.Simple(number) with { Tenant = tenant }).ToList();
                    (await sink.SendAsync(new AlertBatch(tenant, SampleAlerts.Customer, "x", versions), stop)).ShouldBe(DeliveryResult.Delivered.Instance);
                });
            }
        }

        foreach (var tenant in tenants) Numbers(tenant).ShouldBe(Range(1, 6), ignoreOrder: false, tenant.ToString());
    }

    [SkippableFact]
    public async Task A_full_disk_while_compressing_leaves_the_plain_file_and_the_next_turn_makes_it_good()
    {
        using var small = SmallDisk.MountOrSkip(Path.Combine(_folder, "small"), "192k");
        var settings = new JsonLinesSettings(small.Path, Rotation: new JsonLinesRotation(MaxBytes: 1, Compress: true));
        await using (var sink = new JsonLinesSink(settings with { Rotation = settings.Rotation! with { Compress = false } }, time: _time))
        {
            await sink.SendAsync(SinkSamples.Batch("x", Range(1, 20)), CancellationToken.None);
            await sink.SendAsync(SinkSamples.Batch("x", 21), CancellationToken.None);
        }

        var filler = Path.Combine(small.Path, "filler");
        Should.Throw<IOException>(() => File.WriteAllBytes(filler, new byte[192 * 1024])); // writes what fits
        await using var finisher = new FileFinisher(small.Path, settings.Rotation!, "files", _time, _log);
        Should.Throw<IOException>(() => finisher.Finish(SampleAlerts.Tenant, CancellationToken.None));
        Directory.GetFiles(Path.Combine(small.Path, SampleAlerts.Tenant.ToString())).ShouldHaveSingleItem().ShouldEndWith(".jsonl");
        File.Delete(filler);
        finisher.Finish(SampleAlerts.Tenant, CancellationToken.None);
        Directory.GetFiles(Path.Combine(small.Path, SampleAlerts.Tenant.ToString())).ShouldHaveSingleItem().ShouldEndWith(".jsonl.gz");
    }

    [Fact]
    public void Settings_name_every_fault_at_once()
    {
        var kind = new JsonLinesKind();
        kind.Validate(Json("""{"directory":"/tmp","rotateBytes":50000000,"rotateDaily":true,"compress":false,"keepFiles":3,"keepDays":90}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"directory":"/tmp","keepDays":90}""")).ShouldHaveSingleItem().ShouldContain("rotateBytes");
        kind.Validate(Json("""{"directory":"/tmp","compress":true}""")).ShouldHaveSingleItem().ShouldContain("rotateBytes");
        kind.Validate(Json("""{"directory":"/tmp","rotateBytes":"10M","rotateDaily":1,"compress":"no","keepFiles":0,"keepDays":-1}""")).Count.ShouldBe(5);
    }

    private static long[] Range(int first, int count) => [.. Enumerable.Range(first, count).Select(number => (long)number)];

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>Makes the state after a step, from one active file.</summary>
    private void Leave(string step)
    {
        if (step == "nothing") return;
        Directory.CreateDirectory(FinishedFolder);
        if (step == "folder made") return;
        var plain = Path.Combine(FinishedFolder, $"{Today}.0001.jsonl");
        File.Move(ActivePath, plain);
        var content = File.ReadAllBytes(plain);
        var whole = Gzip(content);
        var torn = whole[..(whole.Length / 2)];
        if (step == "moved, next begun") File.WriteAllBytes(ActivePath, []);
        if (step == "moved, next torn") File.WriteAllBytes(ActivePath, content[..100]);
        if (step == "part begun") File.WriteAllBytes(plain + ".gz.part", []);
        if (step == "part torn") File.WriteAllBytes(plain + ".gz.part", torn);
        if (step == "part whole") File.WriteAllBytes(plain + ".gz.part", whole);
        if (step == "both, gz torn") File.WriteAllBytes(plain + ".gz", torn);
        if (step == "both, gz empty") File.WriteAllBytes(plain + ".gz", []);
        if (step == "both, gz zeroes") File.WriteAllBytes(plain + ".gz", new byte[whole.Length]);
        if (step is "both whole" or "gz alone" or "gz and old part") File.WriteAllBytes(plain + ".gz", whole);
        if (step is "gz and old part") File.WriteAllBytes(plain + ".gz.part", torn);
        if (step is "gz alone" or "gz and old part") File.Delete(plain);
    }

    private Task SendAsync(JsonLinesRotation? rotation, params long[] numbers) => SendAsync(rotation, SinkSamples.Batch("x", numbers));

    private async Task SendAsync(JsonLinesRotation? rotation, AlertBatch batch)
    {
        await using var sink = Sink(rotation);
        (await sink.SendAsync(batch, CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
    }

    private async Task FinishAsync(JsonLinesRotation rotation)
    {
        await using var finisher = Finisher(rotation);
        finisher.Finish(SampleAlerts.Tenant, CancellationToken.None);
    }

    private JsonLinesSink Sink(JsonLinesRotation? rotation) => new(new JsonLinesSettings(_folder, Rotation: rotation), "files", _time, _log);

    private FileFinisher Finisher(JsonLinesRotation rotation) => new(_folder, rotation, "files", _time, _log);

    /// <summary>Names of the finished files; while a compressed one takes a plain one's place both may show.</summary>
    private List<string> Names() => [.. Directory.GetFiles(FinishedFolder).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".part", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private List<long> Numbers() => Numbers(SampleAlerts.Tenant);

    /// <summary>The log numbers in all files of a tenant, the oldest file first; a plain file counts before its compressed form.</summary>
    private List<long> Numbers(TenantId tenant)
    {
        var folder = Path.Combine(_folder, tenant.ToString());
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder).Where(file => !file.EndsWith(".part", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList() : [];
        files.RemoveAll(file => file.EndsWith(".gz", StringComparison.Ordinal) && files.Contains(file[..^3]));
        var active = Path.Combine(_folder, $"{tenant}.jsonl");
        if (File.Exists(active)) files.Add(active);
        return [.. files.SelectMany(Lines).Select(line => Json(line).GetProperty("bailiwick").GetProperty("log_number").GetInt64())];
    }

    private static string[] Lines(string path)
    {
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : File.OpenRead(path);
        return new StreamReader(stream, Encoding.UTF8).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private sealed class RecordingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Lines) Lines.Add(formatter(state, exception));
        }
    }
}
