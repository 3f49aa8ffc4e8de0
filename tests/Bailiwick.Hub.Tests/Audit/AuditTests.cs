using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Audit;

public sealed class AuditTests : IAsyncLifetime
{
    private static readonly TenantId s_tenant = new(Guid.Parse("11111111-1111-4111-8111-111111111111"));

    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private AuditLog _audit = null!;

    private string Anchors => Path.Combine(_temp.Temp.Folder, AuditAnchorWriter.FileName);

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        _audit = new AuditLog(_temp.Keyring, _time);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task An_untouched_trail_is_intact()
    {
        await AppendAsync(5);

        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(5, 0));
    }

    [Fact]
    public async Task An_empty_trail_is_intact() => (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(0, 0));

    [Theory]
    [InlineData("at = at + 1")]
    [InlineData("event = 'sink.removed'")]
    [InlineData("actor_kind = 'job'")]
    [InlineData("actor_id = 'someone-else'")]
    [InlineData("tenant_id = NULL")]
    [InlineData("tenant_id = '22222222-2222-4222-8222-222222222222'")]
    [InlineData("object_id = 'other'")]
    [InlineData("detail = ''")]
    [InlineData("detail = NULL")]
    [InlineData("digest = 'abc'")]
    [InlineData("correlation_id = 'abc'")]
    [InlineData("previous_hash = zeroblob(32)")]
    [InlineData("hash = zeroblob(32)")]
    [InlineData("mac = zeroblob(32)")]
    public async Task Any_changed_column_is_found_at_its_position(string change)
    {
        await AppendAsync(5);

        await ExecuteAsync($"UPDATE audit_records SET {change} WHERE sequence = 3");

        (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>().Position.ShouldBe(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_removed_record_is_found(int sequence)
    {
        await AppendAsync(5);

        await ExecuteAsync($"DELETE FROM audit_records WHERE sequence = {sequence}");

        (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>().Position.ShouldBe(sequence);
    }

    [Fact]
    public async Task A_shortened_trail_is_found_by_its_head_or_by_an_anchor()
    {
        await AppendAsync(5);
        await AnchorAsync();
        await ExecuteAsync("DELETE FROM audit_records WHERE sequence > 3");
        (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>().Position.ShouldBe(4);

        await ExecuteAsync("UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit_records WHERE sequence = 3)");

        (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>().Fault.ShouldContain("counted 5");
    }

    [Fact]
    public async Task A_fork_after_a_restore_is_found_by_the_anchors_hash()
    {
        await AppendAsync(3);
        await ExecuteAsync("CREATE TABLE kept AS SELECT * FROM audit_records");
        await ExecuteAsync("CREATE TABLE kept_head AS SELECT * FROM audit_head");
        await AppendAsync(2);
        await AnchorAsync();
        await ExecuteAsync("DELETE FROM audit_records; INSERT INTO audit_records SELECT * FROM kept; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head");
        _time.Advance(TimeSpan.FromMinutes(1));
        await AppendAsync(4);

        var broken = (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>();

        broken.Position.ShouldBe(5);
        broken.Fault.ShouldContain("fork");
    }

    [Fact]
    public async Task A_forged_anchor_is_found()
    {
        await AppendAsync(3);
        await AnchorAsync();
        await File.WriteAllTextAsync(Anchors, (await File.ReadAllTextAsync(Anchors)).Replace("\"size\":3", "\"size\":2", StringComparison.Ordinal));

        (await VerifyAsync()).ShouldBeOfType<AuditVerdict.Broken>().Fault.ShouldContain("MAC of the anchor");
    }

    [Fact]
    public async Task Anchors_are_written_after_a_minute_after_a_thousand_records_and_at_stop()
    {
        using var writer = new AuditAnchorWriter(_temp.Database, _temp.Keyring, Anchors, _time);
        await AppendAsync(1);
        (await writer.RunOnceAsync(stopping: false, CancellationToken.None)).ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(60));
        (await writer.RunOnceAsync(stopping: false, CancellationToken.None)).ShouldBeTrue();
        (await writer.RunOnceAsync(stopping: true, CancellationToken.None)).ShouldBeFalse("nothing new");
        await AppendAsync(1000);
        (await writer.RunOnceAsync(stopping: false, CancellationToken.None)).ShouldBeTrue();
        await AppendAsync(1);
        (await writer.RunOnceAsync(stopping: true, CancellationToken.None)).ShouldBeTrue();

        (await AuditAnchorWriter.ReadAsync(Anchors, CancellationToken.None)).Select(anchor => anchor.Size).ShouldBe([1, 1001, 1002]);
        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(1002, 3));
    }

    [Fact]
    public async Task A_torn_last_anchor_is_cut_off_by_the_next_start()
    {
        await AppendAsync(1);
        await AnchorAsync();
        await File.AppendAllTextAsync(Anchors, "{\"origin\":\"to");
        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(1, 1));

        await AppendAsync(1);
        await AnchorAsync();

        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(2, 2));
    }

    [Fact]
    public async Task Parallel_appends_make_one_dense_chain()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AppendAsync(10))));

        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(80, 0));
    }

    [Fact]
    public async Task An_act_that_fails_leaves_no_record_and_no_gap()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => _temp.Database.WriteAsync(
            async write =>
            {
                await _audit.AppendAsync(write, new AuditEntry("sink.added", Actor.Job("test")));
                throw new InvalidOperationException();
            },
            CancellationToken.None));
        await AppendAsync(1);

        (await VerifyAsync()).ShouldBe(new AuditVerdict.Intact(1, 0));
    }

    [Fact]
    public async Task Text_is_neutralised_and_codes_are_checked()
    {
        await _temp.Database.WriteAsync(
            write => _audit.AppendAsync(write, new AuditEntry("sink.added", Actor.Job("test"), ObjectId: "a\r\nb\u001b[31m", Detail: new string('x', 5000))), CancellationToken.None);

        var record = (await AuditLog.ListAsync(_temp.Database, 0, 10, null, CancellationToken.None)).ShouldHaveSingleItem();
        record.ObjectId.ShouldBe("a\uFFFD\uFFFDb\uFFFD[31m");
        record.Detail!.Length.ShouldBe(1024);
        await Should.ThrowAsync<ArgumentException>(() => _temp.Database.WriteAsync(
            write => _audit.AppendAsync(write, new AuditEntry("Sink Added", Actor.Job("test"))), CancellationToken.None));
    }

    [Fact]
    public async Task A_page_of_one_tenant_shows_only_its_records()
    {
        await AppendAsync(2);
        await _temp.Database.WriteAsync(write => _audit.AppendAsync(write, new AuditEntry("key.created", Actor.Job("test"))), CancellationToken.None);

        (await AuditLog.ListAsync(_temp.Database, 0, 10, s_tenant, CancellationToken.None)).Select(record => record.Sequence).ShouldBe([1, 2]);
        (await AuditLog.ListAsync(_temp.Database, 1, 1, null, CancellationToken.None)).Select(record => record.Sequence).ShouldBe([2]);
    }

    private async Task AppendAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await _temp.Database.WriteAsync(
                write => _audit.AppendAsync(write, new AuditEntry("sink.added", new Actor("key", "k1"), s_tenant, "sink-1", "kind=file")), CancellationToken.None);
        }
    }

    private async Task AnchorAsync()
    {
        using var writer = new AuditAnchorWriter(_temp.Database, _temp.Keyring, Anchors, _time);
        (await writer.RunOnceAsync(stopping: true, CancellationToken.None)).ShouldBeTrue();
    }

    private Task<AuditVerdict> VerifyAsync() => AuditVerifier.VerifyAsync(_temp.Database, _temp.Keyring, Anchors, CancellationToken.None);

    private Task<int> ExecuteAsync(string sql) => _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(sql, transaction: write.Transaction), CancellationToken.None);
}
