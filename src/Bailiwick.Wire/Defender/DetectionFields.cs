namespace Bailiwick.Wire.Defender;

/// <summary>The retired alert exporter's record. Source: pull-alerts-using-rest-api, 2020.</summary>
public static class DetectionFields
{
    /// <summary>All 50 keys of a detection in the order of the documented sample. There is no tenant id among them.</summary>
    public static readonly IReadOnlyList<string> Order =
    [
        "AlertTime", "ComputerDnsName", "AlertTitle", "Category", "Severity", "AlertId", "Actor", "LinkToWDATP", "IocName", "IocValue",
        "CreatorIocName", "CreatorIocValue", "Sha1", "FileName", "FilePath", "IpAddress", "Url", "IoaDefinitionId", "UserName", "AlertPart",
        "FullId", "LastProcessedTimeUtc", "ThreatCategory", "ThreatFamily", "ThreatName", "RemediationAction", "RemediationIsSuccess", "Source",
        "Md5", "Sha256", "WasExecutingWhileDetected", "UserDomain", "LogOnUsers", "MachineDomain", "MachineName", "InternalIPv4List",
        "InternalIPv6List", "FileHash", "DeviceID", "MachineGroup", "Description", "DeviceCreatedMachineTags", "CloudCreatedMachineTags",
        "CommandLine", "IncidentLinkToWDATP", "ReportID", "LinkToMTP", "IncidentLinkToMTP", "ExternalId", "IocUniqueId",
    ];
}
