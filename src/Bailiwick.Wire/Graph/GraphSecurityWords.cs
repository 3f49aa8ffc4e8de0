using System.Collections.Frozen;

namespace Bailiwick.Wire.Graph;

/// <summary>
/// Enumeration members of <c>microsoft.graph.security</c> alerts and incidents in schema order. Source: Graph v1.0 metadata and
/// SDK 5.92, read 2026-03. Members after <c>unknownFutureValue</c> go out only with <c>Prefer: include-unknown-enum-members</c>.
/// </summary>
public static class GraphSecurityWords
{
    /// <summary>What a late member looks like to a caller without the <c>Prefer</c> header.</summary>
    public const string UnknownFutureValue = "unknownFutureValue";

    /// <summary>Value of the <c>Prefer</c> header that opens late members.</summary>
    public const string IncludeUnknownMembers = "include-unknown-enum-members";

    /// <summary><c>alertSeverity</c>.</summary>
    public static readonly IReadOnlyList<string> Severities = ["unknown", "informational", "low", "medium", "high", UnknownFutureValue];

    /// <summary><c>alertStatus</c>.</summary>
    public static readonly IReadOnlyList<string> Statuses = ["unknown", "new", "inProgress", "resolved", UnknownFutureValue];

    /// <summary><c>alertClassification</c>.</summary>
    public static readonly IReadOnlyList<string> Classifications =
        ["unknown", "falsePositive", "truePositive", "informationalExpectedActivity", UnknownFutureValue];

    /// <summary><c>alertDetermination</c>, with the older names that the prose tables still print.</summary>
    public static readonly IReadOnlyList<string> Determinations =
    [
        "unknown", "apt", "malware", "securityPersonnel", "securityTesting", "unwantedSoftware", "other", "multiStagedAttack", "compromisedAccount",
        "phishing", "maliciousUserActivity", "notMalicious", "notEnoughDataToValidate", "confirmedActivity", "lineOfBusinessApplication",
        UnknownFutureValue, "compromisedUser", "clean", "insufficientData", "confirmedUserActivity",
    ];

    /// <summary><c>serviceSource</c>; the last five are late.</summary>
    public static readonly IReadOnlyList<string> ServiceSources =
    [
        "unknown", "microsoftDefenderForEndpoint", "microsoftDefenderForIdentity", "microsoftDefenderForCloudApps", "microsoftDefenderForOffice365",
        "microsoft365Defender", "azureAdIdentityProtection", "microsoftAppGovernance", "dataLossPrevention", UnknownFutureValue,
        "microsoftDefenderForCloud", "microsoftSentinel", "microsoftInsiderRiskManagement", "microsoftThreatIntelligence", "microsoftSecurityForAI",
    ];

    /// <summary><c>incidentStatus</c>; <c>awaitingAction</c> is late.</summary>
    public static readonly IReadOnlyList<string> IncidentStatuses =
        ["active", "resolved", "inProgress", "redirected", UnknownFutureValue, "awaitingAction"];

    private static readonly FrozenDictionary<string, FrozenSet<string>> LateByProperty = new Dictionary<string, FrozenSet<string>>
    {
        ["serviceSource"] = FrozenSet.Create(
            "microsoftDefenderForCloud", "microsoftSentinel", "microsoftInsiderRiskManagement", "microsoftThreatIntelligence", "microsoftSecurityForAI"),
        ["detectionSource"] = FrozenSet.Create(
            "microsoftDefenderForCloud", "microsoftDefenderForIoT", "microsoftDefenderForServers", "microsoftDefenderForStorage",
            "microsoftDefenderForDNS", "microsoftDefenderForDatabases", "microsoftDefenderForContainers", "microsoftDefenderForNetwork",
            "microsoftDefenderForAppService", "microsoftDefenderForKeyVault", "microsoftDefenderForResourceManager",
            "microsoftDefenderForApiManagement", "nrtAlerts", "scheduledAlerts", "microsoftDefenderThreatIntelligenceAnalytics", "builtInMl",
            "microsoftInsiderRiskManagement", "microsoftThreatIntelligence", "microsoftDefenderForAIServices", "securityCopilot", "microsoftSentinel"),
        ["remediationStatus"] = FrozenSet.Create("active", "pendingApproval", "declined", "unremediated", "running", "partiallyRemediated"),
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> LateIncidentStatuses = FrozenSet.Create("awaitingAction");

    /// <summary>True when the value of an alert's or evidence entry's property stands after <c>unknownFutureValue</c> in the schema.</summary>
    public static bool IsLate(string property, string value) => LateByProperty.TryGetValue(property, out var late) && late.Contains(value);

    /// <summary>True for an incident status that stands after <c>unknownFutureValue</c>.</summary>
    public static bool IsLateIncidentStatus(string value) => LateIncidentStatuses.Contains(value);
}
