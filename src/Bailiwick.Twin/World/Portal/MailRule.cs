namespace Bailiwick.Twin.World.Portal;

/// <summary>One address of a mail rule; only alerts raised after it was added reach it. Source: configure-email-notifications 2024-07.</summary>
internal sealed record MailRecipient(string Address, DateTimeOffset AddedAt);

/// <summary>An e-mail notification rule of the endpoint alerts. Source: configure-email-notifications 2018–2024-07.</summary>
internal sealed record MailRule
{
    /// <summary>Its id; empty asks for a new one.</summary>
    public Guid Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>The customer's name appears in the mail; must be on for providers.</summary>
    public bool IncludeOrganization { get; init; }

    /// <summary>The link carries <c>tid</c>; must be on for providers.</summary>
    public bool IncludeTenantLink { get; init; }

    /// <summary>The device's name appears in the mail.</summary>
    public bool IncludeDevice { get; init; }

    /// <summary>Ids of device groups; null means all devices, which only administrators may choose.</summary>
    public IReadOnlyList<int>? DeviceGroups { get; init; }

    /// <summary>Severities in Graph's spelling.</summary>
    public IReadOnlyList<string> Severities { get; init; } = [];

    /// <summary>Who gets the mail.</summary>
    public IReadOnlyList<MailRecipient> Recipients { get; init; } = [];
}

/// <summary>An application that may fetch from the exporter. Source: fetch-alerts-mssp 2024.</summary>
internal sealed record SiemAuthorization(Guid ApplicationId, Guid TenantId, string By, DateTimeOffset At);

/// <summary>The SIEM settings of a tenant. Source: enable-siem 2018-12 and 2021.</summary>
internal sealed record SiemSettings
{
    /// <summary>True once <em>Enable SIEM integration</em> was pressed.</summary>
    public bool Enabled { get; init; }

    /// <summary>The tenant's own connector application, or null.</summary>
    public Guid? ApplicationId { get; init; }

    /// <summary>Applications of providers.</summary>
    public IReadOnlyList<SiemAuthorization> Authorized { get; init; } = [];
}
