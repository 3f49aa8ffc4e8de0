namespace Bailiwick.Twin.World;

/// <summary>One customer's (or the provider's) tenant as the planes need to know it. Directory detail lives beside it.</summary>
/// <param name="Id">Tenant id.</param>
/// <param name="DisplayName">Organization name, invented.</param>
/// <param name="DefaultDomain">Verified default domain, below a reserved name such as <c>.example</c>.</param>
/// <param name="CountryLetterCode">Two letters.</param>
/// <param name="DefenderLicensed">False makes the Defender and security planes answer as for a tenant without a licence.</param>
/// <param name="Region">Defender region: <c>eu</c>, <c>us</c>, <c>uk</c>, <c>au</c>.</param>
public sealed record TwinTenant(Guid Id, string DisplayName, string DefaultDomain, string CountryLetterCode, bool DefenderLicensed = true, string Region = "eu");
