namespace Bailiwick.Hub.Storage;

/// <summary>The two engines that the statements of this product are written for.</summary>
public enum SqlDialect
{
    /// <summary>SQLite, embedded; one writer at a time.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or newer.</summary>
    Postgres,
}
