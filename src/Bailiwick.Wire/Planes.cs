namespace Bailiwick.Wire;

/// <summary>Names that every plane of Microsoft's side shares.</summary>
public static class Planes
{
    /// <summary>Graph's resource identifier; the default resource of a bare scope. Source: permissions-reference, read 2025.</summary>
    public const string GraphResource = "https://graph.microsoft.com";

    /// <summary>Defender for Endpoint's resource identifier. Source: exposed-apis-create-app-partners, 2025-03.</summary>
    public const string DefenderResource = "https://api.securitycenter.microsoft.com";

    /// <summary>The resource of the legacy alert exporter. Source: pull-alerts-using-rest-api, 2020.</summary>
    public const string ExporterResource = "https://graph.windows.net";
}
