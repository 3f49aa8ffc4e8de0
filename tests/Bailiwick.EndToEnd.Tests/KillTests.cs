using System.Globalization;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>
/// <c>kill -9</c> at seeded random moments while requests are open, with a receiver that fails now and then. The oracle is the twin's own list of what is true:
/// each of its records is an obligation.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Token = "token-of-the-kill-test";

    [Fact]
    public async Task A_killed_hub_loses_nothing_and_repeats_only_the_same_bytes()
    {
        var isLong = Environment.GetEnvironmentVariable("BAILIWICK_TESTS") == "long";
        var (kills, tenantCount, perTenant, seed) = isLong ? (100, 50, 200, 20260311) : (6, 10, 60, 20260311);
        var random = new Random(seed);
        await using var twin = await TwinFixture.StartAsync();
        var tenants = await twin.AddCustomersAsync(tenantCount);
        await twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", Kind = TwinFaultKind.Slow, Value = 40, Probability = 0.5, Seed = seed }, CancellationToken.None);
        await using var hec = await HecReceiver.StartAsync(
            new HecReceiverOptions { Token = Token, KeepEvents = true, Acknowledgement = true, FailPercent = 5, Seed = seed }, CancellationToken.None);
        var busy = new Random(seed);
        await using var index = await ElasticsearchReceiver.StartAsync(
            new ElasticsearchReceiverOptions { Authorization = $"ApiKey {Token}", FailItem = _ => busy.Next(100) < 2 ? (429, "es_rejected_execution_exception") : null }, CancellationToken.None);
        await using var hook = await WebhookReceiver.StartAsync(new WebhookReceiverOptions { Key = Token }, CancellationToken.None);
        var folder = Directory.CreateTempSubdirectory("bailiwick-kill-").FullName;
        try
        {
            var lines = await SetUpAsync(twin, tenants, (hec.Url, index.Url, hook.Url), folder);
            var configuration = await HubProcess.WriteConfigurationAsync(folder, twin);
            var (counted, lives) = (0, 0);
            while (counted < kills)
            {
                (++lives).ShouldBeLessThan(kills * 3, "too many lives without an open request to strike");
                Raise(twin, tenants, perTenant, kills, counted, random);
                await using var hub = await HubProcess.StartAsync(configuration);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 700)), TimeProvider.System);
                if (await StrikeAsync(hub, twin, hec)) counted++;
            }

            Raise(twin, tenants, perTenant, kills, kills, random);
            await using var last = await HubProcess.StartAsync(configuration);
            var truth = tenants.SelectMany(tenant => twin.Planes.Alerts.Truth(tenant.Id).Where(line => line.Source == "graph").Select(line => (Tenant: tenant.Id, line.Id))).ToList();
            await Until.TrueAsync(() => Keys(lines).Count >= truth.Count && Distinct(hec) >= truth.Count, $"{truth.Count} records in both sinks", TimeSpan.FromMinutes(3));
            Judge(truth, lines, hec, counted, lives);
            await Until.TrueAsync(() => index.Documents.Count >= truth.Count && hook.Records.Distinct().Count() >= truth.Count, "all records in the index and at the webhook", TimeSpan.FromMinutes(3));
            Judge(Keys(lines), index, hook);

            twin.Planes.Alerts.Raise(tenants[0].Id, seed: 99);
            await Until.TrueAsync(() => Keys(lines).Count > truth.Count, "a fresh alert after all the kills");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Judge(List<(Guid Tenant, string Id)> truth, string lines, HecReceiver hec, int counted, int lives)
    {
        var written = Keys(lines);
        written.Select(line => line.Key).Distinct().Count().ShouldBe(written.Count, "the JSON-lines sink has each record once");
        var stored = written.Select(line => (line.Tenant, line.Id)).ToHashSet();
        truth.Where(record => !stored.Contains(record)).ShouldBeEmpty("lost");
        var wanted = truth.ToHashSet();
        written.Where(line => !wanted.Contains((line.Tenant, line.Id))).ShouldBeEmpty("unknown");

        var byKey = hec.Events.GroupBy(KeyOf).ToList();
        byKey.Count.ShouldBe(truth.Count, "HEC has every record");
        byKey.Where(copies => copies.Distinct().Count() > 1).ShouldBeEmpty("a repeat with other bytes");
        output.WriteLine($"{counted} kills on open requests in {lives} lives, {truth.Count} records: lost 0, unknown 0, altered 0; HEC repeats {hec.Events.Count - byKey.Count}, JSON lines repeats 0.");
    }

    private void Judge(List<(Guid Tenant, string Id, string Key)> written, ElasticsearchReceiver index, WebhookReceiver hook)
    {
        var keys = written.Select(line => line.Key).ToList();
        index.Documents.Select(document => document.Id).ShouldBe(keys, ignoreOrder: true, "the index has each record once");
        var byKey = hook.Records.GroupBy(OurKeyOf).ToList();
        byKey.Select(copies => copies.Key).ShouldBe(keys, ignoreOrder: true, "the webhook has every record");
        byKey.Where(copies => copies.Distinct().Count() > 1).ShouldBeEmpty("a repeat with other bytes");
        output.WriteLine($"Index repeats 0 of {index.Documents.Count}, webhook repeats {hook.Records.Count - byKey.Count}.");
    }

    private static async Task<string> SetUpAsync(TwinFixture twin, IReadOnlyList<TwinTenant> tenants, (Uri Hec, Uri Index, Uri Hook) urls, string folder)
    {
        await using var hub = await HubFixture.StartAsync(twin, folder, keepFolder: true);
        await hub.AddSinkAsync("files", "jsonlines", new { directory = hub.Lines });
        await hub.AddSinkAsync("splunk", "splunk-hec", new { url = urls.Hec, acknowledgement = true }, Token);
        await hub.AddSinkAsync("index", "elasticsearch", new { url = urls.Index }, Token);
        await hub.AddSinkAsync("hook", "webhook", new { url = urls.Hook }, Token);
        await hub.ConnectAsync(await hub.AddApplicationAsync(twin), tenants, AlertSources.GraphAlerts);
        return hub.Lines;
    }

    private static void Raise(TwinFixture twin, IReadOnlyList<TwinTenant> tenants, int perTenant, int kills, int round, Random random)
    {
        var now = twin.Host.Services.Clock.GetUtcNow();
        foreach (var tenant in tenants)
        {
            var due = (perTenant * (round + 1) / (kills + 1)) - (perTenant * round / (kills + 1));
            if (due > 0) twin.Planes.Alerts.Generate(tenant.Id, due, now.AddMinutes(-10), now, random.Next());
        }
    }

    /// <summary>Waits for an open request and kills at that moment; false when none came.</summary>
    private static async Task<bool> StrikeAsync(HubProcess hub, TwinFixture twin, HecReceiver hec)
    {
        for (var tries = 0; tries < 2000; tries++)
        {
            if (twin.Host.OpenRequests + hec.OpenRequests > 0)
            {
                await hub.KillAsync();
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        await hub.KillAsync();
        return false;
    }

    private static int Distinct(HecReceiver hec) => hec.Events.Select(KeyOf).Distinct().Count();

    private static string KeyOf(string envelope)
    {
        using var json = JsonDocument.Parse(envelope);
        return json.RootElement.GetProperty("fields").EnumerateObject().First(field => field.Name.Contains("key", StringComparison.Ordinal)).Value.GetString()!;
    }

    private static string OurKeyOf(string record)
    {
        using var json = JsonDocument.Parse(record);
        return json.RootElement.GetProperty("bailiwick").GetProperty("key").GetString()!;
    }

    private static List<(Guid Tenant, string Id, string Key)> Keys(string lines) =>
        [.. SinkFiles.Lines(lines).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var own = json.RootElement.GetProperty("bailiwick");
            return (Guid.Parse(own.GetProperty("tenant_id").GetString()!, CultureInfo.InvariantCulture), own.GetProperty("alert_id").GetString()!, own.GetProperty("key").GetString()!);
        })];
}
