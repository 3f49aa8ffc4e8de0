using System.Text;
using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Legacy;

/// <summary>What a field of the exporter is when it has no value.</summary>
internal enum LegacyKind
{
    /// <summary>Empty text.</summary>
    Text,

    /// <summary>0.</summary>
    Number,

    /// <summary>Null.</summary>
    Flag,
}

/// <summary>The exporter's fields in the order of its documented answer. Source: pull-alerts-using-rest-api (2020).</summary>
internal static class LegacyFields
{
    /// <summary>All 50.</summary>
    public static readonly (JsonEncodedText Name, byte[] Utf8, LegacyKind Kind)[] Order =
        [.. """
            AlertTime ComputerDnsName AlertTitle Category Severity AlertId Actor LinkToWDATP IocName IocValue CreatorIocName CreatorIocValue Sha1 FileName
            FilePath IpAddress Url IoaDefinitionId UserName AlertPart FullId LastProcessedTimeUtc ThreatCategory ThreatFamily ThreatName RemediationAction
            RemediationIsSuccess Source Md5 Sha256 WasExecutingWhileDetected UserDomain LogOnUsers MachineDomain MachineName InternalIPv4List InternalIPv6List
            FileHash DeviceID MachineGroup Description DeviceCreatedMachineTags CloudCreatedMachineTags CommandLine IncidentLinkToWDATP ReportID LinkToMTP
            IncidentLinkToMTP ExternalId IocUniqueId
            """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(name => (JsonEncodedText.Encode(name), Encoding.UTF8.GetBytes(name), KindOf(name)))];

    private static LegacyKind KindOf(string name) => name switch
    {
        "AlertPart" or "ReportID" => LegacyKind.Number,
        "RemediationIsSuccess" or "WasExecutingWhileDetected" => LegacyKind.Flag,
        _ => LegacyKind.Text,
    };
}
