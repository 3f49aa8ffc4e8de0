using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Sinks;

/// <summary>One configured sink, without its secret.</summary>
/// <param name="Name">Unique in this hub; 1 to 64 of <c>a-z 0-9 -</c>; also the reader's name in positions.</param>
/// <param name="Id">Tells this sink from an earlier one of the same name.</param>
/// <param name="Kind">The kind's name as in <see cref="SinkCatalog"/>.</param>
/// <param name="Settings">The settings, as validated when the sink was added.</param>
/// <param name="Credential">The secret's id in the vault, or null for a kind without one.</param>
/// <param name="Parked">True when a person set the sink aside: nothing is sent, its positions stay.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Routing">Which versions it gets and what is taken out of them.</param>
/// <param name="Intact">False when the row was changed outside the hub: the sink is shown, by name and kind alone, and not used.</param>
public sealed record SinkDefinition(
    string Name,
    Guid Id,
    string Kind,
    JsonElement Settings,
    CredentialId? Credential,
    bool Parked,
    DateTimeOffset CreatedAt,
    SinkRouting Routing,
    bool Intact = true);

/// <summary>What came of adding a sink.</summary>
public abstract record SinkAddition
{
    private SinkAddition()
    {
    }

    /// <summary>The sink is stored and enabled.</summary>
    public sealed record Added(SinkDefinition Sink) : SinkAddition;

    /// <summary>There is a sink of that name already.</summary>
    public sealed record NameTaken : SinkAddition;

    /// <summary>Name, kind, settings or secret are wrong; every fault is named.</summary>
    public sealed record Invalid(IReadOnlyList<SinkFault> Faults) : SinkAddition;
}

/// <summary>One fault of a sink that was to be added.</summary>
/// <param name="Field"><c>name</c>, <c>kind</c>, <c>settings</c>, <c>secret</c>, <c>startAt</c> or <c>routing</c> with a member.</param>
/// <param name="Sentence">What is wrong; never the secret.</param>
public sealed record SinkFault(string Field, string Sentence);

/// <summary>The rows of configured sinks. Each change is audited in its own transaction; secrets go to the vault and never come back out here.</summary>
public sealed partial class SinkStore(Database database, CredentialVault vault, AuditLog audit, RowSeal seal, TimeProvider time)
{
    private const string Columns = "name AS Name, sink_id AS Id, kind AS Kind, settings AS Settings, credential_id AS Credential, parked AS Parked, created_at AS CreatedAt, routing AS Routing, seal AS Seal";

    private static readonly JsonElement s_none = JsonElement.Parse("{}");

    /// <summary>Raised after a commit that added, parked, resumed or removed a sink. Handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>The sink's name as a reader of the log.</summary>
    public static string ReaderOf(string name) => $"sink:{name}";

    /// <summary>The purpose that a sink's secret is bound to in the vault.</summary>
    public static string PurposeOf(Guid sinkId) => PurposeOf(sinkId.ToString("D"));

    /// <summary>Checks and stores a sink.</summary>
    /// <param name="name">See <see cref="SinkDefinition.Name"/>.</param>
    /// <param name="kind">A kind's name.</param>
    /// <param name="settings">A JSON object.</param>
    /// <param name="secret">Given exactly when the kind needs one; the caller clears it.</param>
    /// <param name="start">Where it begins in the logs.</param>
    /// <param name="routing">Which versions it gets; null for all.</param>
    /// <param name="actor">Who adds it.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<SinkAddition> AddAsync(
        string name,
        string kind,
        JsonElement settings,
        Secret? secret,
        SinkStart start,
        V1.SinkRouting? routing,
        Actor actor,
        CancellationToken cancellationToken)
    {
        var faults = Faults(name, kind, settings, secret);
        var routes = SinkRouting.Read(routing, out var unfit);
        faults.AddRange(unfit.Select(fault => new SinkFault($"routing.{fault.Field}", fault.Sentence)));
        if (start is { FromNow: true, At: not null }) faults.Add(new SinkFault("startAt", "Give either fromNow or startAt, not both."));
        if (faults.Count > 0) return new SinkAddition.Invalid(faults);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var result = await database.WriteAsync<SinkAddition>(
            async write =>
            {
                var taken = await write.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sinks WHERE name = @name", new { name }, write.Transaction);
                if (taken > 0) return new SinkAddition.NameTaken();
                CredentialId? credential = secret is null ? null : await vault.StoreAsync(write, VaultOwner.Provider, PurposeOf(id), secret);
                var sink = new SinkDefinition(name, id, kind, settings.Clone(), credential, Parked: false, time.GetUtcNow(), routes);
                await write.Connection.ExecuteAsync(
                    """
                    INSERT INTO sinks (name, sink_id, kind, settings, credential_id, parked, created_at, routing, seal)
                    VALUES (@Name, @Id, @Kind, @Settings, @Credential, 0, @CreatedAt, @Routing, @Seal)
                    """,
                    new
                    {
                        sink.Name,
                        Id = id.ToString("D"),
                        sink.Kind,
                        Settings = settings.GetRawText(),
                        Credential = credential?.ToString(),
                        CreatedAt = sink.CreatedAt.UtcTicks,
                        Routing = routes.ToJson(),
                        Seal = SealOf(name, id.ToString("D"), kind, settings.GetRawText(), credential?.ToString(), routes.ToJson()),
                    },
                    write.Transaction);
                await Positions.RemoveAsync(write, ReaderOf(name)); // of an earlier sink of that name, should one have moved while it was removed
                if (start.FromNow) await Positions.StartAtHeadsAsync(write, ReaderOf(name), sink.CreatedAt);
                else if (start.At is { } at) await Positions.StartAtTimeAsync(write, ReaderOf(name), at, sink.CreatedAt);
                await audit.AppendAsync(write, new AuditEntry("sink.added", actor, ObjectId: name, Detail: kind));
                return new SinkAddition.Added(sink);
            },
            cancellationToken);
        if (result is SinkAddition.Added) Changed?.Invoke();
        return result;
    }

    /// <summary>All sinks by name.</summary>
    public async Task<IReadOnlyList<SinkDefinition>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition($"SELECT {Columns} FROM sinks ORDER BY name", cancellationToken: cancellationToken));
        return [.. rows.Select(ToDefinition)];
    }

    /// <summary>One sink, or null.</summary>
    public async Task<SinkDefinition?> GetAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            new CommandDefinition($"SELECT {Columns} FROM sinks WHERE name = @name", new { name }, cancellationToken: cancellationToken));
        return row is null ? null : ToDefinition(row);
    }

    /// <summary>Sets a sink aside or takes it up again.</summary>
    /// <returns>False when there is no such sink.</returns>
    public Task<bool> ParkAsync(string name, bool parked, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        async write =>
        {
            var changed = await write.Connection.ExecuteAsync(
                "UPDATE sinks SET parked = @value WHERE name = @name", new { name, value = parked ? 1 : 0 }, write.Transaction);
            if (changed == 0) return false;
            await audit.AppendAsync(write, new AuditEntry(parked ? "sink.parked" : "sink.resumed", actor, ObjectId: name));
            return true;
        },
        cancellationToken);

    /// <summary>Records that somebody has a test record sent; called before it is.</summary>
    public Task NoteTestAsync(string name, Actor actor, CancellationToken cancellationToken) =>
        database.WriteAsync(write => audit.AppendAsync(write, new AuditEntry("sink.tested", actor, ObjectId: name)), cancellationToken);

    /// <summary>Removes a sink, its positions and its secret. Its dead letters stay until somebody discards them.</summary>
    /// <returns>False when there is no such sink.</returns>
    public Task<bool> RemoveAsync(string name, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        async write =>
        {
            var row = await write.Connection.QuerySingleOrDefaultAsync<Row>($"SELECT {Columns} FROM sinks WHERE name = @name", new { name }, write.Transaction);
            if (row is null) return false;
            await write.Connection.ExecuteAsync("DELETE FROM sinks WHERE name = @name", new { name }, write.Transaction);
            await Positions.RemoveAsync(write, ReaderOf(name));
            if (row.Credential is not null) await vault.DestroyAsync(write, VaultOwner.Provider, PurposeOf(row.Id)); // by what it is bound to: a changed row may name another's
            await audit.AppendAsync(write, new AuditEntry("sink.removed", actor, ObjectId: name, Detail: row.Kind));
            return true;
        },
        cancellationToken);

    private static List<SinkFault> Faults(string name, string kind, JsonElement settings, Secret? secret)
    {
        var faults = new List<SinkFault>();
        if (!NamePattern().IsMatch(name)) faults.Add(new SinkFault("name", "The name is not 1 to 64 of a-z, 0-9 and -, beginning with a letter."));
        if (SinkCatalog.Find(kind) is not { } found)
        {
            faults.Add(new SinkFault("kind", $"There is no such kind of sink; the kinds are {string.Join(", ", SinkCatalog.Kinds.Select(known => known.Name))}."));
            return faults;
        }

        faults.AddRange(found.Validate(settings).Select(sentence => new SinkFault("settings", sentence)));
        if (found.NeedsSecret && (secret is null || secret.Reveal().IsEmpty)) faults.Add(new SinkFault("secret", $"A {kind} sink needs its secret, from a file or from standard input."));
        if (!found.NeedsSecret && secret is not null) faults.Add(new SinkFault("secret", $"A {kind} sink takes no secret."));
        return faults;
    }

    /// <summary>Records that a sink was found changed outside the hub.</summary>
    internal Task NoteBrokenSealAsync(string name, CancellationToken cancellationToken) =>
        audit.BrokenSeals.NoteAsync(database, "sink", name, tenant: null, cancellationToken);

    private static string PurposeOf(string sinkId) => $"sink:{sinkId}";

    private string SealOf(string name, string id, string kind, string settings, string? credential, string routing) =>
        Convert.ToHexStringLower(seal.Compute("sinks", name, id, kind, settings, credential, routing));

    private SinkDefinition ToDefinition(Row row)
    {
        if (row.Seal != SealOf(row.Name, row.Id, row.Kind, row.Settings, row.Credential, row.Routing)) return row.ToChanged();
        try
        {
            return row.ToDefinition();
        }
        catch (JsonException)
        {
            return row.ToChanged(); // a routing that only a newer program knows: nothing is guessed
        }
    }

    private async Task<bool> ChangeAsync(Func<WriteTransaction, Task<bool>> work, CancellationToken cancellationToken)
    {
        var changed = await database.WriteAsync(work, cancellationToken);
        if (changed) Changed?.Invoke();
        return changed;
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NamePattern();

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public string Id { get; set; } = "";

        public string Kind { get; set; } = "";

        public string Settings { get; set; } = "";

        public string? Credential { get; set; }

        public long Parked { get; set; }

        public long CreatedAt { get; set; }

        public string Routing { get; set; } = "";

        public string Seal { get; set; } = "";

        private DateTimeOffset Created => new(Math.Clamp(CreatedAt, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);

        public SinkDefinition ToDefinition() => new(
            Name,
            Guid.ParseExact(Id, "D"),
            Kind,
            JsonElement.Parse(Settings),
            Credential is null ? null : new CredentialId(Guid.ParseExact(Credential, "D")),
            Parked != 0,
            Created,
            SinkRouting.FromJson(Routing));

        /// <summary>A row that does not fit its seal: enough to show it, park it and remove it. Nothing else of it is read, since anything may stand there.</summary>
        public SinkDefinition ToChanged() => new(Name, Guid.Empty, Kind, s_none, null, Parked != 0, Created, SinkRouting.Everything, Intact: false);
    }
}
