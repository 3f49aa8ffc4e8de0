using System.Collections.Concurrent;
using Bailiwick.Api;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Audit;

/// <summary>
/// Leaves a record of every row that was found changed outside the hub: <c>tenant.seal-broken</c>, <c>application.seal-broken</c>,
/// <c>connection.seal-broken</c>, <c>key.seal-broken</c>, <c>feed.seal-broken</c>, <c>sink.seal-broken</c>. One an hour for a row, however often it is looked at. Thread safe.
/// </summary>
internal sealed class BrokenSeals(AuditLog audit, TimeProvider time)
{
    private static readonly TimeSpan s_again = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Word, string RowId), DateTimeOffset> _noted = new();

    /// <summary>Records the row, unless that was done within the hour. Not inside a write of the same database.</summary>
    /// <param name="database">Where the trail stands.</param>
    /// <param name="word">What the row is: <c>tenant</c>, <c>application</c>, <c>connection</c>, <c>key</c>, <c>feed</c> or <c>sink</c>.</param>
    /// <param name="rowId">The row's id.</param>
    /// <param name="tenant">Whose it says it is, or null.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task NoteAsync(Database database, string word, string rowId, TenantId? tenant, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_noted.TryGetValue((word, rowId), out var last) && now - last < s_again) return;
        await database.WriteAsync(
            write => audit.AppendAsync(write, new AuditEntry($"{word}.seal-broken", Actor.Job("row-seals"), tenant, rowId)), cancellationToken);
        _noted[(word, rowId)] = now;
    }

    /// <summary>Records the row and gives the refusal to throw.</summary>
    /// <inheritdoc cref="NoteAsync" path="/param"/>
    public async Task<SealBrokenException> RefuseAsync(Database database, string word, string rowId, TenantId? tenant, CancellationToken cancellationToken)
    {
        await NoteAsync(database, word, rowId, tenant, cancellationToken);
        return new SealBrokenException($"{word}s", rowId);
    }
}
