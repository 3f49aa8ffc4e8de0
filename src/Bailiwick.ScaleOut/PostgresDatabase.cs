using System.Data;
using System.Data.Common;
using Bailiwick.Hub.Storage;
using Npgsql;

namespace Bailiwick.ScaleOut;

/// <summary>
/// PostgreSQL by connection string, for several hubs over one record. Commits are synchronous; the server orders the writers,
/// and every write made under a lease is conditional on its epoch.
/// </summary>
public sealed class PostgresDatabase(string connectionString) : Database
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxAutoPrepare = 50,
        AutoPrepareMinUsages = 2,
    });

    /// <inheritdoc/>
    public override SqlDialect Dialect => SqlDialect.Postgres;

    /// <inheritdoc/>
    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    /// <inheritdoc/>
    public override async Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var prepared = new Dictionary<string, DbCommand>();
        try
        {
            var result = await work(new WriteTransaction(connection, transaction, Dialect, prepared));
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        finally
        {
            foreach (var command in prepared.Values) await command.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();
}
