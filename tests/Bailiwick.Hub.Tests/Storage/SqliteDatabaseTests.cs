using System.Data.Common;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Storage;

public sealed class SqliteDatabaseTests
{
    [Fact]
    public async Task A_connection_for_reading_cannot_write_however_often_it_was_used()
    {
        await using var temp = await TempDatabase.CreateAsync();
        for (var i = 0; i < 3; i++)
        {
            await using var connection = await temp.Database.OpenAsync(CancellationToken.None);
            (await connection.ExecuteScalarAsync<long>("PRAGMA query_only")).ShouldBe(1);
            (await connection.ExecuteScalarAsync<long>("PRAGMA busy_timeout")).ShouldBe(30_000);
            (await Should.ThrowAsync<DbException>(() => connection.ExecuteAsync("UPDATE audit_head SET sequence = 9"))).Message.ShouldContain("readonly");
        }
    }

    [Fact]
    public async Task The_writer_keeps_what_durability_and_deletion_need()
    {
        await using var temp = await TempDatabase.CreateAsync();
        await temp.Database.WriteAsync(
            async write =>
            {
                foreach (var (name, value) in new[] { ("journal_mode", "wal"), ("synchronous", "2"), ("secure_delete", "1"), ("foreign_keys", "1"), ("query_only", "0"), ("page_size", "16384") })
                {
                    (await write.Connection.ExecuteScalarAsync<string>($"PRAGMA {name}", transaction: write.Transaction)).ShouldBe(value, name);
                }
            },
            CancellationToken.None);
    }

    [Fact]
    public async Task Several_readers_at_once_are_all_set()
    {
        await using var temp = await TempDatabase.CreateAsync();
        var open = new List<DbConnection>();
        for (var i = 0; i < 5; i++) open.Add(await temp.Database.OpenAsync(CancellationToken.None));
        foreach (var connection in open) (await connection.ExecuteScalarAsync<long>("PRAGMA query_only")).ShouldBe(1);
        foreach (var connection in open) await connection.DisposeAsync();
    }
}
