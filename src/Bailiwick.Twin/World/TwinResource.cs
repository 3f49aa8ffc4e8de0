using Bailiwick.Wire;

namespace Bailiwick.Twin.World;

/// <summary>Something tokens are issued for.</summary>
/// <param name="AppId">The resource's application id.</param>
/// <param name="Name">Name on consent pages.</param>
/// <param name="Identifier">Canonical App ID URI, without a trailing slash.</param>
/// <param name="Aliases">Further identifiers, without a trailing slash.</param>
/// <param name="TokenVersion">1 or 2: the resource decides the token's format. Source: access-tokens, 2025.</param>
/// <param name="Owner">The registered application whose API it is; null for Microsoft's own.</param>
public sealed record TwinResource(Guid AppId, string Name, string Identifier, IReadOnlyList<string> Aliases, int TokenVersion, TwinApp? Owner)
{
    /// <summary>Microsoft Graph. Source of the id: first-party apps page, read 2025.</summary>
    public static readonly TwinResource Graph = new(new("00000003-0000-0000-c000-000000000000"), "Microsoft Graph", Planes.GraphResource, ["https://graph.microsoft.us"], 1, null);

    /// <summary>Defender for Endpoint; the name its service principal bears in every tenant that has it.</summary>
    public static readonly TwinResource Defender = new(new("fc780465-2017-40d4-a0c5-307022471b92"), "WindowsDefenderATP", Planes.DefenderResource,
        ["https://api.securitycenter.windows.com", "https://securitycenter.onmicrosoft.com/windowsatpservice", "https://api-gov.securitycenter.microsoft.us", "https://api-gcc.securitycenter.microsoft.us"], 1, null);

    /// <summary>The unified Defender API (incidents).</summary>
    public static readonly TwinResource ThreatProtection = new(new("8ee8fdad-f234-4243-8f3b-15c294843740"), "Microsoft Threat Protection", "https://api.security.microsoft.com", [], 1, null);

    /// <summary>Azure AD Graph, which the legacy alert exporter takes tokens of.</summary>
    public static readonly TwinResource Exporter = new(new("00000002-0000-0000-c000-000000000000"), "Windows Azure Active Directory", Planes.ExporterResource, [], 1, null);

    /// <summary>Microsoft's own.</summary>
    public static readonly IReadOnlyList<TwinResource> WellKnown = [Graph, Defender, ThreatProtection, Exporter];

    /// <summary>Every name that a token for the resource may bear as its audience.</summary>
    public IReadOnlyList<string> Audiences => [Identifier, .. Aliases, AppId.ToString("D")];

    /// <summary>One of Microsoft's own by application id or identifier (trailing slash and case do not matter); null when it is none.</summary>
    public static TwinResource? FindWellKnown(string identifier)
    {
        var plain = identifier.TrimEnd('/');
        foreach (var resource in WellKnown)
        {
            if (plain.Equals(resource.Identifier, StringComparison.OrdinalIgnoreCase) || resource.Aliases.Contains(plain, StringComparer.OrdinalIgnoreCase)) return resource;
        }

        return Guid.TryParse(plain, out var id) ? WellKnown.FirstOrDefault(resource => resource.AppId == id) : null;
    }
}
