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
        ("systemTags", AlertField.Tag), ("customTags", AlertField.Tag), ("tags", AlertField.Tag), ("displayName", AlertField.Title),

        // Defender XDR incidents and their alerts
        ("incidentName", AlertField.Title), ("createdTime", AlertField.CreatedAt), ("alertId", AlertField.Id), ("creationTime", AlertField.CreatedAt),
        ("lastUpdatedTime", AlertField.UpdatedAt), ("firstActivity", AlertField.FirstActivityAt), ("lastActivity", AlertField.LastActivityAt),
        ("devices", AlertField.EvidenceList), ("entities", AlertField.EvidenceList), ("alerts.devices", AlertField.EvidenceList),
        ("alerts.entities", AlertField.EvidenceList), ("alerts.evidence", AlertField.EvidenceList), ("alerts.mitreTechniques", AlertField.Technique),

        // the alert exporter's detections
        ("AlertTitle", AlertField.Title), ("Severity", AlertField.Severity), ("Category", AlertField.Category), ("Source", AlertField.DetectionSource),
        ("AlertId", AlertField.Id), ("AlertTime", AlertField.CreatedAt), ("LastProcessedTimeUtc", AlertField.UpdatedAt), ("Actor", AlertField.Actor),
        ("ThreatName", AlertField.ThreatName), ("ThreatFamily", AlertField.ThreatFamily), ("ThreatFamilyName", AlertField.ThreatFamily),
        ("IoaDefinitionId", AlertField.DetectorId), ("Description", AlertField.Description), ("LinkToMTP", AlertField.AlertWebUrl),
        ("IncidentLinkToMTP", AlertField.IncidentWebUrl),
    ]);

    /// <summary>Names at the top of a detection that belong to its device, file, process, user, address or URL.</summary>
    public static readonly AlertFieldNames Detection = new(
    [
        ("ComputerDnsName", AlertField.DeviceDnsName), ("MachineName", AlertField.HostName), ("MachineDomain", AlertField.DnsDomain),
        ("DeviceID", AlertField.DeviceId), ("MachineGroup", AlertField.DeviceGroup), ("InternalIPv4List", AlertField.DeviceIp),
        ("InternalIPv6List", AlertField.DeviceIp), ("LogOnUsers", AlertField.LoggedOnUser), ("FileName", AlertField.FileName),
        ("FilePath", AlertField.FilePath), ("Sha1", AlertField.Sha1), ("SHA1", AlertField.Sha1), ("Sha256", AlertField.Sha256), ("Md5", AlertField.Md5),
        ("FileHash", AlertField.RelatedHash), ("UserName", AlertField.AccountName), ("UserDomain", AlertField.AccountDomain),
        ("IpAddress", AlertField.IpAddress), ("Url", AlertField.Url), ("CommandLine", AlertField.CommandLine),
        ("RemediationIsSuccess", AlertField.RemediationIsSuccess), ("WasExecutingWhileDetected", AlertField.WasExecuting),
    ]);

    /// <summary>Last names of paths that no other list knows: what can be looked for, wherever an entry has it.</summary>
    public static readonly AlertFieldNames Last = new(
    [
        ("sha1", AlertField.RelatedHash), ("sha256", AlertField.RelatedHash), ("sha256Ac", AlertField.RelatedHash), ("md5", AlertField.RelatedHash),
        ("value", AlertField.RelatedHash), ("ipAddress", AlertField.RelatedIp), ("senderIp", AlertField.RelatedIp), ("senderIP", AlertField.RelatedIp),
        ("alertIps", AlertField.RelatedIp), ("ipAddresses", AlertField.RelatedIp), ("accountName", AlertField.RelatedUser),
        ("userPrincipalName", AlertField.RelatedUser), ("userSid", AlertField.RelatedUser), ("sid", AlertField.RelatedUser),
        ("azureAdUserId", AlertField.RelatedUser), ("aadUserId", AlertField.RelatedUser), ("upn", AlertField.RelatedUser),
        ("mailboxPrimaryAddress", AlertField.RelatedUser), ("primaryAddress", AlertField.RelatedUser), ("deviceDnsName", AlertField.RelatedHost),
        ("hostName", AlertField.RelatedHost), ("deviceName", AlertField.RelatedHost), ("alertDomains", AlertField.RelatedHost),
    ]);

    /// <summary>Names inside an evidence entry.</summary>
    public static readonly AlertFieldNames Evidence = new(
    [
        ("@odata.type", AlertField.EvidenceType), ("entityType", AlertField.EvidenceType), ("roles", AlertField.Role),
        ("mdeDeviceId", AlertField.DeviceId), ("azureAdDeviceId", AlertField.DeviceDirectoryId), ("deviceDnsName", AlertField.DeviceDnsName),
        ("rbacGroupName", AlertField.DeviceGroup), ("hostName", AlertField.HostName), ("ntDomain", AlertField.NtDomain), ("dnsDomain", AlertField.DnsDomain),
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

        // Defender XDR
        ("mdatpDeviceId", AlertField.DeviceId), ("deviceId", AlertField.DeviceId), ("aadDeviceId", AlertField.DeviceDirectoryId),
        ("mailboxAddress", AlertField.MailboxAddress), ("sender", AlertField.FromSender), ("recipient", AlertField.Recipient),
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
