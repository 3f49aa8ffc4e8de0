using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Customers;

/// <summary>A customer whose collection somebody has put on hold.</summary>
/// <param name="Customer">Whose.</param>
/// <param name="Reason">Why, as a person wrote it.</param>
/// <param name="By">Who, as the audit trail names it: kind and id.</param>
/// <param name="At">Since when, UTC.</param>
/// <param name="Until">When collecting goes on by itself, UTC.</param>
public sealed record CustomerPause(CustomerId Customer, string Reason, string By, DateTimeOffset At, DateTimeOffset Until);

/// <summary>
/// The customers that are paused. A pause ends by itself; what was missed meanwhile is walked then, and is open in the coverage ledger until it is. Every
/// change writes an audit record in its own transaction. Thread safe.
/// </summary>
public sealed class CustomerPauses(Database database, AuditLog audit, TimeProvider time)
{
    /// <summary>The longest pause: a year.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Longest reason, in UTF-16 units.</summary>
    public const int MaxReason = 500;

    private const string Select =
        "SELECT customer_id AS CustomerId, reason AS Reason, paused_by AS PausedBy, paused_at AS PausedAt, until_at AS UntilAt FROM customer_pauses WHERE until_at > @now";

    /// <summary>Raised after a commit that changed a pause. Handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>The customer's pause, or null when it is not paused now.</summary>
    public async Task<CustomerPause?> FindAsync(CustomerId customer, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(Select + " AND customer_id = @customer", new { now = time.GetUtcNow().UtcTicks, customer = customer.ToString() });
        return row?.ToPause();
    }

    /// <summary>Every customer that is paused now.</summary>
    public async Task<IReadOnlyDictionary<CustomerId, CustomerPause>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(Select, new { now = time.GetUtcNow().UtcTicks });
        return rows.Select(row => row.ToPause()).ToDictionary(pause => pause.Customer);
    }

    /// <summary>Pauses a known customer, or changes reason and end of its pause.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="customer">Whose collection.</param>
    /// <param name="reason">1 to <see cref="MaxReason"/> characters.</param>
    /// <param name="until">After now, at most <see cref="Longest"/> away.</param>
    /// <param name="cancellationToken">Stops before the transaction.</param>
    public async Task<CustomerPause> PauseAsync(Actor actor, CustomerId customer, string reason, DateTimeOffset until, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actor);
        if (FaultOf(reason, until, time.GetUtcNow()) is var (_, fault)) throw new ArgumentException(fault);
        var pause = await database.WriteAsync(
            async write =>
            {
                var now = time.GetUtcNow();
                var old = await write.Connection.QuerySingleOrDefaultAsync<Row>(
                    Select + " AND customer_id = @customer", new { now = now.UtcTicks, customer = customer.ToString() }, write.Transaction);
                var row = new Row(customer.ToString(), reason, $"{actor.Kind}:{actor.Id}", old?.PausedAt ?? now.UtcTicks, until.UtcTicks);
                await write.Connection.ExecuteAsync(
                    """
                    INSERT INTO customer_pauses (customer_id, reason, paused_by, paused_at, until_at) VALUES (@CustomerId, @Reason, @PausedBy, @PausedAt, @UntilAt)
                    ON CONFLICT (customer_id) DO UPDATE SET
                        reason = excluded.reason, paused_by = excluded.paused_by, paused_at = excluded.paused_at, until_at = excluded.until_at
                    """,
                    row,
                    write.Transaction);
                await audit.AppendAsync(
                    write,
                    new AuditEntry("customer.paused", actor, ObjectId: row.CustomerId, Detail: $"until={until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}")
                    {
                        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(reason))),
                    });
                return row.ToPause();
            },
            cancellationToken);
        Changed?.Invoke();
        return pause;
    }

    /// <summary>Ends a pause before its time.</summary>
    /// <returns>False when the customer was not paused; then nothing changed.</returns>
    public async Task<bool> ResumeAsync(Actor actor, CustomerId customer, CancellationToken cancellationToken)
    {
        var resumed = await database.WriteAsync(
            async write =>
            {
                var ended = await write.Connection.ExecuteAsync(
                    "DELETE FROM customer_pauses WHERE customer_id = @customer AND until_at > @now",
                    new { customer = customer.ToString(), now = time.GetUtcNow().UtcTicks },
                    write.Transaction);
                if (ended == 0) return false;
                await audit.AppendAsync(write, new AuditEntry("customer.resumed", actor, ObjectId: customer.ToString()));
                return true;
            },
            cancellationToken);
        if (resumed) Changed?.Invoke();
        return resumed;
    }

    /// <summary>What is wrong with a wish, or null.</summary>
    public static (string Field, string Fault)? FaultOf(string reason, DateTimeOffset until, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason || reason.Any(char.IsControl))
            return ("reason", $"A pause needs a reason of 1 to {MaxReason} characters, without control characters.");
        if (until <= now || until - now > Longest) return ("until", $"A pause ends after now and within {Longest.TotalDays:0} days.");
        return null;
    }

    private sealed record Row(string CustomerId, string Reason, string PausedBy, long PausedAt, long UntilAt)
    {
        public CustomerPause ToPause() => new(
            new CustomerId(Guid.Parse(CustomerId)), Reason, PausedBy, new DateTimeOffset(PausedAt, TimeSpan.Zero), new DateTimeOffset(UntilAt, TimeSpan.Zero));
    }
}
