using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Operators;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Operators;

public sealed class AccessTokensTests : IAsyncLifetime
{
    private static readonly CustomerId s_customer = new(Guid.NewGuid());
    private static readonly Actor s_actor = Actor.Job("tests");
    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private ApiKeyStore _keys = null!;
    private AccessTokens _tokens = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        _keys = new ApiKeyStore(_temp.Database, new AuditLog(_temp.Keyring, _time), _temp.Keyring, _temp.Seal, _time);
        _tokens = new AccessTokens(_keys, _temp.Keyring, _time);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_token_speaks_for_its_key_s_customers_and_only_reads_alerts()
    {
        var (_, token) = await IssueAsync(null, TimeSpan.FromDays(1));
        var principal = (await _tokens.AuthenticateAsync(token, CancellationToken.None))!;
        Authorization.ScopeOf(principal, HubAction.AlertsRead).Customers.ShouldBe([s_customer]);
        foreach (var action in Enum.GetValues<HubAction>().Where(action => action != HubAction.AlertsRead))
            Authorization.Decide(principal, action, s_customer).ShouldNotBe(Decision.Allowed, action.ToString());
    }

    [Fact]
    public async Task A_key_that_may_not_read_alerts_has_tokens_that_may_nothing()
    {
        var (_, token) = await IssueAsync([HubAction.FeedsRead], TimeSpan.FromDays(1));
        Authorization.ScopeOf((await _tokens.AuthenticateAsync(token, CancellationToken.None))!, HubAction.AlertsRead).Customers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_ends_after_an_hour()
    {
        var (_, token) = await IssueAsync(null, TimeSpan.FromDays(1));
        _time.Advance(AccessTokens.Life - TimeSpan.FromSeconds(1));
        (await _tokens.AuthenticateAsync(token, CancellationToken.None)).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _tokens.AuthenticateAsync(token, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_ends_with_its_key_whether_that_expires_or_is_revoked()
    {
        var (_, expiring) = await IssueAsync(null, TimeSpan.FromMinutes(10));
        var (key, revoked) = await IssueAsync(null, TimeSpan.FromDays(1));
        await _keys.RevokeAsync(s_actor, key, CancellationToken.None);
        (await _tokens.AuthenticateAsync(revoked, CancellationToken.None)).ShouldBeNull();
        _time.Advance(TimeSpan.FromMinutes(11));
        (await _tokens.AuthenticateAsync(expiring, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_of_which_any_character_was_changed_is_none()
    {
        var (_, token) = await IssueAsync(null, TimeSpan.FromDays(1));
        for (var i = 0; i < token.Length - 1; i++)
        {
            var changed = string.Concat(token.AsSpan(0, i), token[i] == 'A' ? "B" : "A", token.AsSpan(i + 1));
            (await _tokens.AuthenticateAsync(changed, CancellationToken.None)).ShouldBeNull();
        }

        (await _tokens.AuthenticateAsync(token + "A", CancellationToken.None)).ShouldBeNull();
        (await _tokens.AuthenticateAsync("bwt_", CancellationToken.None)).ShouldBeNull();
    }

    private async Task<(Guid Key, string Token)> IssueAsync(IReadOnlyList<HubAction>? actions, TimeSpan life)
    {
        var (key, text) = await _keys.CreateAsync(s_actor, new NewApiKey("connector", Role.Analyst, [s_customer], actions, _time.GetUtcNow() + life), CancellationToken.None);
        using (text) return (key.Id, _tokens.Issue((await _keys.AuthenticateAsync(text.RevealText(), CancellationToken.None))!).Text);
    }
}
