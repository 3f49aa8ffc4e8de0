using Bailiwick.Api;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Tokens;

public sealed class TokenProviderTests : IAsyncLifetime
{
    private TokenWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await TokenWorld.CreateAsync();
        (await _world.Connect.ConnectAsync(TokenWorld.Someone, _world.Tenant, _world.Application.Id, SourceChoice.Of("GraphAlerts"), CancellationToken.None)).ShouldBeOfType<ConnectResult.Connected>();
        _world.Requests.Clear();
    }

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Many_who_ask_at_once_cause_one_request()
    {
        var gate = new TaskCompletionSource();
        _world.OnToken = async _ =>
        {
            await gate.Task;
            return (200, _world.AppToken("one"));
        };

        var asks = Enumerable.Range(0, 20).Select(_ => GetAsync()).ToList();
        gate.SetResult();
        var answers = await Task.WhenAll(asks);

        answers.ShouldAllBe(answer => ((TokenResult.Acquired)answer).AccessToken == "one");
        _world.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_request_names_the_resource_and_carries_the_secret_of_the_vault()
    {
        await _world.Tokens.GetAsync(_world.Tenant, ConnectionPurpose.Collect, TokenAudience.Defender, false, CancellationToken.None);

        _world.Requests.TryPeek(out var form).ShouldBeTrue();
        form!["scope"].ShouldBe("https://api.securitycenter.microsoft.com/.default");
        form["grant_type"].ShouldBe("client_credentials");
        form["client_secret"].ShouldBe("app-secret");
    }

    [Fact]
    public async Task A_token_is_reused_until_shortly_before_its_end_and_after_a_401_renewed()
    {
        var number = 0;
        _world.OnToken = _ => Task.FromResult((200, _world.AppToken($"t{++number}")));

        TokenOf(await GetAsync()).ShouldBe("t1");
        _world.Time.Advance(TimeSpan.FromMinutes(50));
        TokenOf(await GetAsync()).ShouldBe("t1");
        _world.Time.Advance(TimeSpan.FromMinutes(6));
        TokenOf(await GetAsync()).ShouldBe("t2");
        TokenOf(await _world.Tokens.GetAsync(_world.Tenant, ConnectionPurpose.Collect, TokenAudience.Graph, renew: true, CancellationToken.None)).ShouldBe("t3");
    }

    [Theory]
    [InlineData(401, "invalid_client", "AADSTS7000215: wrong", "provider replaces")]
    [InlineData(400, "unauthorized_client", "AADSTS700016: not here", "admin consent")]
    [InlineData(400, "invalid_grant", "AADSTS53003: blocked", "Conditional Access")]
    [InlineData(400, "something_new", "words", "refused for good")]
    public async Task A_refusal_is_decided_by_its_error_and_explained(int status, string error, string description, string explanation)
    {
        _world.OnToken = _ => Task.FromResult((status, TokenWorld.Error(error, description)));

        var refused = (await GetAsync()).ShouldBeOfType<TokenResult.Refused>();

        refused.Error.ShouldBe(error);
        refused.Detail.ShouldContain(explanation);
        if (description.StartsWith("AADSTS", StringComparison.Ordinal)) refused.Detail.ShouldContain(description.Split(':')[0]);
        var connection = await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None);
        connection!.State.ShouldBe(ConnectionState.Refused);
        connection.LastError.ShouldBe(error);
        (await _world.EventsAsync()).Last().ShouldBe("token.refused");
    }

    [Fact]
    public async Task A_refused_credential_is_retried_slowly_and_recovers()
    {
        _world.OnToken = _ => Task.FromResult((401, TokenWorld.Error("invalid_client", "AADSTS7000222: expired")));
        await GetAsync();
        (await GetAsync()).ShouldBeOfType<TokenResult.Refused>();
        _world.Requests.Count.ShouldBe(1);
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        await GetAsync();
        _world.Requests.Count.ShouldBe(2);
        _world.Time.Advance(TimeSpan.FromMinutes(14));
        await GetAsync();
        _world.Requests.Count.ShouldBe(2);
        _world.Time.Advance(TimeSpan.FromMinutes(1));
        _world.OnToken = _ => Task.FromResult((200, _world.AppToken("again")));

        TokenOf(await GetAsync()).ShouldBe("again");
        (await _world.Connections.GetAsync(_world.Tenant, CancellationToken.None))!.State.ShouldBe(ConnectionState.Connected);
    }

    [Theory]
    [InlineData(500, "server_error")]
    [InlineData(503, "temporarily_unavailable")]
    [InlineData(400, "temporarily_unavailable")]
    [InlineData(429, "temporarily_unavailable")]
    public async Task What_is_temporary_is_tried_later(int status, string error)
    {
        _world.OnToken = _ => Task.FromResult((status, TokenWorld.Error(error, "AADSTS90033: later")));

        (await GetAsync()).ShouldBeOfType<TokenResult.TryLater>();

        _world.OnToken = _ => Task.FromResult((200, _world.AppToken("now")));
        TokenOf(await GetAsync()).ShouldBe("now");
    }

    [Fact]
    public async Task An_unknown_or_unconnected_tenant_is_refused_without_a_request()
    {
        (await _world.Tokens.GetAsync(new TenantId(Guid.NewGuid()), ConnectionPurpose.Collect, TokenAudience.Graph, false, CancellationToken.None))
            .ShouldBeOfType<TokenResult.Refused>().Error.ShouldBe("not_connected");
        _world.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Acquiring_and_decrypting_are_audited_and_reuse_is_not()
    {
        var before = (await _world.EventsAsync()).Count;
        await GetAsync();
        await GetAsync();

        (await _world.EventsAsync()).Skip(before).ShouldBe(["credential.opened", "token.acquired"]);
    }

    [Theory]
    [InlineData("UPDATE tenants SET cloud = 'public'")]
    [InlineData("UPDATE applications SET client_id = '99999999-9999-4999-8999-999999999999'")]
    [InlineData("UPDATE connections SET flow = 'AuthorizationCode'")]
    public async Task A_row_changed_outside_the_hub_is_not_used(string change)
    {
        await _world.Temp.Database.WriteAsync(write => write.Connection.ExecuteAsync(change, transaction: write.Transaction), CancellationToken.None);

        await Should.ThrowAsync<SealBrokenException>(GetAsync);
        _world.Requests.ShouldBeEmpty();
    }

    private static string TokenOf(TokenResult result) => result.ShouldBeOfType<TokenResult.Acquired>().AccessToken;

    private Task<TokenResult> GetAsync() => _world.Tokens.GetAsync(_world.Tenant, ConnectionPurpose.Collect, TokenAudience.Graph, false, CancellationToken.None);
}
