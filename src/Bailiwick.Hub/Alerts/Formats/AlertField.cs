namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>
/// What a leaf of an upstream record means, whichever shape carried it: Graph <c>alerts_v2</c>, Defender <c>/api/alerts</c>, the alert exporter's detection,
/// a Graph incident or a Defender XDR incident. Sources: resources/security-alert, security-incident and Graph SDK 5.92 (read 2026), Defender alerts resource
/// page (2024), "Microsoft Defender for Endpoint detections API fields" (2020), "List incidents API in Microsoft Defender XDR" (2026).
/// </summary>
public enum AlertField : byte
{
    /// <summary>A leaf this program has no name for; it is kept all the same.</summary>
    Unknown,

    /// <summary><c>id</c>.</summary>
    Id,

    /// <summary><c>providerAlertId</c>.</summary>
    ProviderAlertId,

    /// <summary><c>incidentId</c>: text in Graph, number in Defender.</summary>
    IncidentId,

    /// <summary><c>tenantId</c> or <c>aadTenantId</c>.</summary>
    TenantId,

    /// <summary><c>status</c>.</summary>
    Status,

    /// <summary><c>severity</c>.</summary>
    Severity,

    /// <summary><c>classification</c>.</summary>
    Classification,

    /// <summary><c>determination</c>.</summary>
    Determination,

    /// <summary><c>serviceSource</c>.</summary>
    ServiceSource,

    /// <summary><c>detectionSource</c>.</summary>
    DetectionSource,

    /// <summary><c>productName</c>.</summary>
    ProductName,

    /// <summary><c>detectorId</c>.</summary>
    DetectorId,

    /// <summary><c>title</c>.</summary>
    Title,

    /// <summary><c>description</c>.</summary>
    Description,

    /// <summary><c>category</c>.</summary>
    Category,

    /// <summary><c>assignedTo</c>.</summary>
    AssignedTo,

    /// <summary><c>alertWebUrl</c>, Graph only.</summary>
    AlertWebUrl,

    /// <summary><c>incidentWebUrl</c>, Graph only.</summary>
    IncidentWebUrl,

    /// <summary><c>actorDisplayName</c> or <c>actorName</c>.</summary>
    Actor,

    /// <summary><c>threatDisplayName</c> or <c>threatName</c>.</summary>
    ThreatName,

    /// <summary><c>threatFamilyName</c>.</summary>
    ThreatFamily,

    /// <summary>One of <c>systemTags</c>, <c>customTags</c> or <c>tags</c>.</summary>
    Tag,

    /// <summary>One of <c>mitreTechniques</c>.</summary>
    Technique,

    /// <summary><c>createdDateTime</c> or <c>alertCreationTime</c>.</summary>
    CreatedAt,

    /// <summary><c>lastUpdateDateTime</c> or <c>lastUpdateTime</c>.</summary>
    UpdatedAt,

    /// <summary><c>resolvedDateTime</c> or <c>resolvedTime</c>.</summary>
    ResolvedAt,

    /// <summary><c>firstActivityDateTime</c> or <c>firstEventTime</c>.</summary>
    FirstActivityAt,

    /// <summary><c>lastActivityDateTime</c> or <c>lastEventTime</c>.</summary>
    LastActivityAt,

    /// <summary><c>investigationState</c>.</summary>
    InvestigationState,

    /// <summary><c>machineId</c> or evidence <c>mdeDeviceId</c>.</summary>
    DeviceId,

    /// <summary><c>computerDnsName</c> or evidence <c>deviceDnsName</c>.</summary>
    DeviceDnsName,

    /// <summary><c>rbacGroupName</c>.</summary>
    DeviceGroup,

    /// <summary>Not a leaf: a list or object whose entries are evidence.</summary>
    EvidenceList,

    /// <summary><c>@odata.type</c> or <c>entityType</c>: the entry's type.</summary>
    EvidenceType,

    /// <summary>One of <c>roles</c>.</summary>
    Role,

    /// <summary><c>azureAdDeviceId</c>.</summary>
    DeviceDirectoryId,

    /// <summary><c>hostName</c>.</summary>
    HostName,

    /// <summary><c>ntDomain</c>.</summary>
    NtDomain,

    /// <summary><c>dnsDomain</c> or <c>MachineDomain</c>.</summary>
    DnsDomain,

    /// <summary><c>osPlatform</c>.</summary>
    OsPlatform,

    /// <summary><c>version</c> of a device's system.</summary>
    OsVersion,

    /// <summary><c>lastIpAddress</c> or one of <c>ipInterfaces</c>.</summary>
    DeviceIp,

    /// <summary><c>lastExternalIpAddress</c>.</summary>
    ExternalIp,

    /// <summary><c>loggedOnUsers.accountName</c>.</summary>
    LoggedOnUser,

    /// <summary>A file's or process image's name.</summary>
    FileName,

    /// <summary>The folder of a file or process image.</summary>
    FilePath,

    /// <summary>Bytes.</summary>
    FileSize,

    /// <summary>A file's signer.</summary>
    FileSigner,

    /// <summary>SHA-1 of a file or process image.</summary>
    Sha1,

    /// <summary>SHA-256 of a file or process image.</summary>
    Sha256,

    /// <summary>MD5 of a file or process image.</summary>
    Md5,

    /// <summary><c>processId</c>.</summary>
    ProcessId,

    /// <summary><c>processCommandLine</c>.</summary>
    CommandLine,

    /// <summary><c>processCreationDateTime</c> or <c>processCreationTime</c>.</summary>
    ProcessStartedAt,

    /// <summary><c>parentProcessId</c>.</summary>
    ParentProcessId,

    /// <summary><c>parentProcessCreationDateTime</c> or <c>parentProcessCreationTime</c>.</summary>
    ParentStartedAt,

    /// <summary>Name of the parent's image.</summary>
    ParentFileName,

    /// <summary>Folder of the parent's image.</summary>
    ParentFilePath,

    /// <summary>SHA-1 of the parent's image.</summary>
    ParentSha1,

    /// <summary>SHA-256 of the parent's image.</summary>
    ParentSha256,

    /// <summary><c>accountName</c>.</summary>
    AccountName,

    /// <summary><c>domainName</c>.</summary>
    AccountDomain,

    /// <summary><c>userSid</c>.</summary>
    UserSid,

    /// <summary><c>azureAdUserId</c> or <c>aadUserId</c>.</summary>
    UserDirectoryId,

    /// <summary><c>userPrincipalName</c> or <c>upn</c>.</summary>
    UserPrincipalName,

    /// <summary><c>userAccount.displayName</c>.</summary>
    UserDisplayName,

    /// <summary><c>ipAddress</c> or <c>senderIp</c>.</summary>
    IpAddress,

    /// <summary><c>sourceAddress.ipAddress</c>.</summary>
    SourceIp,

    /// <summary><c>sourcePort</c>.</summary>
    SourcePort,

    /// <summary><c>destinationAddress.ipAddress</c>.</summary>
    DestinationIp,

    /// <summary><c>destinationPort</c>.</summary>
    DestinationPort,

    /// <summary><c>url</c>.</summary>
    Url,

    /// <summary><c>registryHive</c>.</summary>
    RegistryHive,

    /// <summary><c>registryKey</c>.</summary>
    RegistryKey,

    /// <summary><c>registryValueName</c>.</summary>
    RegistryValueName,

    /// <summary><c>registryValueType</c>.</summary>
    RegistryValueType,

    /// <summary><c>registryValue</c>.</summary>
    RegistryValue,

    /// <summary><c>primaryAddress</c> of a mailbox.</summary>
    MailboxAddress,

    /// <summary><c>internetMessageId</c>.</summary>
    InternetMessageId,

    /// <summary><c>networkMessageId</c>.</summary>
    NetworkMessageId,

    /// <summary><c>subject</c>.</summary>
    Subject,

    /// <summary><c>p1Sender.emailAddress</c>: the envelope sender.</summary>
    EnvelopeSender,

    /// <summary><c>p2Sender.emailAddress</c>: the From header.</summary>
    FromSender,

    /// <summary><c>recipientEmailAddress</c>.</summary>
    Recipient,

    /// <summary><c>RemediationIsSuccess</c> of a detection.</summary>
    RemediationIsSuccess,

    /// <summary><c>WasExecutingWhileDetected</c> of a detection.</summary>
    WasExecuting,

    /// <summary>A hash whose algorithm or owner is not told by its place; 32, 40 or 64 hex digits when it is one.</summary>
    RelatedHash,

    /// <summary>An address somewhere deeper in an entry.</summary>
    RelatedIp,

    /// <summary>An account, SID, directory id or mailbox somewhere deeper in an entry.</summary>
    RelatedUser,

    /// <summary>A host or domain name somewhere deeper in an entry.</summary>
    RelatedHost,

    /// <summary>The number of members; no field.</summary>
    Count,
}

/// <summary>What an evidence entry is about, in either shape.</summary>
public enum EvidenceKind : byte
{
    /// <summary>A type with no home of its own in the formats; every value of it is kept.</summary>
    Other,

    /// <summary><c>deviceEvidence</c>.</summary>
    Device,

    /// <summary><c>fileEvidence</c> or <c>File</c>.</summary>
    File,

    /// <summary><c>processEvidence</c> or <c>Process</c>.</summary>
    Process,

    /// <summary><c>userEvidence</c>, <c>User</c> or the alert's related user.</summary>
    User,

    /// <summary><c>ipEvidence</c> or <c>Ip</c>.</summary>
    Ip,

    /// <summary><c>urlEvidence</c> or <c>Url</c>.</summary>
    Url,

    /// <summary><c>registryKeyEvidence</c>, <c>registryValueEvidence</c> or <c>Registry</c>.</summary>
    Registry,

    /// <summary><c>mailboxEvidence</c> or <c>MailBox</c>.</summary>
    Mailbox,

    /// <summary><c>analyzedMessageEvidence</c> or <c>MailMessage</c>.</summary>
    Message,

    /// <summary><c>networkConnectionEvidence</c>.</summary>
    Connection,

    /// <summary>The fields of an alert exporter's detection that describe its device, file, process, user, address and URL.</summary>
    Detection,

    /// <summary>The number of members; no kind.</summary>
    Count,
}
