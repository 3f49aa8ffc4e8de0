using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.World.Generator;

/// <summary>What the texts of a scenario are filled with.</summary>
internal sealed record EvidenceFill(TenantWorld World, Device Device, Campaign Campaign, long Created, string Random, string Base64)
{
    public string Text(string template) => template.IndexOf('{', StringComparison.Ordinal) < 0 ? template : template
        .Replace("{payload}", Campaign.Payload, StringComparison.Ordinal).Replace("{user}", Device.Owner.Account, StringComparison.Ordinal)
        .Replace("{host}", Device.HostName, StringComparison.Ordinal).Replace("{url}", Campaign.Url, StringComparison.Ordinal)
        .Replace("{ip}", Campaign.Address, StringComparison.Ordinal).Replace("{domain}", Campaign.Domain, StringComparison.Ordinal)
        .Replace("{rand}", Random, StringComparison.Ordinal).Replace("{b64}", Base64, StringComparison.Ordinal);
}

/// <summary>Writes a scenario's chain as Graph evidence. Names of types and properties: list-alerts_v2 2023, SDK 5.92.</summary>
internal static class EvidenceWriter
{
    public static void Write(Utf8JsonWriter json, Scenario scenario, EvidenceFill fill, long happened, ref SeededRandom random)
    {
        var process = random.Below(9000) * 4L;
        var (parent, parentPath, parentId) = ("explorer.exe", @"C:\Windows", (random.Below(2000) * 4L) + 400);
        var status = scenario.Detection == "antivirus" ? random.Pick(["prevented", "remediated", "blocked"]) : random.Chance(0.05) ? "active" : "none";
        var verdict = scenario.Detection == "antivirus" ? "malicious" : random.Pick(["suspicious", "suspicious", "unknown", "malicious"]);
        foreach (var step in scenario.Steps)
        {
            json.WriteStartObject();
            switch (step)
            {
                case Step.OnDevice:
                    Head(json, "device", fill, "unknown", "none", ["compromised"], fill.Device.Tags);
                    OfDevice(json, fill.Device, fill.Created);
                    break;
                case Step.ByUser:
                    Head(json, "user", fill, "unknown", "none", ["contextual"], []);
                    json.WritePropertyName("userAccount");
                    Account(json, fill);
                    break;
                case Step.Process run:
                    Head(json, "process", fill, verdict, status, [], []);
                    process += 4 * (1 + random.Below(60));
                    if (run.Parent is { } named) (parent, parentPath, parentId) = (fill.Text(named), fill.Text(run.ParentPath!), (random.Below(4000) * 4L) + 400);
                    json.WriteNumber("processId", process);
                    json.WriteNumber("parentProcessId", parentId);
                    json.WriteString("processCommandLine", fill.Text(run.CommandLine));
                    json.WriteString("processCreationDateTime", WireTime.Full(happened - (random.Below(300) * 100_000L)));
                    json.WriteString("parentProcessCreationDateTime", WireTime.Full(happened - ((60 + random.Below(9000)) * 10_000_000L)));
                    json.WriteString("detectionStatus", "detected");
                    json.WriteString("mdeDeviceId", fill.Device.Id);
                    File(json, "imageFile", fill, fill.Text(run.Image), fill.Text(run.Path));
                    Parent(json, parent, parentPath);
                    json.WritePropertyName("userAccount");
                    Account(json, fill, whole: false);
                    (parent, parentPath, parentId) = (fill.Text(run.Image), fill.Text(run.Path), process);
                    break;
                case Step.File file:
                    Head(json, "file", fill, verdict, status, [], []);
                    json.WriteString("detectionStatus", status is "prevented" or "blocked" ? status : "detected");
                    json.WriteString("mdeDeviceId", fill.Device.Id);
                    File(json, "fileDetails", fill, file.Name is null ? fill.Campaign.Payload : fill.Text(file.Name), fill.Text(file.Path));
                    break;
                default:
                    Others(json, step, fill, verdict, status, ref random);
                    break;
            }

            json.WriteEndObject();
        }
    }

    /// <summary>A file entry as a later update may add it, as JSON text.</summary>
    public static string FurtherFile(string deviceId, string name, string path, string sha1, string sha256, long at) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["@odata.type"] = "#microsoft.graph.security.fileEvidence",
                ["createdDateTime"] = WireTime.Trimmed(at),
                ["verdict"] = "suspicious",
                ["remediationStatus"] = "none",
                ["remediationStatusDetails"] = null,
                ["roles"] = Array.Empty<string>(),
                ["tags"] = Array.Empty<string>(),
                ["detectionStatus"] = "detected",
                ["mdeDeviceId"] = deviceId,
                ["fileDetails"] = new Dictionary<string, object?> { ["fileName"] = name, ["filePath"] = path, ["sha1"] = sha1, ["sha256"] = sha256 },
            },
            Relaxed.Options);

    private static void Others(Utf8JsonWriter json, Step step, EvidenceFill fill, string verdict, string status, ref SeededRandom random)
    {
        switch (step)
        {
            case Step.Ip:
                Head(json, "ip", fill, verdict, status, [], []);
                json.WriteString("ipAddress", random.Chance(0.1) ? $"2001:db8:{random.Hex(4)}::{random.Hex(2)}" : fill.Campaign.Address);
                json.WriteString("countryLetterCode", random.Pick(["NL", "SE", "BR", "SG", "CA"]));
                break;
            case Step.Url:
                Head(json, "url", fill, verdict, status, [], []);
                json.WriteString("url", fill.Campaign.Url);
                break;
            case Step.Key key:
                Head(json, "registryKey", fill, verdict, status, [], []);
                json.WriteString("registryKey", fill.Text(key.Path));
                json.WriteString("registryHive", key.Hive);
                break;
            case Step.Value value:
                Head(json, "registryValue", fill, verdict, status, [], []);
                json.WriteString("mdeDeviceId", fill.Device.Id);
                json.WriteString("registryKey", fill.Text(value.Path));
                json.WriteString("registryHive", value.Hive);
                json.WriteString("registryValueName", fill.Text(value.Name));
                json.WriteString("registryValueType", "String");
                json.WriteString("registryValue", fill.Text(value.Data));
                break;
            case Step.Mailbox:
                Head(json, "mailbox", fill, verdict, status, [], []);
                json.WriteString("primaryAddress", fill.Device.Owner.UserPrincipalName);
                json.WriteString("displayName", fill.Device.Owner.DisplayName);
                json.WriteString("upn", fill.Device.Owner.UserPrincipalName);
                break;
            case Step.Message message:
                Head(json, "analyzedMessage", fill, verdict, status, [], []);
                json.WriteString("networkMessageId", random.Guid());
                json.WriteString("internetMessageId", $"<{random.Hex(16)}@{fill.Campaign.Domain}>");
                json.WriteString("subject", fill.Text(message.Subject));
                json.WriteString("recipientEmailAddress", fill.Device.Owner.UserPrincipalName);
                json.WriteString("senderIp", fill.Campaign.Address);
                json.WriteString("deliveryAction", "DeliveredAsSpam");
                json.WriteStartArray("urls");
                json.WriteStringValue(fill.Campaign.Url);
                json.WriteEndArray();
                break;
            case Step.Cloud cloud:
                Head(json, "cloudApplication", fill, verdict, status, [], []);
                json.WriteNumber("appId", 20000 + random.Below(9000));
                json.WriteString("displayName", cloud.Name);
                json.WriteNumber("instanceId", 0);
                json.WriteString("instanceName", cloud.Name);
                break;
            case Step.OAuth app:
                Head(json, "oauthApplication", fill, verdict, status, [], []);
                json.WriteString("appId", random.Guid());
                json.WriteString("displayName", fill.Text(app.Name));
                json.WriteString("objectId", random.Guid());
                json.WriteString("publisher", app.Publisher);
                break;
        }
    }

    private static void Head(Utf8JsonWriter json, string kind, EvidenceFill fill, string verdict, string status, ReadOnlySpan<string> roles, IReadOnlyList<string> tags)
    {
        json.WriteString("@odata.type", $"#microsoft.graph.security.{kind}Evidence");
        json.WriteString("createdDateTime", WireTime.Trimmed(WireTime.Grid(fill.Created)));
        json.WriteString("verdict", verdict);
        json.WriteString("remediationStatus", status);
        json.WriteNull("remediationStatusDetails");
        json.WriteStartArray("roles");
        foreach (var role in roles) json.WriteStringValue(role);
        json.WriteEndArray();
        json.WriteStartArray("tags");
        foreach (var tag in tags) json.WriteStringValue(tag);
        json.WriteEndArray();
    }

    private static void OfDevice(Utf8JsonWriter json, Device device, long created)
    {
        json.WriteString("firstSeenDateTime", WireTime.Full(created - TimeSpan.FromDays(90).Ticks - (device.GroupId * 1_234_567L)));
        json.WriteString("mdeDeviceId", device.Id);
        json.WriteString("azureAdDeviceId", device.AadId);
        json.WriteString("deviceDnsName", device.DnsName);
        json.WriteString("hostName", device.HostName);
        json.WriteString("osPlatform", device.Os);
        json.WriteNumber("osBuild", device.Build);
        json.WriteString("version", device.Version);
        json.WriteString("healthStatus", device.Health);
        json.WriteString("riskScore", device.Risk);
        json.WriteNumber("rbacGroupId", device.GroupId);
        json.WriteString("rbacGroupName", device.Group);
        json.WriteString("onboardingStatus", "onboarded");
        json.WriteString("defenderAvStatus", "updated");
        json.WriteString("lastIpAddress", device.Address);
        json.WriteString("lastExternalIpAddress", device.PublicAddress);
        json.WriteStartArray("ipInterfaces");
        json.WriteStringValue(device.Address);
        json.WriteStringValue(device.Address6);
        json.WriteEndArray();
        json.WriteStartArray("loggedOnUsers");
        json.WriteStartObject();
        json.WriteString("accountName", device.Owner.Account);
        json.WriteString("domainName", NetBios(device.Domain));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Parent(Utf8JsonWriter json, string name, string path)
    {
        json.WriteStartObject("parentProcessImageFile");
        json.WriteNull("sha1");
        json.WriteNull("sha256");
        json.WriteString("fileName", name);
        json.WriteString("filePath", path);
        json.WriteEndObject();
    }

    private static void Account(Utf8JsonWriter json, EvidenceFill fill, bool whole = true)
    {
        var person = fill.Device.Owner;
        json.WriteStartObject();
        json.WriteString("accountName", person.Account);
        json.WriteString("domainName", NetBios(fill.Device.Domain));
        json.WriteString("userSid", person.Sid);
        json.WriteString("azureAdUserId", person.ObjectId);
        json.WriteString("userPrincipalName", person.UserPrincipalName);
        if (whole) json.WriteString("displayName", person.DisplayName);
        json.WriteEndObject();
    }

    private static void File(Utf8JsonWriter json, string property, EvidenceFill fill, string name, string path)
    {
        var own = name == fill.Campaign.Payload;
        var known = SeededRandom.For(0, Guid.Empty, 0, name);
        json.WriteStartObject(property);
        json.WriteString("sha1", own ? fill.Campaign.Sha1 : known.Hex(40));
        json.WriteString("sha256", own ? fill.Campaign.Sha256 : known.Hex(64));
        if (own) json.WriteString("md5", fill.Campaign.Md5);
        json.WriteString("fileName", name);
        json.WriteString("filePath", path);
        json.WriteNumber("fileSize", own ? fill.Campaign.Size : 10_000 + known.Below(900_000));
        if (own) json.WriteNull("filePublisher");
        else json.WriteString("filePublisher", "Microsoft Corporation");
        json.WriteEndObject();
    }

    /// <summary>The short domain name of an account, as devices write it.</summary>
    public static string NetBios(string domain) => domain.Split('.')[0].ToUpperInvariant() is { Length: > 15 } name ? name[..15] : domain.Split('.')[0].ToUpperInvariant();
}
