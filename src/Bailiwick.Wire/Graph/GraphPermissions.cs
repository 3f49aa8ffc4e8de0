namespace Bailiwick.Wire.Graph;

/// <summary>Permission names of Graph's security part; the same for applications and people. Source: list-alerts_v2, list-incidents, 2023.</summary>
public static class GraphPermissions
{
    /// <summary>Read all alerts.</summary>
    public const string AlertRead = "SecurityAlert.Read.All";

    /// <summary>Read and write all alerts.</summary>
    public const string AlertReadWrite = "SecurityAlert.ReadWrite.All";

    /// <summary>Read all incidents.</summary>
    public const string IncidentRead = "SecurityIncident.Read.All";

    /// <summary>Read and write all incidents.</summary>
    public const string IncidentReadWrite = "SecurityIncident.ReadWrite.All";

    /// <summary>What opens <c>/organization</c>. Source: organization-get, 2024.</summary>
    public static readonly IReadOnlyList<string> Organization =
    [
        "Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All", "User.Read", "User.Read.All",
        "User.ReadWrite.All",
    ];
}
