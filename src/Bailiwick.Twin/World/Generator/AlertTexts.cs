namespace Bailiwick.Twin.World.Generator;

/// <summary>Advice as it stands in <c>recommendedActions</c>, our own words.</summary>
internal static class AlertTexts
{
    public static string Advice(string category) => category switch
    {
        "Malware" or "UnwantedSoftware" or "Ransomware" =>
            "1. Check that the file was removed and run a full scan.\n2. Find out how the file came to the device and whether others received it.\n3. Isolate the device if anything ran.",
        "InitialAccess" or "Exfiltration" =>
            "1. Ask the person whether they expected this.\n2. Revoke sessions and reset the password if not.\n3. Block the sender, address or link for the organization.",
        "CredentialAccess" or "LateralMovement" or "PrivilegeEscalation" =>
            "1. Treat every account used on the device as known to the attacker.\n2. Reset those accounts, privileged ones first.\n3. Look for sign-ins of theirs elsewhere.",
        _ =>
            "1. Look at the device timeline before and after the activity.\n2. Look for the same files, processes and addresses on other devices.\n3. Collect an investigation package if the activity is not explained.",
    };
}
