namespace Bailiwick.Api.V1;

/// <summary>An API key, without its secret part.</summary>
/// <param name="Id">Given by the hub; also the actor in the audit log.</param>
/// <param name="Name">What it is for, 1 to 100 characters.</param>
/// <param name="Prefix">The first characters of the key, for finding it in scanners' reports.</param>
/// <param name="Role">The role's word, for example <c>owner</c>, <c>engineer</c>, <c>analyst</c>, <c>reader</c>.</param>
/// <param name="Customers">Which customers it reaches; null means all.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC; null for the first owner key, which does not expire.</param>
/// <param name="LastUsedAt">UTC, to the minute; null when never.</param>
/// <param name="RevokedAt">UTC; null while it works.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    string Prefix,
    string Role,
    IReadOnlyList<CustomerId>? Customers,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);

/// <summary>A key to be made.</summary>
/// <param name="Name">As in <see cref="ApiKey"/>.</param>
/// <param name="Role">As in <see cref="ApiKey"/>; at most the maker's own.</param>
/// <param name="Customers">As in <see cref="ApiKey"/>.</param>
/// <param name="ExpiresInDays">1 to 365; null means 90.</param>
public sealed record NewApiKey(string Name, string Role, IReadOnlyList<CustomerId>? Customers = null, int? ExpiresInDays = null);

/// <summary>The one answer that carries a key's secret. It cannot be asked for again.</summary>
/// <param name="Key">The key's public part.</param>
/// <param name="Secret">The whole key, as sent after <c>Bearer</c>.</param>
public sealed record CreatedApiKey(ApiKey Key, string Secret)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"CreatedApiKey {Key.Id}";
}
