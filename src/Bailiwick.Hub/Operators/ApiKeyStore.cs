using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Operators;

/// <summary>What a new key shall be.</summary>
/// <param name="Name">For display; 1 to 100 characters.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Customers">For which customers; null for all. Required for <see cref="Role.CustomerAdministrator"/>, not allowed for <see cref="Role.Owner"/>.</param>
/// <param name="Actions">Narrows the role; null for all it gives.</param>
/// <param name="ExpiresAt">UTC; at most <see cref="ApiKeyStore.MaxLife"/> from now.</param>
public sealed record NewApiKey(string Name, Role Role, IReadOnlyList<CustomerId>? Customers, IReadOnlyList<HubAction>? Actions, DateTimeOffset ExpiresAt);

/// <summary>A key as people see it; the key itself is shown once, when it is made.</summary>
public sealed record ApiKey(
    Guid Id,
    string Name,
    Role Role,
    IReadOnlyList<CustomerId>? Customers,
    IReadOnlyList<HubAction>? Actions,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt);

/// <summary>
/// API keys: 256 random bits behind the prefix <c>bwk_</c>, kept as a keyed hash, compared in constant time, expiring. The rows are sealed.
/// Nothing is cached, so a revocation acts on the next request. Thread safe.
/// </summary>
public sealed class ApiKeyStore(Database database, AuditLog audit, VaultKeyring keyring, RowSeal seal, TimeProvider time)
{
    /// <summary>What every key begins with, so that scanners find a leaked one.</summary>
    public const string Prefix = "bwk_";

    /// <summary>Longest life of a key.</summary>
    public static readonly TimeSpan MaxLife = TimeSpan.FromDays(366);

    private const int SecretBytes = 32;
    private const int KeyLength = 4 + 43;

    private const string Select =
        """
        SELECT key_id AS KeyId, name AS Name, hash AS Hash, role AS Role, customers AS Customers, actions AS Actions, created_at AS CreatedAt,
               expires_at AS ExpiresAt, revoked_at AS RevokedAt, seal AS Seal
        FROM api_keys
        """;

    /// <summary>Makes a key.</summary>
    /// <returns>The key and its text, which cannot be shown again.</returns>
    /// <exception cref="ArgumentException">The wish makes no sense; the message says why.</exception>
    public async Task<(ApiKey Key, Secret Text)> CreateAsync(Actor actor, NewApiKey wish, CancellationToken cancellationToken)
    {
        Check(wish);
        var (row, text) = Draft(wish);
        await database.WriteAsync(write => InsertAsync(write, actor, row), cancellationToken);
        return (row.ToKey(), text);
    }

    /// <summary>Whom a presented text belongs to: null when it is no key of ours, expired, revoked, or its row was changed outside the hub.</summary>
    public async Task<Principal?> AuthenticateAsync(string presented, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(presented);
        if (presented.Length != KeyLength || !presented.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var hash = HashOf(Encoding.UTF8.GetBytes(presented));
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE hash = @hash", new { hash });
        return row is not null && CryptographicOperations.FixedTimeEquals(row.Hash, hash) ? await ToPrincipalAsync(row, cancellationToken) : null;
    }

    /// <summary>The principal of a key that something else vouches for; null when it is unknown, expired, revoked, or its row was changed outside the hub.</summary>
    internal async Task<Principal?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE key_id = @id", new { id = id.ToString("D") });
        return row is null ? null : await ToPrincipalAsync(row, cancellationToken);
    }

    private async Task<Principal?> ToPrincipalAsync(Row row, CancellationToken cancellationToken)
    {
        if (!IsSealed(row))
        {
            await audit.BrokenSeals.NoteAsync(database, "key", row.KeyId, null, cancellationToken);
            return null;
        }

        var key = row.ToKey();
        if (key.RevokedAt is not null || key.ExpiresAt <= time.GetUtcNow()) return null;
        return new Principal(
            new Actor("key", row.KeyId),
            key.Name,
            key.Customers is null ? [new RoleGrant(key.Role, null)] : [.. key.Customers.Select(customer => new RoleGrant(key.Role, customer))],
            key.Actions?.ToHashSet());
    }

    /// <summary>All keys, oldest first, revoked and expired ones too, and those that were changed outside the hub and sign nobody in.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(Select + " ORDER BY key_id")).ToList();
        await NoteBrokenAsync(rows, cancellationToken);
        return [.. rows.Select(row => row.ToKey())];
    }

    /// <summary>Ends a key at once.</summary>
    /// <returns>False when there is no such key; true also when it was revoked before.</returns>
    public Task<bool> RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken) => database.WriteAsync(
        async write =>
        {
            var row = await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE key_id = @id", new { id = id.ToString("D") }, write.Transaction);
            if (row is null) return false;
            if (row.RevokedAt is not null) return true;
            var revoked = Sealed(row with { RevokedAt = time.GetUtcNow().UtcTicks });
            await write.Connection.ExecuteAsync("UPDATE api_keys SET revoked_at = @RevokedAt, seal = @Seal WHERE key_id = @KeyId", revoked, write.Transaction);
            await audit.AppendAsync(write, new AuditEntry("key.revoked", actor, ObjectId: row.KeyId));
            return true;
        },
        cancellationToken);

    /// <summary>
    /// Makes an owner key and writes it to <c>owner.key</c> (mode 0600) in the data directory, if no full owner key works: at first start, and when the
    /// last one expired or was revoked. The file is there before the key is, so a crash in between only makes the next start do it again.
    /// </summary>
    /// <returns>The file's path when a key was made, else null.</returns>
    public async Task<string?> EnsureOwnerKeyAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            var owners = (await connection.QueryAsync<Row>(Select + " WHERE role = 'Owner' AND actions IS NULL AND revoked_at IS NULL AND expires_at > @now", new { now = now.UtcTicks })).ToList();
            await NoteBrokenAsync(owners, cancellationToken);
            if (owners.Exists(IsSealed)) return null;
        }

        var path = Path.Combine(dataDirectory, "owner.key");
        var (row, text) = Draft(new NewApiKey("first owner", Role.Owner, null, null, now + TimeSpan.FromDays(365)));
        using (text) PrivateFile.Replace(path, [.. text.Reveal(), (byte)'\n']);
        await database.WriteAsync(write => InsertAsync(write, Actor.Job("first-start"), row), cancellationToken);
        return path;
    }

    private static string? Join<T>(IReadOnlyList<T>? items) => items is null ? null : string.Join(' ', items.Select(item => item!.ToString()).Distinct().Order(StringComparer.Ordinal));

    private void Check(NewApiKey wish)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var now = time.GetUtcNow();
        if (string.IsNullOrWhiteSpace(wish.Name) || wish.Name.Length > 100 || wish.Name.Any(char.IsControl)) throw new ArgumentException("A key needs a name of 1 to 100 characters.");
        if (wish.ExpiresAt <= now || wish.ExpiresAt > now + MaxLife) throw new ArgumentException($"A key expires between now and {MaxLife.TotalDays:0} days from now.");
        if (wish.Role == Role.CustomerAdministrator && wish.Customers is null) throw new ArgumentException("A customer administrator's key names its customers.");
        if (wish.Role == Role.Owner && wish.Customers is not null) throw new ArgumentException("An owner's key is for the whole hub; choose another role for single customers.");
        if (wish.Customers is { Count: 0 } || wish.Actions is { Count: 0 }) throw new ArgumentException("An empty list of customers or actions allows nothing; leave it out to mean all.");
    }

    private (Row Row, Secret Text) Draft(NewApiKey wish)
    {
        var random = RandomNumberGenerator.GetBytes(SecretBytes);
        var text = new byte[KeyLength];
        Encoding.ASCII.GetBytes(Prefix, text);
        Base64Url.EncodeToUtf8(random, text.AsSpan(Prefix.Length));
        CryptographicOperations.ZeroMemory(random);
        var now = time.GetUtcNow();
        var row = Sealed(new Row(
            Guid.CreateVersion7(now).ToString("D"), wish.Name.Trim(), HashOf(text), wish.Role.ToString(), Join(wish.Customers), Join(wish.Actions), now.UtcTicks, wish.ExpiresAt.UtcTicks, null, []));
        return (row, new Secret(text));
    }

    private async Task InsertAsync(WriteTransaction write, Actor actor, Row row)
    {
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO api_keys (key_id, name, hash, role, customers, actions, created_at, expires_at, revoked_at, seal)
            VALUES (@KeyId, @Name, @Hash, @Role, @Customers, @Actions, @CreatedAt, @ExpiresAt, @RevokedAt, @Seal)
            """,
            row,
            write.Transaction);
        await audit.AppendAsync(write, new AuditEntry("key.created", actor, ObjectId: row.KeyId, Detail: $"role={row.Role}"));
    }

    private byte[] HashOf(ReadOnlySpan<byte> text) => HMACSHA256.HashData(keyring.Derive("api-key-hash"), text);

    private Row Sealed(Row row) => row with { Seal = SealOf(row) };

    private byte[] SealOf(Row row) =>
        seal.Compute("api_keys", row.KeyId, row.Hash, row.Role, row.Customers, row.Actions, row.ExpiresAt, row.RevokedAt);

    private bool IsSealed(Row row) => CryptographicOperations.FixedTimeEquals(SealOf(row), row.Seal);

    private async Task NoteBrokenAsync(List<Row> rows, CancellationToken cancellationToken)
    {
        foreach (var broken in rows.Where(row => !IsSealed(row))) await audit.BrokenSeals.NoteAsync(database, "key", broken.KeyId, null, cancellationToken);
    }

    private sealed record Row(
        string KeyId, string Name, byte[] Hash, string Role, string? Customers, string? Actions, long CreatedAt, long ExpiresAt, long? RevokedAt, byte[] Seal)
    {
        public ApiKey ToKey() => new(
            Guid.Parse(KeyId),
            Name,
            Enum.Parse<Role>(Role),
            Customers?.Split(' ').Select(id => new CustomerId(Guid.Parse(id))).ToList(),
            Actions?.Split(' ').Select(Enum.Parse<HubAction>).ToList(),
            new DateTimeOffset(CreatedAt, TimeSpan.Zero),
            new DateTimeOffset(ExpiresAt, TimeSpan.Zero),
            RevokedAt is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);
    }
}
