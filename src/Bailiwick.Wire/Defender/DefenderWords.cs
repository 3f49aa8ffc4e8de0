namespace Bailiwick.Wire.Defender;

/// <summary>Permissions, errors and enumeration members of the Defender for Endpoint API. Source: get-alerts 2025-03, common-errors 2020-12.</summary>
public static class DefenderWords
{
    /// <summary>Open reading of alerts: application, then delegated names.</summary>
    public static readonly IReadOnlyList<string> AlertRead = ["Alert.Read.All", "Alert.ReadWrite.All", "Alert.Read", "Alert.ReadWrite"];

    /// <summary>Open changes of alerts.</summary>
    public static readonly IReadOnlyList<string> AlertWrite = ["Alert.ReadWrite.All", "Alert.ReadWrite"];

    /// <summary>Open reading of machines.</summary>
    public static readonly IReadOnlyList<string> MachineRead = ["Machine.Read.All", "Machine.ReadWrite.All", "Machine.Read", "Machine.ReadWrite"];

    /// <summary>Open reading of incidents in the XDR API. Source: api-list-incidents 2026-08.</summary>
    public static readonly IReadOnlyList<string> IncidentRead =
        ["Incident.Read.All", "Incident.ReadWrite.All", "Incident.Read", "Incident.ReadWrite"];

    /// <summary>Values of <c>severity</c>.</summary>
    public static readonly IReadOnlyList<string> Severities = ["UnSpecified", "Informational", "Low", "Medium", "High"];

    /// <summary>Values of <c>status</c>.</summary>
    public static readonly IReadOnlyList<string> Statuses = ["Unknown", "New", "InProgress", "Resolved"];

    /// <summary>Values of <c>classification</c>, the older <c>Unknown</c> included.</summary>
    public static readonly IReadOnlyList<string> Classifications = ["Unknown", "TruePositive", "InformationalExpectedActivity", "FalsePositive"];

    /// <summary>Values of <c>determination</c> in both spellings the pages use. Source: alerts 2025-03, update-alert 2023-11.</summary>
    public static readonly IReadOnlyList<string> Determinations =
    [
        "MultiStagedAttack", "MaliciousUserActivity", "CompromisedUser", "Malware", "Phishing", "UnwantedSoftware", "Other", "SecurityTesting",
        "LineOfBusinessApplication", "ConfirmedUserActivity", "ConfirmedActivity", "Clean", "NotMalicious", "InsufficientData", "Apt",
        "SecurityPersonnel", "NotAvailable",
    ];

    /// <summary>The keys of an evidence entry, all always present, in the order of the documented sample. Source: alerts 2025-03.</summary>
    public static readonly IReadOnlyList<string> EvidenceKeys =
    [
        "entityType", "evidenceCreationTime", "sha1", "sha256", "fileName", "filePath", "processId", "processCommandLine", "processCreationTime",
        "parentProcessId", "parentProcessCreationTime", "parentProcessFileName", "parentProcessFilePath", "ipAddress", "url", "registryKey",
        "registryHive", "registryValueType", "registryValue", "accountName", "domainName", "userSid", "aadUserId", "userPrincipalName",
        "detectionStatus",
    ];
}
