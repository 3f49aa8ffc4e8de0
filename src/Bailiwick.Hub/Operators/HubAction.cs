namespace Bailiwick.Hub.Operators;

/// <summary>Everything that can be asked of the hub. Closed: an endpoint without one of these does not exist.</summary>
public enum HubAction
{
    /// <summary>See a customer and its tenants.</summary>
    CustomersRead,

    /// <summary>Change a customer or add a tenant to it.</summary>
    CustomersChange,

    /// <summary>Add or import customers.</summary>
    CustomersAdd,

    /// <summary>See the provider's applications; never their credentials.</summary>
    ApplicationsRead,

    /// <summary>Add an application or replace its credential.</summary>
    ApplicationsChange,

    /// <summary>See a tenant's connection and its state.</summary>
    ConnectionsRead,

    /// <summary>Connect or disconnect a tenant.</summary>
    ConnectionsChange,

    /// <summary>Read alerts.</summary>
    AlertsRead,

    /// <summary>Write triage back.</summary>
    AlertsTriage,

    /// <summary>See whether there is a hole.</summary>
    CoverageRead,

    /// <summary>Read a feed and confirm what was read.</summary>
    FeedsRead,

    /// <summary>Add or remove feeds.</summary>
    FeedsChange,

    /// <summary>See sinks; never their credentials.</summary>
    SinksRead,

    /// <summary>Add, change, park or remove sinks.</summary>
    SinksChange,

    /// <summary>See dead letters.</summary>
    DeadLettersRead,

    /// <summary>Deliver again.</summary>
    DeadLettersReplay,

    /// <summary>Read and verify the audit trail.</summary>
    AuditRead,

    /// <summary>See API keys; never the keys themselves.</summary>
    KeysRead,

    /// <summary>Make or revoke API keys.</summary>
    KeysChange,

    /// <summary>Rotate or unseal the vault.</summary>
    VaultChange,

    /// <summary>See the hub's own state and settings.</summary>
    StatusRead,
}

/// <summary>What someone is to the hub. Given for all customers or for one; <see cref="CustomerAdministrator"/> for one only.</summary>
public enum Role
{
    /// <summary>Responsible for the hub: everything.</summary>
    Owner,

    /// <summary>Onboards, connects, routes.</summary>
    Engineer,

    /// <summary>Works on alerts.</summary>
    Analyst,

    /// <summary>Approves access; sees what is needed to decide.</summary>
    Approver,

    /// <summary>Sees everything that proves something, changes nothing.</summary>
    Auditor,

    /// <summary>The customer's own person: sees what the provider does for this customer.</summary>
    CustomerAdministrator,
}
