using System.Collections.Concurrent;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Tokens;

/// <summary>Which of Microsoft's planes a token is for.</summary>
public enum TokenAudience
{
    /// <summary>Microsoft Graph.</summary>
    Graph,

    /// <summary>Defender for Endpoint's API.</summary>
    Defender,

    /// <summary>The legacy alert exporter.</summary>
    Exporter,
}

/// <summary>What the sign-in service answered.</summary>
public abstract record TokenResult
{
    private TokenResult()
    {
    }

    /// <summary>A token that may be used until it expires.</summary>
    /// <param name="AccessToken">The bearer token; opaque, never logged.</param>
    /// <param name="ExpiresAt">UTC.</param>
    public sealed record Acquired(string AccessToken, DateTimeOffset ExpiresAt) : TokenResult
    {
        /// <summary>Never shows the token.</summary>
        public override string ToString() => $"Acquired until {ExpiresAt:O}";
    }

    /// <summary>Temporary: try again, not before <paramref name="After"/> if given.</summary>
    public sealed record TryLater(string Detail, TimeSpan? After = null) : TokenResult;

    /// <summary>Nothing will change without a person.</summary>
    /// <param name="Error">The OAuth <c>error</c> value, the only thing decided on.</param>
    /// <param name="Detail">One sentence for people: what is wrong and who can mend it. May name an AADSTS code.</param>
    public sealed record Refused(string Error, string Detail) : TokenResult;
}

/// <summary>
/// Gets access tokens per tenant through the tenant's connection. One request at a time per credential; cached until shortly before expiry. A
/// connection that is refused answers from memory for a minute, after the second time for 15 minutes. Thread safe.
/// </summary>
public sealed class TokenProvider
{
    /// <summary>A cached token is not handed out closer to its end than this.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longPause = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(TenantId Tenant, ConnectionPurpose Purpose), Slot> _slots = new();
    private readonly Database _database;
    private readonly ConnectionStore _connections;
    private readonly ApplicationStore _applications;
    private readonly CredentialVault _vault;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly MsalApplications _msal;

    internal TokenProvider(
        Database database, ConnectionStore connections, ApplicationStore applications, CredentialVault vault, AuditLog audit, TimeProvider time, MsalApplications msal)
    {
        _database = database;
        _connections = connections;
        _applications = applications;
        _vault = vault;
        _audit = audit;
        _time = time;
        _msal = msal;
    }

    /// <summary>A token of one of the tenant's connections for one plane.</summary>
    /// <param name="tenant">The customer tenant; its stored GUID becomes the authority.</param>
    /// <param name="purpose">Which connection.</param>
    /// <param name="audience">The plane.</param>
    /// <param name="renew">True after a 401: do not answer from the cache.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="VaultSealedException">The vault is sealed.</exception>
    /// <exception cref="SealBrokenException">The tenant's, application's or connection's row was changed outside the hub.</exception>
    public async Task<TokenResult> GetAsync(TenantId tenant, ConnectionPurpose purpose, TokenAudience audience, bool renew, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd((tenant, purpose), _ => new Slot());
        if (!renew && slot.Find(audience, _time.GetUtcNow()) is { } cached) return cached;
        var before = slot.NumberOf(audience);
        await slot.Turn.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited behind a renewal takes its result: one request at a time, and one for all who asked together.
            var now = _time.GetUtcNow();
            if (slot.Find(audience, now) is { } fresh && (!renew || slot.NumberOf(audience) != before)) return fresh;
            if (slot.FindRefusal(audience, now) is { } refused) return refused;
            var result = await AcquireAsync(tenant, purpose, audience, cancellationToken);
            slot.Keep(audience, result, _time.GetUtcNow());
            return result;
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    /// <summary>Drops what is remembered for a tenant, as after connecting it anew.</summary>
    public void Forget(TenantId tenant)
    {
        _slots.TryRemove((tenant, ConnectionPurpose.Collect), out _);
        _slots.TryRemove((tenant, ConnectionPurpose.Compare), out _);
    }

    private async Task<TokenResult> AcquireAsync(TenantId tenant, ConnectionPurpose purpose, TokenAudience audience, CancellationToken cancellationToken)
    {
        if (await _connections.GetAsync(tenant, purpose, cancellationToken) is not { } connection
            || await _msal.FindSignInAsync(tenant, cancellationToken) is not { } signIn
            || await _applications.GetAsync(connection.Application, cancellationToken) is not { } application)
        {
            return new TokenResult.Refused("not_connected", "The tenant is not connected: an engineer connects it.");
        }

        TokenResult result;
        try
        {
            using var msal = await _msal.CreateAsync(signIn, application, null, cancellationToken);
            var scope = signIn.ScopeFor(audience);
            var answer = connection.Flow == ConnectionFlow.AppOnly
                ? await msal.Client.AcquireTokenForClient([scope]).WithForceRefresh(true).ExecuteAsync(cancellationToken)
                : await AcquireForPersonAsync(msal.Client, connection, scope, cancellationToken);
            result = new TokenResult.Acquired(answer.AccessToken, _time.GetUtcNow() + (answer.ExpiresOn - TimeProvider.System.GetUtcNow()));
        }
        catch (Exception e) when (TokenErrors.Handles(e, cancellationToken))
        {
            result = TokenErrors.Map(e, connection.Flow, _time.GetUtcNow());
        }

        TokenMetrics.Asked(audience, result);
        await RecordAsync(connection, audience, result, cancellationToken);
        return result;
    }

    private async Task<AuthenticationResult> AcquireForPersonAsync(
        IConfidentialClientApplication client, TenantConnection connection, string scope, CancellationToken cancellationToken)
    {
        var owner = VaultOwner.Of(connection.Tenant);
        var purpose = ConnectionStore.VaultPurposeOf(connection.Purpose);
        var id = connection.Credential ?? throw new CredentialMissingException(default);
        await _database.WriteAsync(
            write => _audit.AppendAsync(write, new AuditEntry("credential.opened", Actor.Job("tokens"), connection.Tenant, id.ToString(), $"connection={connection.Id}")), cancellationToken);
        var versions = await _vault.OpenAllAsync(id, owner, purpose, cancellationToken);
        try
        {
            for (var i = 0; ; i++)
            {
                var credential = PersonCredential.Read(versions[i]);
                var newestFailed = i > 0;
                PersonCredential.Attach(client, credential.Cache, cache => StoreAsync(id, owner, purpose, credential with { Cache = cache }, newestFailed));
                try
                {
                    var account = await client.GetAccountAsync(credential.Account);
                    return await client.AcquireTokenSilent([scope], account).WithForceRefresh(true).ExecuteAsync(cancellationToken);
                }
                catch (MsalUiRequiredException) when (i + 1 < versions.Count)
                {
                    // The newest version never worked: the one before it is still good where the server keeps old refresh tokens alive.
                }
            }
        }
        finally
        {
            foreach (var version in versions) version.Dispose();
        }
    }

    /// <summary>The version just redeemed has worked, so every other one goes; the new one is added and not believed until it has worked too.</summary>
    private async Task StoreAsync(CredentialId id, VaultOwner owner, string purpose, PersonCredential credential, bool newestFailed)
    {
        using var secret = credential.ToSecret();
        await _database.WriteAsync(
            async write =>
            {
                if (newestFailed) await _vault.RevertAsync(write, id);
                else await _vault.ConfirmAsync(write, id);
                await _vault.ReplaceAsync(write, id, owner, purpose, secret);
            },
            CancellationToken.None);
    }

    private Task RecordAsync(TenantConnection connection, TokenAudience audience, TokenResult result, CancellationToken cancellationToken)
    {
        if (result is TokenResult.TryLater) return Task.CompletedTask;
        return _database.WriteAsync(
            async write =>
            {
                var refused = result as TokenResult.Refused;
                var state = refused is null ? ConnectionState.Connected : TokenErrors.StateOf(refused, connection.Flow);
                await _connections.NoteAsync(write, connection.Id, state, refused?.Error, refused?.Detail);
                await _audit.AppendAsync(
                    write,
                    new AuditEntry(
                        refused is null ? "token.acquired" : "token.refused",
                        Actor.Job("tokens"),
                        connection.Tenant,
                        connection.Id.ToString("D"),
                        refused is null ? $"audience={audience}" : $"audience={audience} error={refused.Error}"));
            },
            cancellationToken);
    }

    private sealed class Slot
    {
        private readonly ConcurrentDictionary<TokenAudience, (TokenResult.Acquired Token, long Number)> _tokens = new();
        private readonly ConcurrentDictionary<TokenAudience, (TokenResult.Refused Refusal, DateTimeOffset Until, int Times)> _refusals = new();
        private long _number;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public TokenResult.Acquired? Find(TokenAudience audience, DateTimeOffset now) =>
            _tokens.TryGetValue(audience, out var kept) && now < kept.Token.ExpiresAt - Margin ? kept.Token : null;

        /// <summary>Changes with every token acquired for the plane.</summary>
        public long NumberOf(TokenAudience audience) => _tokens.TryGetValue(audience, out var kept) ? kept.Number : 0;

        public TokenResult.Refused? FindRefusal(TokenAudience audience, DateTimeOffset now) =>
            _refusals.TryGetValue(audience, out var kept) && now < kept.Until ? kept.Refusal : null;

        public void Keep(TokenAudience audience, TokenResult result, DateTimeOffset now)
        {
            switch (result)
            {
                case TokenResult.Acquired acquired:
                    _tokens[audience] = (acquired, ++_number);
                    _refusals.TryRemove(audience, out _);
                    break;
                case TokenResult.Refused refused:
                    _tokens.TryRemove(audience, out _);
                    var times = _refusals.TryGetValue(audience, out var before) ? before.Times + 1 : 1;
                    _refusals[audience] = (refused, now + (times == 1 ? s_firstPause : s_longPause), times);
                    break;
                default:
                    break;
            }
        }
    }
}
