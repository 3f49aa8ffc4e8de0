using System.Buffers;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.World.Generator;

/// <summary>A generated alert: its record and what its incident must know.</summary>
internal sealed record GeneratedAlert(ShelfRecord Record, long Incident, long FirstIndex, string Title, string Category, string Severity, long Created, long Updated);

/// <summary>
/// Writes one tenant's alerts in Graph's shape, 1.5 to 6 KB each, 3.7 KB on average. The content follows from (seed, tenant id, index) alone, the times from
/// the caller. Not thread safe: one generator per thread.
/// </summary>
internal sealed class AlertGenerator : IDisposable
{
    private const long Second = TimeSpan.TicksPerSecond;
    /// <summary>Ticks between creation and first update of an alert that is raised now.</summary>
    public const long JustCreated = Second * 2 / 5;

    private static readonly long LongestLateness = TimeSpan.FromHours(30).Ticks;
    private static readonly Scenario[] OfEndpoint = [.. Scenarios.All.Where(scenario => scenario.Service == "microsoftDefenderForEndpoint")];
    private static readonly Scenario[] OfOthers = [.. Scenarios.All.Where(scenario => scenario.Service != "microsoftDefenderForEndpoint")];

    private readonly TenantWorld _world;
    private readonly long _seed;
    private readonly Campaign[] _campaigns;
    private readonly ArrayBufferWriter<byte> _buffer = new(8192);
    private readonly Utf8JsonWriter _json;

    public AlertGenerator(TenantWorld world, long seed)
    {
        (_world, _seed, _campaigns) = (world, seed, Campaign.All(seed));
        _json = new Utf8JsonWriter(_buffer, Relaxed.Writer);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Number of the incident that an index belongs to: runs of one to four alerts on one device.</summary>
    public static (long Incident, long FirstIndex) IncidentOf(Guid tenant, long index)
    {
        var random = SeededRandom.For(0, tenant, index / 4, "incident");
        int[] starts = random.Below(4) switch { 0 => [0, 0, 0, 0], 1 => [0, 1, 1, 1], 2 => [0, 0, 2, 2], _ => [0, 1, 2, 2] };
        var first = (index / 4 * 4) + starts[index % 4];
        return (1001 + first, first);
    }

    /// <summary>Makes one alert.</summary>
    /// <param name="index">The tenant's running number, from 0.</param>
    /// <param name="created">Time of creation, UTC ticks.</param>
    /// <param name="latest">No update later than this; 0 means <see cref="JustCreated"/> after the creation.</param>
    public GeneratedAlert Make(long index, long created, long latest)
    {
        var tenant = _world.Tenant;
        var random = SeededRandom.For(_seed, tenant.Id, index);
        var (incident, first) = IncidentOf(tenant.Id, index);
        var story = SeededRandom.For(_seed, tenant.Id, first, "device");
        var scenario = random.Chance(0.78) ? random.Pick(OfEndpoint) : random.Pick(OfOthers);
        var device = DeviceFor(scenario, ref story);
        var campaign = random.Chance(0.2) ? _campaigns[random.Below(Campaign.Running)] : Campaign.Draw(ref random);
        var fill = new EvidenceFill(_world, device, campaign, created, random.Hex(6), Convert.ToBase64String(Guid().ToByteArray()).TrimEnd('='));
        var severity = scenario.Severity(ref random);
        var updated = UpdatedAt(created, latest, ref random);
        var id = $"{Prefix(scenario.Service)}{created}_{(int)random.Next()}";
        var happened = created - Math.Min((long)(random.LogNormal(120, 1.1) * Second), LongestLateness);
        Write(scenario, fill, new Head(id, incident, severity, created, updated, happened), ref random);
        var investigation = scenario.Service == "microsoftDefenderForEndpoint" && random.Chance(0.5) ? 4000 + (long)random.Below(90_000) : (long?)null;
        var record = new ShelfRecord(RecordShape.World, id, _buffer.WrittenSpan.ToArray(), 0, investigation);
        return new GeneratedAlert(record, incident, first, scenario.Title, scenario.Category, severity, created, updated);

        Guid Guid() => SeededRandom.For(_seed, tenant.Id, index, "b64").Guid();
    }

    private static long UpdatedAt(long created, long latest, ref SeededRandom random)
    {
        if (latest == 0) return WireTime.Grid(created + JustCreated);
        var after = random.Chance(0.75) ? 0.5 + (random.Unit() * 3) : random.LogNormal(86_400, 1.3);
        var updated = WireTime.Grid(Math.Min(created + (long)(after * Second), Math.Max(latest, created + (Second / 2))));
        return updated >= created ? updated : WireTime.Next(created, created);
    }

    private Device DeviceFor(Scenario scenario, ref SeededRandom random)
    {
        var linux = scenario.Steps.Any(step => step is Step.Process { Path: "/usr/bin" });
        for (var tries = 0; tries < 12; tries++)
        {
            var device = random.Pick(_world.Devices);
            if (device.Os == "Linux" == linux && (linux || device.Os != "macOS")) return device;
        }

        return _world.Devices[0];
    }

    private static string Prefix(string service) => service switch
    {
        "microsoftDefenderForEndpoint" => "da",
        "microsoftDefenderForCloudApps" or "microsoftAppGovernance" => "ca",
        "microsoftDefenderForIdentity" or "azureAdIdentityProtection" => "aa",
        "microsoftDefenderForOffice365" => "fa",
        _ => "ra",
    };

    private void Write(Scenario scenario, EvidenceFill fill, Head head, ref SeededRandom random)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        var tenant = _world.Tenant.Id.ToString("D");
        _json.WriteStartObject();
        _json.WriteString("id", head.Id);
        _json.WriteString("providerAlertId", head.Id);
        _json.WriteString("incidentId", head.Incident.ToString());
        _json.WriteString("status", "new");
        _json.WriteString("severity", head.Severity);
        _json.WriteString("classification", "unknown");
        _json.WriteString("determination", "unknown");
        _json.WriteString("serviceSource", scenario.Service);
        _json.WriteString("detectionSource", scenario.Detection);
        _json.WriteString("productName", ProductOf(scenario.Service));
        _json.WriteString("detectorId", SeededRandom.For(0, Guid.Empty, scenario.Title.Length, scenario.Title).Guid());
        _json.WriteString("tenantId", tenant);
        _json.WriteString("title", scenario.Title);
        _json.WriteString("description", scenario.Description);
        _json.WriteString("recommendedActions", AlertTexts.Advice(scenario.Category));
        _json.WriteString("category", scenario.Category);
        _json.WriteNull("assignedTo");
        _json.WriteString("alertWebUrl", $"https://security.microsoft.com/alerts/{head.Id}?tid={tenant}");
        _json.WriteString("incidentWebUrl", $"https://security.microsoft.com/incidents/{head.Incident}?tid={tenant}");
        WriteText("actorDisplayName", scenario.Actor);
        WriteText("threatDisplayName", scenario.Threat);
        WriteText("threatFamilyName", scenario.Family);
        _json.WriteStartArray("mitreTechniques");
        foreach (var technique in scenario.Techniques) _json.WriteStringValue(technique);
        _json.WriteEndArray();
        _json.WriteString("createdDateTime", WireTime.Full(head.Created));
        _json.WriteString("lastUpdateDateTime", WireTime.Trimmed(head.Updated));
        _json.WriteNull("resolvedDateTime");
        _json.WriteString("firstActivityDateTime", WireTime.Full(head.Happened));
        _json.WriteString("lastActivityDateTime", WireTime.Full(head.Happened + random.Below((int)Second * 90)));
        _json.WriteString("investigationState", random.Pick(["queued", "running", "unsupportedAlertType", "benign", "successfullyRemediated"]));
        _json.WriteStartArray("comments");
        _json.WriteEndArray();
        _json.WriteStartArray("systemTags");
        _json.WriteEndArray();
        _json.WriteStartArray("evidence");
        EvidenceWriter.Write(_json, scenario, fill, head.Happened, ref random);
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.Flush();
    }

    private void WriteText(string name, string? text)
    {
        if (text is null) _json.WriteNull(name);
        else _json.WriteString(name, text);
    }

    private static string ProductOf(string service) => service switch
    {
        "microsoftDefenderForIdentity" => "Microsoft Defender for Identity",
        "microsoftDefenderForOffice365" => "Microsoft Defender for Office 365",
        "microsoftDefenderForCloudApps" => "Microsoft Defender for Cloud Apps",
        "microsoftAppGovernance" => "App Governance",
        "azureAdIdentityProtection" => "Microsoft Entra ID Protection",
        "microsoft365Defender" => "Microsoft Defender XDR",
        "microsoftDefenderForCloud" => "Microsoft Defender for Cloud",
        _ => "Microsoft Defender for Endpoint",
    };

    private sealed record Head(string Id, long Incident, string Severity, long Created, long Updated, long Happened);
}
