using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>An alert's evidence as a list that tells what happened, and the device it happened on.</summary>
internal static class EvidenceList
{
    public static Markup Of(JsonElement alert)
    {
        var all = AlertLine.Evidence(alert).ToList();
        var devices = all.Where(item => Kind(item) == "device").ToList();
        var others = all.Where(item => Kind(item) != "device").ToList();
        return Markup.Of($"""
            {Markup.When(devices.Count > 0, $"<section><h2>Device</h2>{Markup.Each(devices, Device)}</section>")}
            {Markup.When(others.Count > 0, $"<section><h2>Evidence</h2><ol class=\"story\">{Markup.Each(others, item => Markup.Of($"<li><b>{AlertLine.NameOf(Kind(item))}</b> {Told(item)} <small>{Verdict(item)}</small></li>"))}</ol></section>")}
            """);
    }

    private static Markup Device(JsonElement device) => Markup.Of($"""
        <dl><dt>Name</dt><dd>{Text(device, "deviceDnsName")}</dd><dt>Device group</dt><dd>{Text(device, "rbacGroupName")}</dd><dt>System</dt><dd>{Text(device, "osPlatform")} {Text(device, "version")}</dd>
        <dt>Health, risk</dt><dd>{AlertLine.NameOf(Text(device, "healthStatus"))}, {AlertLine.NameOf(Text(device, "riskScore"))}</dd><dt>Address</dt><dd>{Text(device, "lastIpAddress")}</dd><dt>Device id</dt><dd><code>{Text(device, "mdeDeviceId")}</code></dd></dl>
        """);

    private static Markup Told(JsonElement item) => Kind(item) switch
    {
        "process" => Markup.Of($"<code>{Text(item, "processCommandLine")}</code>, process {Text(item, "processId")}"),
        "file" => Markup.Of($"<code>{Text(DefenderShape.Inner(item, "fileDetails"), "filePath")}\\{Text(DefenderShape.Inner(item, "fileDetails"), "fileName")}</code> <small>SHA-256 {Text(DefenderShape.Inner(item, "fileDetails"), "sha256")}</small>"),
        "user" => Markup.Of($"{Text(DefenderShape.Inner(item, "userAccount"), "userPrincipalName")}"),
        "ip" => Markup.Of($"<code>{Text(item, "ipAddress")}</code>"),
        "url" => Markup.Of($"<code>{Text(item, "url").Replace("://", "[:]//", StringComparison.Ordinal).Replace(".", "[.]", StringComparison.Ordinal)}</code>"),
        "registryKey" or "registryValue" => Markup.Of($"<code>{Text(item, "registryHive")}\\{Text(item, "registryKey")} {Text(item, "registryValueName")}</code>"),
        "mailbox" => Markup.Of($"{Text(item, "primaryAddress")}"),
        _ => Markup.Of($"<code>{FirstText(item)}</code>"),
    };

    private static string Verdict(JsonElement item) =>
        string.Join(", ", new[] { Text(item, "verdict"), Text(item, "remediationStatus") }.Where(word => word.Length > 0 && word is not ("unknown" or "none")).Select(AlertLine.NameOf));

    private static string FirstText(JsonElement item) => item.EnumerateObject()
        .FirstOrDefault(property => property.Value.ValueKind == JsonValueKind.String && !property.Name.StartsWith('@') && property.Name is not ("createdDateTime" or "verdict" or "remediationStatus")).Value is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    /// <summary><c>#microsoft.graph.security.fileEvidence</c> becomes <c>file</c>.</summary>
    private static string Kind(JsonElement item)
    {
        var type = Text(item, "@odata.type");
        var name = type[(type.LastIndexOf('.') + 1)..];
        return name.EndsWith("Evidence", StringComparison.Ordinal) ? name[..^"Evidence".Length] : name;
    }

    private static string Text(JsonElement item, string name) => DefenderShape.Text(item, name) ?? (item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.ToString() : "");
}
