namespace Bailiwick.Twin.World.Generator;

/// <summary>Advice as it stands in <c>recommendedActions</c>, our own words.</summary>
internal static class AlertTexts
{
    public static string Advice(string category) => category switch
    {
        "Malware" or "UnwantedSoftware" or "Ransomware" =>
            "1. Check that the file was removed; run a full scan.\n2. Find out how it came to the device.\n3. Isolate the device if anything ran.",
        "InitialAccess" or "Exfiltration" =>
            "1. Ask the person whether they expected this.\n2. If not, revoke sessions and reset the password.\n3. Block sender, address or link.",
        "CredentialAccess" or "LateralMovement" or "PrivilegeEscalation" =>
            "1. Treat every account used on the device as known to the attacker.\n2. Reset those accounts, privileged ones first.",
        _ =>
            "1. Look at the device timeline around the activity.\n2. Look for the same files, processes and addresses on other devices.",
    };
}
