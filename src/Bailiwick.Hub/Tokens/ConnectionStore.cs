using System.Security.Cryptography;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Tokens;

/// <summary>How a connection gets its tokens.</summary>
public enum ConnectionFlow
{
    /// <summary>Client credentials after admin consent; sees all devices.</summary>
    AppOnly,

    /// <summary>A person's authorization code and refresh token; sees what that person sees.</summary>
    AuthorizationCode,
}

/// <summary>What a connection is for; a tenant has one of each at most.</summary>
public enum ConnectionPurpose
{
    /// <summary>What it reads goes into the log.</summary>
    Collect,

    /// <summary>What it sees is compared with what the collecting one sees, and never goes into the log.</summary>
    Compare,
}

/// <summary>How a connection does.</summary>
public enum ConnectionState
{
    /// <summary>Tokens come.</summary>
    Connected,

    /// <summary>Refused for a reason of configuration; retried slowly.</summary>
    Refused,

    /// <summary>A person has to sign in or consent again.</summary>
    NeedsPerson,
}

/// <summary>A tenant's connection.</summary>
/// <param name="Id">Given by the hub.</param>
/// <param name="Tenant">Whose.</param>
/// <param name="Application">Through which provider application.</param>
/// <param name="Flow">How tokens are got.</param>
/// <param name="Source">The tenant's primary alert source: <c>GraphAlerts</c>, <c>DefenderAlerts</c> or <c>AlertExporter</c>.</param>
/// <param name="State">How it does.</param>
/// <param name="Visibility"><c>all</c> for application permission, <c>person</c> when device groups may hide something.</param>
/// <param name="ProvenAt">When it was proven that the tokens are this tenant's, UTC.</param>
/// <param name="LastError">The OAuth error of the last refusal, or null.</param>
/// <param name="LastDetail">One sentence about it, or null.</param>
public sealed record TenantConnection(
    Guid Id,
    TenantId Tenant,
    ApplicationId Application,
    ConnectionFlow Flow,
    string Source,
    ConnectionState State,
    string Visibility,
    DateTimeOffset ProvenAt,
    string? LastError,
    string? LastDetail)
{
    private readonly string _also = ""; // one text, so that records compare by value

    /// <summary>Further sources, sorted: <c>GraphIncidents</c> is collected as well, another alert source is only compared with.</summary>
    public IReadOnlyList<string> Also
    {
        get => _also.Length == 0 ? [] : _also.Split(',');
        init => _also = string.Join(',', value);
    }

    /// <summary>What it is for.</summary>
    public ConnectionPurpose Purpose { get; init; }

    internal CredentialId? Credential { get; init; }
}

/// <summary>The tenants' connections. Rows that decide where credentials go are sealed. Thread safe.</summary>
public sealed class ConnectionStore(Database database, CredentialVault vault, AuditLog audit, RowSeal seal, TimeProvider time)
{
    private const string OfTenant = " WHERE tenant_id = @tenant AND purpose = @purpose";


    private const string Select =
        """
        SELECT connection_id AS ConnectionId, tenant_id AS TenantId, application_id AS ApplicationId, flow AS Flow, source AS Source, also AS Also, purpose AS Purpose, credential_id AS CredentialId,
               state AS State, visibility AS Visibility, proven_at AS ProvenAt, last_error AS LastError, last_detail AS LastDetail, seal AS Seal
        FROM connections
        """;

    /// <summary>Raised after a commit that added or removed a connection. Handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>The tenant's connection that collects, or null.</summary>
    /// <exception cref="SealBrokenException">The row was changed outside the hub.</exception>
    public Task<TenantConnection?> GetAsync(TenantId tenant, CancellationToken cancellationToken) => GetAsync(tenant, ConnectionPurpose.Collect, cancellationToken);

    /// <summary>The tenant's connection for a purpose, or null.</summary>
    /// <exception cref="SealBrokenException">The row was changed outside the hub.</exception>
    public async Task<TenantConnection?> GetAsync(TenantId tenant, ConnectionPurpose purpose, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + OfTenant, new { tenant = tenant.ToString(), purpose = purpose.ToString() });
        if (row is null) return null;
        return IsSealed(row) ? row.ToConnection() : throw await audit.BrokenSeals.RefuseAsync(database, "connection", row.ConnectionId, tenant, cancellationToken);
    }

    /// <summary>All connections, in the order of their tenants' ids. One that was changed outside the hub is recorded, and refused by <see cref="GetAsync(TenantId, ConnectionPurpose, CancellationToken)"/>.</summary>
    public async Task<IReadOnlyList<TenantConnection>> ListAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await ReadAsync(await connection.QueryAsync<Row>(Select + " ORDER BY tenant_id"), cancellationToken);
    }

    /// <summary>As the other list, of these tenants for one purpose and by tenant; those without such a connection are left out.</summary>
    public async Task<IReadOnlyDictionary<TenantId, TenantConnection>> FindAsync(
        IReadOnlyCollection<TenantId> tenants, ConnectionPurpose purpose, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tenants);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>($"{Select} WHERE purpose = @purpose AND tenant_id IN ({SqlList.Of(tenants.Select(tenant => tenant.Value))})", new { purpose = purpose.ToString() });
        return (await ReadAsync(rows, cancellationToken)).ToDictionary(one => one.Tenant);
    }

    /// <summary>How many connections that collect stand how.</summary>
    public async Task<IReadOnlyDictionary<ConnectionState, int>> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string State, long Count)>("SELECT state, COUNT(*) FROM connections WHERE purpose = 'Collect' GROUP BY state");
        return rows.ToDictionary(row => Enum.Parse<ConnectionState>(row.State), row => (int)row.Count);
    }

    /// <summary>Removes a tenant's connections, or the one that compares alone, and destroys their credentials.</summary>
    /// <returns>False when there was none.</returns>
    public async Task<bool> RemoveAsync(Actor actor, TenantId tenant, bool onlyComparing, CancellationToken cancellationToken)
    {
        var removed = await database.WriteAsync(
            async write =>
            {
                var compared = await DeleteAsync(write, tenant, ConnectionPurpose.Compare);
                var collected = !onlyComparing && await DeleteAsync(write, tenant, ConnectionPurpose.Collect);
                if (!compared && !collected) return false;
                await audit.AppendAsync(write, new AuditEntry("connection.removed", actor, tenant, Detail: collected ? null : "purpose=Compare"));
                return true;
            },
            cancellationToken);
        if (removed) Changed?.Invoke();
        return removed;
    }

    /// <summary>After the commit that <see cref="PutAsync"/> was part of.</summary>
    internal void Announce() => Changed?.Invoke();

    /// <summary>Stores a proven connection in place of an older one. The proof came first. One that would now compare the tenant with itself goes.</summary>
    internal async Task<TenantConnection> PutAsync(
        WriteTransaction write, Actor actor, TenantId tenant, ApplicationId application, ConnectionFlow flow, SourceChoice sources, Secret? credential, ConnectionPurpose purpose = ConnectionPurpose.Collect)
    {
        await DeleteAsync(write, tenant, purpose);
        var comparing = new { tenant = tenant.ToString(), purpose = nameof(ConnectionPurpose.Compare) };
        if (await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + OfTenant, comparing, write.Transaction) is { } second && second.Flow == flow.ToString())
            await DeleteAsync(write, tenant, ConnectionPurpose.Compare);
        CredentialId? stored = credential is null ? null : await vault.StoreAsync(write, VaultOwner.Of(tenant), VaultPurposeOf(purpose), credential);
        var now = time.GetUtcNow();
        var row = new Row(
            Guid.CreateVersion7(now).ToString("D"),
            tenant.ToString(),
            application.ToString(),
            flow.ToString(),
            sources.Primary,
            string.Join(',', sources.Also),
            purpose.ToString(),
            stored?.ToString(),
            nameof(ConnectionState.Connected),
            flow == ConnectionFlow.AppOnly ? "all" : "person",
            now.UtcTicks,
            null,
            null,
            []);
        row = row with { Seal = SealOf(row) };
        await write.Connection.ExecuteAsync(
            """
            INSERT INTO connections (connection_id, tenant_id, purpose, application_id, flow, source, also, credential_id, state, visibility, proven_at, changed_at, seal)
            VALUES (@ConnectionId, @TenantId, @Purpose, @ApplicationId, @Flow, @Source, @Also, @CredentialId, @State, @Visibility, @ProvenAt, @ProvenAt, @Seal)
            """,
            row,
            write.Transaction);
        await audit.AppendAsync(write, new AuditEntry("connection.added", actor, tenant, row.ConnectionId, $"flow={row.Flow} source={row.Source} also={row.Also} purpose={row.Purpose} application={row.ApplicationId}"));
        return row.ToConnection();
    }

    /// <summary>Notes how the connection does.</summary>
    internal Task NoteAsync(WriteTransaction write, Guid connection, ConnectionState state, string? error, string? detail) => write.Connection.ExecuteAsync(
        "UPDATE connections SET state = @state, last_error = @error, last_detail = @detail, changed_at = @now WHERE connection_id = @id",
        new { state = state.ToString(), error, detail, now = time.GetUtcNow().UtcTicks, id = connection.ToString("D") },
        write.Transaction);

    /// <summary>The word that binds a connection's credential in the vault to its purpose.</summary>
    internal static string VaultPurposeOf(ConnectionPurpose purpose) => purpose == ConnectionPurpose.Collect ? "connection" : "comparing-connection";

    private async Task<bool> DeleteAsync(WriteTransaction write, TenantId tenant, ConnectionPurpose purpose)
    {
        var key = new { tenant = tenant.ToString(), purpose = purpose.ToString() };
        var old = await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + OfTenant, key, write.Transaction);
        if (old is null) return false;
        if (!IsSealed(old)) await vault.DestroyAsync(write, VaultOwner.Of(tenant), VaultPurposeOf(purpose)); // the row may name another tenant's
        else if (old.ToConnection().Credential is { } credential) await vault.DestroyAsync(write, credential);
        await write.Connection.ExecuteAsync("DELETE FROM connections" + OfTenant, key, write.Transaction);
        return true;
    }

    private async Task<List<TenantConnection>> ReadAsync(IEnumerable<Row> rows, CancellationToken cancellationToken)
    {
        var connections = new List<TenantConnection>();
        foreach (var row in rows)
        {
            var one = row.TryRead();
            if (!IsSealed(row)) await audit.BrokenSeals.NoteAsync(database, "connection", row.ConnectionId, one?.Tenant, cancellationToken);
            if (one is not null) connections.Add(one);
        }

        return connections;
    }

    private bool IsSealed(Row row) => CryptographicOperations.FixedTimeEquals(SealOf(row), row.Seal);

    /// <summary>Further sources come last and only when there are some, and so does another purpose than to collect: a row from before they existed keeps its seal.</summary>
    private byte[] SealOf(Row row)
    {
        object?[] always = [row.ConnectionId, row.TenantId, row.ApplicationId, row.Flow, row.Source, row.CredentialId, row.Visibility, row.ProvenAt];
        if (row.Purpose != nameof(ConnectionPurpose.Collect)) return seal.Compute("connections", [.. always, row.Also, row.Purpose]);
        return row.Also.Length == 0 ? seal.Compute("connections", always) : seal.Compute("connections", [.. always, row.Also]);
    }

    private sealed record Row(
        string ConnectionId,
        string TenantId,
        string ApplicationId,
        string Flow,
        string Source,
        string Also,
        string Purpose,
        string? CredentialId,
        string State,
        string Visibility,
        long ProvenAt,
        string? LastError,
        string? LastDetail,
        byte[] Seal)
    {
        /// <summary>Null for a row that was changed outside the hub to what no connection is: it must not keep the others from being read.</summary>
        public TenantConnection? TryRead()
        {
            try
            {
                return ToConnection();
            }
            catch (Exception unreadable) when (unreadable is FormatException or ArgumentException)
            {
                return null;
            }
        }

        public TenantConnection ToConnection() => new(
            Guid.Parse(ConnectionId),
            new TenantId(Guid.Parse(TenantId)),
            new ApplicationId(Guid.Parse(ApplicationId)),
            Enum.Parse<ConnectionFlow>(Flow),
            Source,
            Enum.TryParse<ConnectionState>(State, out var state) ? state : ConnectionState.Refused, // not sealed: it says how the connection does, and the next token says so anew
            Visibility,
            new DateTimeOffset(ProvenAt, TimeSpan.Zero),
            LastError,
            LastDetail)
        {
            Also = Also.Length == 0 ? [] : Also.Split(','),
            Purpose = Enum.Parse<ConnectionPurpose>(Purpose),
            Credential = CredentialId is null ? null : new CredentialId(Guid.Parse(CredentialId)),
        };
    }
}
