using System.Text.RegularExpressions;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Dapper;

namespace Bailiwick.Hub.Feeds;

/// <summary>One configured feed: a reader of the alert log that programs pull from.</summary>
/// <param name="Name">Unique in this hub; 1 to 64 of <c>a-z 0-9 -</c>; also the reader's name in positions.</param>
/// <param name="Id">Tells this feed from an earlier one of the same name.</param>
/// <param name="Customers">Whose alerts it may give; null for all, also those to come. Never empty.</param>
/// <param name="Format">A name of <see cref="AlertFormats"/>.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Intact">False when the row was changed outside the hub: the feed is shown and gives nothing.</param>
public sealed record FeedDefinition(string Name, Guid Id, IReadOnlySet<CustomerId>? Customers, string Format, DateTimeOffset CreatedAt, bool Intact = true)
{
    /// <summary>The feed's name as a reader of the log.</summary>
    public string Reader => $"feed:{Name}";
}

/// <summary>What came of adding a feed.</summary>
public abstract record FeedAddition
{
    private FeedAddition()
    {
    }

    /// <summary>The feed can be read.</summary>
    public sealed record Added(FeedDefinition Feed) : FeedAddition;

    /// <summary>There is a feed of that name already.</summary>
    public sealed record NameTaken : FeedAddition;

    /// <summary>Name, customers or format are wrong.</summary>
    /// <param name="Faults">Every fault: <c>name</c>, <c>customers</c> or <c>format</c>, and what is wrong.</param>
    public sealed record Invalid(IReadOnlyList<(string Field, string Sentence)> Faults) : FeedAddition;
}

/// <summary>The rows of configured feeds. Each change is audited in its own transaction. Thread safe.</summary>
public sealed partial class FeedStore(Database database, AuditLog audit, RowSeal seal, TimeProvider time)
{
    private const string Select = "SELECT name AS Name, feed_id AS Id, customers AS Customers, format AS Format, created_at AS CreatedAt, seal AS Seal FROM feeds";

    /// <summary>Checks and stores a feed.</summary>
    /// <param name="name">See <see cref="FeedDefinition.Name"/>.</param>
    /// <param name="customers">Whose alerts; null for all.</param>
    /// <param name="format">A format's name.</param>
    /// <param name="fromNow">True: it gives only what is collected from now on, else everything in the logs.</param>
    /// <param name="actor">Who adds it.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<FeedAddition> AddAsync(
        string name, IReadOnlyCollection<CustomerId>? customers, string format, bool fromNow, Actor actor, CancellationToken cancellationToken)
    {
        if (Faults(name, customers, format) is { Count: > 0 } faults) return new FeedAddition.Invalid(faults);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        return await database.WriteAsync<FeedAddition>(
            async write =>
            {
                var taken = await write.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM feeds WHERE name = @name", new { name }, write.Transaction);
                if (taken > 0) return new FeedAddition.NameTaken();
                if (customers is not null)
                {
                    var known = await write.Connection.ExecuteScalarAsync<long>(
                        $"SELECT COUNT(*) FROM customers WHERE customer_id IN ({SqlList.Of(customers.Select(customer => customer.Value))})", transaction: write.Transaction);
                    if (known != customers.Distinct().Count()) return new FeedAddition.Invalid([("customers", "There is no customer of one of these ids.")]);
                }

                var feed = new FeedDefinition(name, id, customers?.ToHashSet(), format, time.GetUtcNow());
                var row = new Row { Name = name, Id = id.ToString("D"), Customers = Join(customers), Format = format, CreatedAt = feed.CreatedAt.UtcTicks };
                row.Seal = SealOf(row);
                await write.Connection.ExecuteAsync(
                    "INSERT INTO feeds (name, feed_id, customers, format, created_at, seal) VALUES (@Name, @Id, @Customers, @Format, @CreatedAt, @Seal)", row, write.Transaction);
                await Positions.RemoveAsync(write, feed.Reader);
                if (fromNow) await Positions.StartAtHeadsAsync(write, feed.Reader, feed.CreatedAt);
                await audit.AppendAsync(write, new AuditEntry("feed.added", actor, ObjectId: name, Detail: $"format={format} customers={customers?.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"}"));
                return new FeedAddition.Added(feed);
            },
            cancellationToken);
    }

    /// <summary>All feeds by name.</summary>
    public async Task<IReadOnlyList<FeedDefinition>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(Select + " ORDER BY name", cancellationToken: cancellationToken));
        return [.. rows.Select(ToDefinition)];
    }

    /// <summary>One feed, or null.</summary>
    public async Task<FeedDefinition?> FindAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(Select + " WHERE name = @name", new { name }, cancellationToken: cancellationToken));
        return row is null ? null : ToDefinition(row);
    }

    /// <summary>Removes a feed, its positions and what it had handed out. Its dead letters stay until somebody discards them.</summary>
    /// <returns>False when there is no such feed.</returns>
    public Task<bool> RemoveAsync(string name, Actor actor, CancellationToken cancellationToken) => database.WriteAsync(
        async write =>
        {
            var row = await write.Connection.QuerySingleOrDefaultAsync<Row>($"{Select} WHERE name = @name", new { name }, write.Transaction);
            if (row is null) return false;
            await write.Connection.ExecuteAsync("DELETE FROM feed_batches WHERE feed_id = @Id", new { row.Id }, write.Transaction);
            await write.Connection.ExecuteAsync("DELETE FROM feeds WHERE name = @name", new { name }, write.Transaction);
            await Positions.RemoveAsync(write, ToDefinition(row).Reader);
            await audit.AppendAsync(write, new AuditEntry("feed.removed", actor, ObjectId: name));
            return true;
        },
        cancellationToken);

    /// <summary>Refuses a feed whose row was changed outside the hub, with an audit record.</summary>
    /// <exception cref="SealBrokenException">It was.</exception>
    public async Task DemandIntactAsync(FeedDefinition feed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        if (feed.Intact) return;
        throw await audit.BrokenSeals.RefuseAsync(database, "feed", feed.Name, null, cancellationToken);
    }

    private static List<(string Field, string Sentence)> Faults(string name, IReadOnlyCollection<CustomerId>? customers, string format)
    {
        var faults = new List<(string, string)>();
        if (!NamePattern().IsMatch(name)) faults.Add(("name", "The name is not 1 to 64 of a-z, 0-9 and -, beginning with a letter."));
        if (customers is { Count: 0 }) faults.Add(("customers", "An empty list of customers gives nothing; leave it out to mean all."));
        if (!AlertFormats.Names.Contains(format)) faults.Add(("format", $"There is no such format; the formats are {string.Join(", ", AlertFormats.Names)}."));
        return faults;
    }

    private static string? Join(IReadOnlyCollection<CustomerId>? customers) =>
        customers is null ? null : string.Join(' ', customers.Select(customer => customer.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private string SealOf(Row row) => Convert.ToHexStringLower(seal.Compute("feeds", row.Name, row.Id, row.Customers, row.Format));

    private FeedDefinition ToDefinition(Row row) => row.ToDefinition() with { Intact = row.Seal == SealOf(row) };

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NamePattern();

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public string Id { get; set; } = "";

        public string? Customers { get; set; }

        public string Format { get; set; } = "";

        public long CreatedAt { get; set; }

        public string Seal { get; set; } = "";

        /// <summary>Ids that cannot be read (the row was changed outside the hub) are left out: such a feed gives nothing anyway.</summary>
        public FeedDefinition ToDefinition() => new(
            Name,
            Guid.TryParseExact(Id, "D", out var id) ? id : Guid.Empty,
            Customers?.Split(' ').Where(text => CustomerId.TryParse(text, out _)).Select(text => new CustomerId(Guid.Parse(text))).ToHashSet(),
            Format,
            new DateTimeOffset(CreatedAt, TimeSpan.Zero));
    }
}
