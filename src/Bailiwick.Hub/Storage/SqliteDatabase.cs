using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// The embedded database: one file, write-ahead log, every commit on disk before it returns (<c>synchronous=FULL</c>),
/// deleted content overwritten (<c>secure_delete</c>). One writer connection with its prepared commands, many pooled readers that cannot write.
/// </summary>
public sealed class SqliteDatabase : Database
{
    private const string WriterPragmas =
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA busy_timeout=30000; " +
        "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-16384;"; // 16 MB; readers keep the engine's 2 MB

    private const string ReaderPragmas = "PRAGMA query_only=ON; PRAGMA busy_timeout=30000; PRAGMA temp_store=MEMORY;";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, DbCommand> _prepared = [];
    private readonly ConditionalWeakTable<object, object> _readersSet = []; // pooled connections keep what was set on them
    private readonly string _readers;
    private readonly string _writers;
    private SqliteConnection? _writer;

    /// <summary>Names the file; nothing is opened yet. The directory must exist.</summary>
    public SqliteDatabase(string path)
    {
        Path = path;
        var connection = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30, Pooling = true };
        _readers = connection.ToString();
        connection.Pooling = false;
        _writers = connection.ToString();
    }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override SqlDialect Dialect => SqlDialect.Sqlite;

    /// <inheritdoc/>
    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await OpenReaderAsync(cancellationToken);

    /// <inheritdoc/>
    public override async Task<T> WriteAsync<T>(Func<WriteTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _writer ??= await OpenWriterAsync(cancellationToken);
            await using var transaction = _writer.BeginTransaction(deferred: false);
            var result = await work(new WriteTransaction(_writer, transaction, Dialect, _prepared));
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        catch (SqliteException)
        {
            await CloseWriterAsync(); // a broken connection or a full disk: the next write starts from a clean one
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await CloseWriterAsync();
        await using (var connection = new SqliteConnection(_readers)) SqliteConnection.ClearPool(connection);
        _turn.Dispose();
    }

    private async Task<SqliteConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_readers);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (connection.Handle is { } handle && !_readersSet.TryGetValue(handle, out _))
            {
                await using var pragmas = connection.CreateCommand();
                pragmas.CommandText = ReaderPragmas;
                await pragmas.ExecuteNonQueryAsync(cancellationToken);
                _readersSet.AddOrUpdate(handle, ReaderPragmas);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<SqliteConnection> OpenWriterAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_writers);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var pragmas = connection.CreateCommand();
            pragmas.CommandText = WriterPragmas;
            await pragmas.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task CloseWriterAsync()
    {
        foreach (var command in _prepared.Values) await command.DisposeAsync();
        _prepared.Clear();
        if (_writer is not null) await _writer.DisposeAsync();
        _writer = null;
    }
}
