namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// Translates between Graph's and Defender's spelling of the same value. The shelf stores Graph's. Source: alerts 2025-03, SDK 5.92;
/// pairs where the pages disagree accept both spellings.
/// </summary>
internal static class AlertWords
{
    private static readonly (string Graph, string Defender)[] Detections =
    [
        ("microsoftDefenderForEndpoint", "WindowsDefenderAtp"), ("antivirus", "WindowsDefenderAv"), ("smartScreen", "WindowsDefenderSmartScreen"),
        ("customTi", "CustomerTI"), ("customDetection", "CustomDetection"), ("automatedInvestigation", "AutomatedInvestigation"),
        ("microsoft365Defender", "MTP"),
    ];

    private static readonly (string Graph, string Defender)[] Determinations =
    [
        ("compromisedAccount", "CompromisedUser"), ("notMalicious", "NotMalicious"), ("notMalicious", "Clean"),
        ("notEnoughDataToValidate", "InsufficientData"), ("confirmedActivity", "ConfirmedUserActivity"), ("confirmedActivity", "ConfirmedActivity"),
        ("unknown", "NotAvailable"),
    ];

    public static string? Severity(string? defender) => Same(defender, "UnSpecified") ? "unknown" : Lower(defender);

    public static string DefenderSeverity(string? graph) => graph is null or "unknown" ? "UnSpecified" : Upper(graph)!;

    public static string? Lower(string? word) => word is null or "" ? word : char.ToLowerInvariant(word[0]) + word[1..];

    public static string? Upper(string? word) => word is null or "" ? word : char.ToUpperInvariant(word[0]) + word[1..];

    public static string Classification(string? defender) => Lower(defender) ?? "unknown";

    public static string? DefenderClassification(string? graph) => graph is null or "unknown" ? null : Upper(graph);

    public static string Determination(string? defender)
    {
        foreach (var pair in Determinations)
        {
            if (Same(defender, pair.Defender)) return pair.Graph;
        }

        return Lower(defender) ?? "unknown";
    }

    public static string? DefenderDetermination(string? graph)
    {
        if (graph is null or "unknown") return null;
        foreach (var pair in Determinations)
        {
            if (Same(graph, pair.Graph)) return pair.Defender;
        }

        return Upper(graph);
    }

    public static string? DetectionSource(string? defender)
    {
        foreach (var pair in Detections)
        {
            if (Same(defender, pair.Defender)) return pair.Graph;
        }

        return Lower(defender);
    }

    public static string? DefenderDetectionSource(string? graph)
    {
        foreach (var pair in Detections)
        {
            if (Same(graph, pair.Graph)) return pair.Defender;
        }

        return Upper(graph);
    }

    private static bool Same(string? a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
