using System.Text.Json;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// How awkward the alert planes are, as one JSON document: a global one and, over it, one per tenant. Every property is optional;
/// null means "as the next wider document says", in the end the default named here. Source of the defaults: get-alerts 2025-03,
/// list-alerts_v2 2023, throttling-security 2024, field reports to 2026-07.
/// </summary>
public sealed record AlertKnobs
{
    /// <summary>Shortest time between an update and being returned, in seconds. Default 0.</summary>
    public double? VisibilityLagMinSeconds { get; init; }

    /// <summary>Longest such time; each version draws its own between the two. Default 0.</summary>
    public double? VisibilityLagMaxSeconds { get; init; }

    /// <summary>Largest <c>$top</c> of Graph's lists of alerts; larger is clamped, not refused. Default 1,000.</summary>
    public int? GraphTopCap { get; init; }

    /// <summary>Page of a Graph list without <c>$top</c>. Default 1,000; incidents 50.</summary>
    public int? GraphTopDefault { get; init; }

    /// <summary>Largest <c>$skip</c> on Graph; larger answers 400. Default 500.</summary>
    public int? GraphSkipCap { get; init; }

    /// <summary>Whether Graph hands out <c>@odata.nextLink</c>. Default false, as integrators saw.</summary>
    public bool? GraphNextLink { get; init; }

    /// <summary>Whether Graph honours <c>$orderby</c>; false ignores it silently. Default true.</summary>
    public bool? GraphOrderBy { get; init; }

    /// <summary>Lists show the last created first instead of the last updated. Default false.</summary>
    public bool? SortByCreated { get; init; }

    /// <summary>Largest <c>$top</c> of Graph's incidents. Default 100.</summary>
    public int? IncidentTopCap { get; init; }

    /// <summary><c>$expand=alerts</c> answers 500 when the page would hold more alerts than this. Default 50.</summary>
    public int? ExpandAlertsLimit { get; init; }

    /// <summary>Largest <c>$top</c> of Defender's lists; larger answers 400. Default 10,000.</summary>
    public int? DefenderTopCap { get; init; }

    /// <summary>Whether Defender hands out <c>@odata.nextLink</c> when the caller gave no <c>$top</c>. Default false.</summary>
    public bool? DefenderNextLink { get; init; }

    /// <summary>Whether Defender honours <c>$orderby</c>; false ignores it. Default false.</summary>
    public bool? DefenderOrderBy { get; init; }

    /// <summary>Alerts last updated longer ago are not returned. Default 0: everything is kept.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Further detections of the same alert on the exporter, besides the first. Default null: 0 to 2, by the alert.</summary>
    public int? DuplicateDetections { get; init; }

    /// <summary>Whether the legacy exporter answers at all; off gives 403. Default true.</summary>
    public bool? ExporterOn { get; init; }

    /// <summary>
    /// Applications that may fetch from the exporter: the tenant's own SIEM application and authorized providers'. Default empty: nobody, as in
    /// a portal where nobody pressed "Authorize application".
    /// </summary>
    public IReadOnlyList<Guid>? ExporterApps { get; init; }

    /// <summary>False answers 403 <c>DisabledFeature</c> on Defender and <c>Forbidden</c> on Graph's security part. Default true.</summary>
    public bool? DefenderFeature { get; init; }

    /// <summary>False switches every rate limit off. Default true.</summary>
    public bool? Limits { get; init; }

    /// <summary>Graph requests per minute, application and tenant. Default 150.</summary>
    public int? GraphPerMinute { get; init; }

    /// <summary>Defender requests per minute, application and tenant. Default 100.</summary>
    public int? DefenderPerMinute { get; init; }

    /// <summary>Defender requests per hour. Default 1,500.</summary>
    public int? DefenderPerHour { get; init; }

    /// <summary>Defender <c>batchUpdate</c> per minute. Default 10.</summary>
    public int? BatchPerMinute { get; init; }

    /// <summary>Defender <c>batchUpdate</c> per hour. Default 500.</summary>
    public int? BatchPerHour { get; init; }

    /// <summary>XDR incident requests per minute. Default 50.</summary>
    public int? XdrPerMinute { get; init; }

    /// <summary>Every property set.</summary>
    public static AlertKnobs Defaults { get; } = new()
    {
        VisibilityLagMinSeconds = 0,
        VisibilityLagMaxSeconds = 0,
        GraphTopCap = 1000,
        GraphSkipCap = 500,
        GraphNextLink = false,
        GraphOrderBy = true,
        SortByCreated = false,
        IncidentTopCap = 100,
        ExpandAlertsLimit = 50,
        DefenderTopCap = 10_000,
        DefenderNextLink = false,
        DefenderOrderBy = false,
        RetentionDays = 0,
        ExporterOn = true,
        ExporterApps = [],
        DefenderFeature = true,
        Limits = true,
        GraphPerMinute = 150,
        DefenderPerMinute = 100,
        DefenderPerHour = 1500,
        BatchPerMinute = 10,
        BatchPerHour = 500,
        XdrPerMinute = 50,
    };

    /// <summary>Reads a document; unknown names and impossible numbers are refused.</summary>
    /// <exception cref="FormatException">One sentence naming the fault.</exception>
    public static AlertKnobs Parse(string json)
    {
        AlertKnobs knobs;
        try
        {
            knobs = JsonSerializer.Deserialize<AlertKnobs>(json, Reading) ?? throw new FormatException("The knobs must be a JSON object.");
        }
        catch (JsonException fault)
        {
            throw new FormatException($"The knobs cannot be read: {fault.Message}", fault);
        }

        int?[] counts =
        [
            knobs.GraphTopCap, knobs.GraphTopDefault, knobs.IncidentTopCap, knobs.DefenderTopCap, knobs.GraphPerMinute, knobs.DefenderPerMinute,
            knobs.DefenderPerHour, knobs.BatchPerMinute, knobs.BatchPerHour, knobs.XdrPerMinute,
        ];
        if (counts.Any(count => count < 1)) throw new FormatException("Caps and limits must be at least 1.");
        if (knobs.GraphSkipCap < 0 || knobs.RetentionDays < 0 || knobs.DuplicateDetections < 0 || knobs.ExpandAlertsLimit < 0 || knobs.VisibilityLagMinSeconds < 0)
            throw new FormatException("Numbers must not be negative.");
        return knobs.VisibilityLagMaxSeconds < (knobs.VisibilityLagMinSeconds ?? 0)
            ? throw new FormatException("visibilityLagMaxSeconds must not be below visibilityLagMinSeconds.")
            : knobs;
    }

    /// <summary>The document without what is not set.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Writing);

    /// <summary>This document where it says something, the wider one elsewhere.</summary>
    public AlertKnobs Over(AlertKnobs wider)
    {
        var merged = JsonSerializer.SerializeToNode(wider, Writing)!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(this, Writing)!.AsObject()) merged[name] = value?.DeepClone();
        return merged.Deserialize<AlertKnobs>(Reading)!;
    }

    private static readonly JsonSerializerOptions Reading =
        new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    private static readonly JsonSerializerOptions Writing =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
}
