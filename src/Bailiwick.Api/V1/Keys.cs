namespace Bailiwick.Api.V1;

/// <summary>An API key, without its secret part.</summary>
/// <param name="Id">Given by the hub; also the actor in the audit log.</param>
/// <param name="Name">What it is for, 1 to 100 characters.</param>
/// <param name="Role">One of <c>owner</c>, <c>engineer</c>, <c>analyst</c>, <c>approver</c>, <c>auditor</c>, <c>customerAdministrator</c>.</param>
/// <param name="Customers">Which customers it reaches; null means all.</param>
/// <param name="Actions">What the role is narrowed to, for example <c>alertsRead</c>; null for all it gives.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="RevokedAt">UTC; null while it works.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    string Role,
    IReadOnlyList<CustomerId>? Customers,
    IReadOnlyList<string>? Actions,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt);

/// <summary>A key to be made.</summary>
/// <param name="Name">As in <see cref="ApiKey"/>.</param>
/// <param name="Role">As in <see cref="ApiKey"/>.</param>
/// <param name="Customers">As in <see cref="ApiKey"/>; needed for <c>customerAdministrator</c>, not allowed for <c>owner</c>.</param>
/// <param name="ExpiresInDays">1 to 365; null means 90.</param>
/// <param name="Actions">As in <see cref="ApiKey"/>.</param>
public sealed record NewApiKey(
    string Name, string Role, IReadOnlyList<CustomerId>? Customers = null, int? ExpiresInDays = null, IReadOnlyList<string>? Actions = null);

/// <summary>The one answer that carries a key's secret. It cannot be asked for again.</summary>
/// <param name="Key">The key's public part.</param>
/// <param name="Secret">The whole key, as sent after <c>Bearer</c>.</param>
public sealed record CreatedApiKey(ApiKey Key, string Secret)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"CreatedApiKey {Key.Id}";
}
