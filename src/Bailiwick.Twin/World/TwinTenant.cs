namespace Bailiwick.Twin.World;

/// <summary>Edition of Entra ID, in rising order. Source of what each opens: graph-entitlement-management licence notes 2024, licensing-fundamentals 2025.</summary>
public enum EntraPlan
{
    /// <summary>Free: no sign-in log, no entitlement management.</summary>
    Free,

    /// <summary>P1: sign-in log, Conditional Access, role-assignable groups.</summary>
    P1,

    /// <summary>P2: entitlement management and access reviews.</summary>
    P2,

    /// <summary>Entra ID Governance: what P2 has and more.</summary>
    Governance,
}

/// <summary>One customer's (or the provider's) tenant as the planes need to know it. Directory detail lives beside it.</summary>
/// <param name="Id">Tenant id.</param>
/// <param name="DisplayName">Organization name, invented.</param>
/// <param name="DefaultDomain">Verified default domain, below a reserved name such as <c>.example</c>.</param>
/// <param name="CountryLetterCode">Two letters.</param>
/// <param name="DefenderLicensed">False makes the Defender and security planes answer as for a tenant without a licence.</param>
/// <param name="Region">Defender region: <c>eu</c>, <c>us</c>, <c>uk</c>, <c>au</c>.</param>
/// <param name="Plan">Edition of Entra ID.</param>
public sealed record TwinTenant(Guid Id, string DisplayName, string DefaultDomain, string CountryLetterCode, bool DefenderLicensed = true, string Region = "eu", EntraPlan Plan = EntraPlan.P2);
