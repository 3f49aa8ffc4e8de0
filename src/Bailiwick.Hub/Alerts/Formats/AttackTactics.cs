namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>The ATT&amp;CK tactic that an alert's category names. Source: MITRE ATT&amp;CK enterprise tactics (read 2026); Defender writes them in one word.</summary>
internal static class AttackTactics
{
    private static readonly (byte[] Word, byte[] Id, byte[] Name)[] s_tactics =
    [
        ("Reconnaissance"u8.ToArray(), "TA0043"u8.ToArray(), "Reconnaissance"u8.ToArray()),
        ("ResourceDevelopment"u8.ToArray(), "TA0042"u8.ToArray(), "Resource Development"u8.ToArray()),
        ("InitialAccess"u8.ToArray(), "TA0001"u8.ToArray(), "Initial Access"u8.ToArray()),
        ("Execution"u8.ToArray(), "TA0002"u8.ToArray(), "Execution"u8.ToArray()),
        ("Persistence"u8.ToArray(), "TA0003"u8.ToArray(), "Persistence"u8.ToArray()),
        ("PrivilegeEscalation"u8.ToArray(), "TA0004"u8.ToArray(), "Privilege Escalation"u8.ToArray()),
        ("DefenseEvasion"u8.ToArray(), "TA0005"u8.ToArray(), "Defense Evasion"u8.ToArray()),
        ("CredentialAccess"u8.ToArray(), "TA0006"u8.ToArray(), "Credential Access"u8.ToArray()),
        ("Discovery"u8.ToArray(), "TA0007"u8.ToArray(), "Discovery"u8.ToArray()),
        ("LateralMovement"u8.ToArray(), "TA0008"u8.ToArray(), "Lateral Movement"u8.ToArray()),
        ("Collection"u8.ToArray(), "TA0009"u8.ToArray(), "Collection"u8.ToArray()),
        ("CommandAndControl"u8.ToArray(), "TA0011"u8.ToArray(), "Command and Control"u8.ToArray()),
        ("Exfiltration"u8.ToArray(), "TA0010"u8.ToArray(), "Exfiltration"u8.ToArray()),
        ("Impact"u8.ToArray(), "TA0040"u8.ToArray(), "Impact"u8.ToArray()),
    ];

    /// <summary>Finds the tactic of a category.</summary>
    /// <returns>False for words that are no tactic, such as <c>Malware</c>.</returns>
    public static bool TryFind(ReadOnlySpan<byte> category, out ReadOnlySpan<byte> id, out ReadOnlySpan<byte> name)
    {
        foreach (var tactic in s_tactics)
        {
            if (category.Length != tactic.Word.Length || !System.Text.Ascii.EqualsIgnoreCase(category, tactic.Word)) continue;
            id = tactic.Id;
            name = tactic.Name;
            return true;
        }

        id = name = default;
        return false;
    }
}
