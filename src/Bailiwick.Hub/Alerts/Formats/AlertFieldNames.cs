using System.Text;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>Maps the wire's names (paths with dots) to <see cref="AlertField"/> without making strings.</summary>
internal sealed class AlertFieldNames
{
    /// <summary>Names at the top of an alert.</summary>
    public static readonly AlertFieldNames Top = new(
    [
        ("id", AlertField.Id), ("providerAlertId", AlertField.ProviderAlertId), ("incidentId", AlertField.IncidentId),
        ("tenantId", AlertField.TenantId), ("aadTenantId", AlertField.TenantId), ("status", AlertField.Status), ("severity", AlertField.Severity),
        ("classification", AlertField.Classification), ("determination", AlertField.Determination), ("serviceSource", AlertField.ServiceSource),
        ("detectionSource", AlertField.DetectionSource), ("productName", AlertField.ProductName), ("detectorId", AlertField.DetectorId),
        ("title", AlertField.Title), ("description", AlertField.Description), ("category", AlertField.Category), ("assignedTo", AlertField.AssignedTo),
        ("alertWebUrl", AlertField.AlertWebUrl), ("incidentWebUrl", AlertField.IncidentWebUrl), ("actorDisplayName", AlertField.Actor),
        ("actorName", AlertField.Actor), ("threatDisplayName", AlertField.ThreatName), ("threatName", AlertField.ThreatName),
        ("threatFamilyName", AlertField.ThreatFamily), ("mitreTechniques", AlertField.Technique), ("createdDateTime", AlertField.CreatedAt),
        ("alertCreationTime", AlertField.CreatedAt), ("lastUpdateDateTime", AlertField.UpdatedAt), ("lastUpdateTime", AlertField.UpdatedAt),
        ("resolvedDateTime", AlertField.ResolvedAt), ("resolvedTime", AlertField.ResolvedAt), ("firstActivityDateTime", AlertField.FirstActivityAt),
        ("firstEventTime", AlertField.FirstActivityAt), ("lastActivityDateTime", AlertField.LastActivityAt), ("lastEventTime", AlertField.LastActivityAt),
        ("investigationState", AlertField.InvestigationState), ("machineId", AlertField.DeviceId), ("computerDnsName", AlertField.DeviceDnsName),
        ("rbacGroupName", AlertField.DeviceGroup), ("evidence", AlertField.EvidenceList), ("relatedUser", AlertField.EvidenceList),
        ("loggedOnUsers", AlertField.EvidenceList), ("alertUser", AlertField.EvidenceList), ("alertFiles", AlertField.EvidenceList),
        ("alertDomains", AlertField.EvidenceList), ("alertIps", AlertField.EvidenceList),
    ]);

    /// <summary>Names inside an evidence entry.</summary>
    public static readonly AlertFieldNames Evidence = new(
    [
        ("@odata.type", AlertField.EvidenceType), ("entityType", AlertField.EvidenceType), ("roles", AlertField.Role),
        ("mdeDeviceId", AlertField.DeviceId), ("azureAdDeviceId", AlertField.DeviceDirectoryId), ("deviceDnsName", AlertField.DeviceDnsName),
        ("rbacGroupName", AlertField.DeviceGroup), ("hostName", AlertField.HostName), ("ntDomain", AlertField.NtDomain),
        ("osPlatform", AlertField.OsPlatform), ("version", AlertField.OsVersion), ("lastIpAddress", AlertField.DeviceIp),
        ("ipInterfaces", AlertField.DeviceIp), ("lastExternalIpAddress", AlertField.ExternalIp), ("loggedOnUsers.accountName", AlertField.LoggedOnUser),
        ("fileName", AlertField.FileName), ("fileDetails.fileName", AlertField.FileName), ("imageFile.fileName", AlertField.FileName),
        ("filePath", AlertField.FilePath), ("fileDetails.filePath", AlertField.FilePath), ("imageFile.filePath", AlertField.FilePath),
        ("fileDetails.fileSize", AlertField.FileSize), ("imageFile.fileSize", AlertField.FileSize),
        ("fileDetails.signer", AlertField.FileSigner), ("imageFile.signer", AlertField.FileSigner),
        ("sha1", AlertField.Sha1), ("fileDetails.sha1", AlertField.Sha1), ("imageFile.sha1", AlertField.Sha1),
        ("sha256", AlertField.Sha256), ("fileDetails.sha256", AlertField.Sha256), ("imageFile.sha256", AlertField.Sha256),
        ("md5", AlertField.Md5), ("fileDetails.md5", AlertField.Md5), ("imageFile.md5", AlertField.Md5),
        ("processId", AlertField.ProcessId), ("processCommandLine", AlertField.CommandLine), ("processCreationTime", AlertField.ProcessStartedAt),
        ("processCreationDateTime", AlertField.ProcessStartedAt), ("parentProcessId", AlertField.ParentProcessId),
        ("parentProcessCreationTime", AlertField.ParentStartedAt), ("parentProcessCreationDateTime", AlertField.ParentStartedAt),
        ("parentProcessFileName", AlertField.ParentFileName), ("parentProcessImageFile.fileName", AlertField.ParentFileName),
        ("parentProcessFilePath", AlertField.ParentFilePath), ("parentProcessImageFile.filePath", AlertField.ParentFilePath),
        ("parentProcessImageFile.sha1", AlertField.ParentSha1), ("parentProcessImageFile.sha256", AlertField.ParentSha256),
        ("accountName", AlertField.AccountName), ("userAccount.accountName", AlertField.AccountName), ("userName", AlertField.AccountName),
        ("domainName", AlertField.AccountDomain), ("userAccount.domainName", AlertField.AccountDomain),
        ("userSid", AlertField.UserSid), ("userAccount.userSid", AlertField.UserSid), ("aadUserId", AlertField.UserDirectoryId),
        ("userAccount.azureAdUserId", AlertField.UserDirectoryId), ("userPrincipalName", AlertField.UserPrincipalName),
        ("userAccount.userPrincipalName", AlertField.UserPrincipalName), ("upn", AlertField.UserPrincipalName),
        ("userAccount.displayName", AlertField.UserDisplayName), ("ipAddress", AlertField.IpAddress), ("senderIp", AlertField.IpAddress),
        ("sourceAddress.ipAddress", AlertField.SourceIp), ("sourcePort", AlertField.SourcePort),
        ("destinationAddress.ipAddress", AlertField.DestinationIp), ("destinationPort", AlertField.DestinationPort), ("url", AlertField.Url),
        ("registryHive", AlertField.RegistryHive), ("registryKey", AlertField.RegistryKey), ("registryValueName", AlertField.RegistryValueName),
        ("registryValueType", AlertField.RegistryValueType), ("registryValue", AlertField.RegistryValue),
        ("primaryAddress", AlertField.MailboxAddress), ("internetMessageId", AlertField.InternetMessageId),
        ("networkMessageId", AlertField.NetworkMessageId), ("subject", AlertField.Subject), ("p1Sender.emailAddress", AlertField.EnvelopeSender),
        ("p2Sender.emailAddress", AlertField.FromSender), ("recipientEmailAddress", AlertField.Recipient),
    ]);

    private const int Slots = 512;
    private readonly (byte[] Name, AlertField Field)[] _slots = new (byte[], AlertField)[Slots];

    private AlertFieldNames((string Name, AlertField Field)[] names)
    {
        foreach (var (name, field) in names)
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            var at = Slot(bytes);
            while (_slots[at].Name is not null) at = (at + 1) & (Slots - 1);
            _slots[at] = (bytes, field);
        }
    }

    /// <summary>The meaning of a path, or <see cref="AlertField.Unknown"/>.</summary>
    public AlertField Find(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty) return AlertField.Unknown;
        for (var at = Slot(path); _slots[at].Name is { } name; at = (at + 1) & (Slots - 1))
        {
            if (path.SequenceEqual(name)) return _slots[at].Field;
        }

        return AlertField.Unknown;
    }

    private static int Slot(ReadOnlySpan<byte> path) =>
        ((path.Length * 37) + (path[0] * 5) + (path[^1] * 11) + (path[path.Length / 2] * 17) + (path[path.Length / 4] * 3)) & (Slots - 1);
}
