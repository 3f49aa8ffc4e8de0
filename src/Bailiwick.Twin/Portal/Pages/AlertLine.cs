using System.Text.Json;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>What a list shows of an alert in Graph's shape.</summary>
internal sealed record AlertLine(string Id, string Title, string SeverityWord, string Status, string Device, string? Group, string AssignedTo, string Updated)
{
    /// <summary>The status as people write it.</summary>
    public string StatusName => NameOf(Status);

    /// <summary>The device group as pages name it.</summary>
    public string GroupLabel => Group switch { null => "", DeviceGroup.UnassignedName => "Ungrouped", _ => Group };

    public static AlertLine Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        var alert = document.RootElement;
        var device = Evidence(alert).FirstOrDefault(item => DefenderShape.Text(item, "deviceDnsName") is not null);
        return new AlertLine(
            DefenderShape.Text(alert, "id") ?? "", DefenderShape.Text(alert, "title") ?? "", AlertWords.Lower(DefenderShape.Text(alert, "severity")) ?? "unknown",
            AlertWords.Lower(DefenderShape.Text(alert, "status")) ?? "unknown", DefenderShape.Text(device, "deviceDnsName") ?? "", DefenderShape.Text(device, "rbacGroupName"),
            DefenderShape.Text(alert, "assignedTo") ?? "", Time(alert, "lastUpdateDateTime"));
    }

    /// <summary>An alert's evidence, empty when it has none.</summary>
    public static IEnumerable<JsonElement> Evidence(JsonElement alert) =>
        alert.TryGetProperty("evidence", out var evidence) && evidence.ValueKind == JsonValueKind.Array ? evidence.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object) : [];

    /// <summary>A time to the second.</summary>
    public static string Time(JsonElement alert, string name) => DefenderShape.Text(alert, name) is { Length: >= 19 } text ? text[..19].Replace('T', ' ') : "";

    /// <summary>A severity with its colour and its word.</summary>
    public static Markup Severity(string word) => Markup.Of($"<span class=\"sev sev-{word}\">{AlertWords.Upper(word)}</span>");

    /// <summary>A word of the wire with spaces: <c>inProgress</c> becomes <c>In progress</c>.</summary>
    public static string NameOf(string word) =>
        AlertWords.Upper(string.Concat(word.Select(letter => char.IsAsciiLetterUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"))) ?? "";
}
