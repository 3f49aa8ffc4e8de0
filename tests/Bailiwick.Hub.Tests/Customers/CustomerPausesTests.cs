using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Testing;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Customers;

public sealed class CustomerPausesTests : IAsyncLifetime
{
    private static readonly Actor s_actor = new("key", "tests");

    private readonly ManualTime _time = new();
    private readonly CustomerId _customer = new(Guid.NewGuid());
    private TempVault _temp = null!;
    private CustomerPauses _pauses = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        _pauses = new CustomerPauses(_temp.Database, new AuditLog(_temp.Keyring, _time), _time);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_pause_ends_by_itself_at_its_time()
    {
        var pause = await PauseAsync(hours: 2);
        (await _pauses.ListAsync(CancellationToken.None))[_customer].ShouldBe(pause);
        _time.Advance(TimeSpan.FromHours(2));
        (await _pauses.ListAsync(CancellationToken.None)).ShouldBeEmpty();
        (await _pauses.FindAsync(_customer, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_longer_pause_keeps_its_beginning_and_a_later_one_begins_anew()
    {
        var first = await PauseAsync(hours: 1);
        _time.Advance(TimeSpan.FromMinutes(30));
        (await PauseAsync(hours: 3)).At.ShouldBe(first.At);
        _time.Advance(TimeSpan.FromHours(4));
        (await PauseAsync(hours: 1)).At.ShouldBe(_time.GetUtcNow());
    }

    [Fact]
    public async Task Each_act_leaves_one_audit_record_and_one_without_effect_leaves_none()
    {
        await PauseAsync(hours: 2);
        (await _pauses.ResumeAsync(s_actor, _customer, CancellationToken.None)).ShouldBeTrue();
        (await _pauses.ResumeAsync(s_actor, _customer, CancellationToken.None)).ShouldBeFalse();
        await using var connection = await _temp.Database.OpenAsync(CancellationToken.None);
        (await connection.QueryAsync<(string Event, string ObjectId)>("SELECT event, object_id FROM audit_records WHERE event LIKE 'customer.%' ORDER BY sequence"))
            .ShouldBe([("customer.paused", _customer.ToString()), ("customer.resumed", _customer.ToString())]);
    }

    [Fact]
    public async Task Without_a_record_nothing_is_paused()
    {
        await _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync("DROP TABLE audit_records", transaction: write.Transaction), CancellationToken.None);
        await Should.ThrowAsync<Exception>(() => PauseAsync(hours: 2));
        (await _pauses.ListAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", 2, "reason")]
    [InlineData("two\nlines", 2, "reason")]
    [InlineData("fine", 0, "until")]
    [InlineData("fine", 24 * 367, "until")]
    public void A_wish_that_cannot_be_met_names_its_field(string reason, int hours, string field) =>
        CustomerPauses.FaultOf(reason, _time.GetUtcNow().AddHours(hours), _time.GetUtcNow())!.Value.Field.ShouldBe(field);

    private Task<CustomerPause> PauseAsync(int hours) => _pauses.PauseAsync(s_actor, _customer, "Migration", _time.GetUtcNow().AddHours(hours), CancellationToken.None);
}
