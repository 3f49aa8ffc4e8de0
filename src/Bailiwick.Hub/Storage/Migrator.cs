using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Dapper;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// Brings the database to the schema this program was built with. Migrations are the numbered text files of
/// <c>Storage/Migrations</c>, forward only, each in one transaction with its number recorded, so a start that was killed
/// anywhere goes on where it stopped. On PostgreSQL the type word <c>BLOB</c> is read as <c>BYTEA</c>; where more than that differs,
/// <c>NNNN_name.postgres.sql</c> replaces <c>NNNN_name.sql</c>.
/// </summary>
public static partial class Migrator
{
    private const string Folder = "Bailiwick.Hub.Storage.Migrations.";

    /// <summary>Applies what is missing.</summary>
    /// <returns>The number of migrations applied; 0 when the schema was current.</returns>
    /// <exception cref="NewerDataException">The database was written by a newer program.</exception>
    public static async Task<int> MigrateAsync(Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        var known = Read(typeof(Migrator).Assembly, database.Dialect);
        await database.WriteAsync(
            write => write.Connection.ExecuteAsync(
                "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)", transaction: write.Transaction),
            cancellationToken);
        var applied = 0;
        foreach (var migration in known)
        {
            applied += await database.WriteAsync(write => ApplyAsync(write, migration), cancellationToken);
        }

        await using var connection = await database.OpenAsync(cancellationToken);
        var newest = await connection.ExecuteScalarAsync<long>("SELECT MAX(number) FROM schema_migrations");
        return newest > known[^1].Number ? throw new NewerDataException(newest, known[^1].Number) : applied;
    }

    private static async Task<int> ApplyAsync(WriteTransaction write, Migration migration)
    {
        var done = await write.Connection.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM schema_migrations WHERE number = @Number", new { migration.Number }, write.Transaction);
        if (done > 0) return 0;
        await write.Connection.ExecuteAsync(migration.Sql, transaction: write.Transaction);
        await write.Connection.ExecuteAsync(
            "INSERT INTO schema_migrations (number, name) VALUES (@Number, @Name)", new { migration.Number, migration.Name }, write.Transaction);
        return 1;
    }

    private static List<Migration> Read(Assembly assembly, SqlDialect dialect)
    {
        var byNumber = new SortedDictionary<int, Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var file = resource[Folder.Length..];
            var forPostgres = file.EndsWith(".postgres.sql", StringComparison.Ordinal);
            if (forPostgres && dialect != SqlDialect.Postgres) continue;
            var number = int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture);
            if (!forPostgres && byNumber.ContainsKey(number)) continue; // the PostgreSQL text sorts first and wins
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var sql = reader.ReadToEnd();
            byNumber[number] = new Migration(number, file, dialect == SqlDialect.Postgres && !forPostgres ? Blob().Replace(sql, "BYTEA") : sql);
        }

        return [.. byNumber.Values];
    }

    [GeneratedRegex(@"\bBLOB\b", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blob();

    private sealed record Migration(int Number, string Name, string Sql);
}

/// <summary>The database carries a schema that this program does not know; it is left untouched.</summary>
public sealed class NewerDataException(long found, long known)
    : Exception($"The database has schema {found}, this program knows up to {known}. Start the newer program, or restore a backup made with this one.");
