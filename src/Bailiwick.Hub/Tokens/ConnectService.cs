using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Tokens;

/// <summary>What became of connecting a tenant.</summary>
public abstract record ConnectResult
{
    private ConnectResult()
    {
    }

    /// <summary>The tenant was proven and the connection stored.</summary>
    public sealed record Connected(TenantConnection Connection) : ConnectResult;

    /// <summary>Temporary; nothing was stored.</summary>
    public sealed record TryLater(string Detail, TimeSpan? After = null) : ConnectResult;

    /// <summary>Nothing was stored.</summary>
    /// <param name="Error">The OAuth <c>error</c>, or one of ours: <c>unknown_tenant</c>, <c>unknown_application</c>, <c>not_connected</c>, <c>same_kind</c>, <c>invalid_state</c>, <c>tenant_mismatch</c>, <c>invalid_id_token</c>.</param>
    /// <param name="Detail">One sentence: what is wrong and who can mend it.</param>
    public sealed record Refused(string Error, string Detail) : ConnectResult;
}

/// <summary>A link for the person who signs in: single use, 15 min, useless in a second browser.</summary>
/// <param name="Ticket">256 random bits; the server makes the link from it.</param>
/// <param name="ExpiresAt">UTC.</param>
/// <param name="Permissions">The exact scopes that will be asked for.</param>
public sealed record ConnectTicket(string Ticket, DateTimeOffset ExpiresAt, IReadOnlyList<string> Permissions)
{
    /// <summary>Never shows the ticket.</summary>
    public override string ToString() => $"ConnectTicket until {ExpiresAt:O}";
}

/// <summary>What a person is shown before signing in.</summary>
/// <param name="Tenant">The tenant to sign in to.</param>
/// <param name="CustomerName">Whose it is.</param>
/// <param name="ApplicationName">The application's name in this hub.</param>
/// <param name="ClientId">Its client id at Entra.</param>
/// <param name="Login">The sign-in service's origin.</param>
/// <param name="Permissions">The exact scopes that will be asked for.</param>
/// <param name="ExpiresAt">UTC, when the link ends.</param>
public sealed record ConnectDescription(
    TenantId Tenant, string CustomerName, string ApplicationName, Guid ClientId, Uri Login, IReadOnlyList<string> Permissions, DateTimeOffset ExpiresAt);

/// <summary>Connects tenants, by admin consent (app-only) or by a person's sign-in. Nothing is stored before the tenant was proven. Thread safe.</summary>
public sealed class ConnectService
{
    private readonly Database _database;
    private readonly ConnectionStore _connections;
    private readonly ApplicationStore _applications;
    private readonly TokenProvider _tokens;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly MsalApplications _msal;
    private readonly TenantProof _proof;
    private readonly PendingSignIns _pending;

    internal ConnectService(
        Database database,
        ConnectionStore connections,
        ApplicationStore applications,
        TokenProvider tokens,
        AuditLog audit,
        TimeProvider time,
        MsalApplications msal,
        TenantProof proof)
    {
        _database = database;
        _connections = connections;
        _applications = applications;
        _tokens = tokens;
        _audit = audit;
        _time = time;
        _msal = msal;
        _proof = proof;
        _pending = new PendingSignIns(time);
    }

    /// <summary>App-only: gets a token at the tenant's own authority, proves the tenant, stores the connection. An older connection is replaced.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="tenant">Known to the hub.</param>
    /// <param name="application">Consented in the tenant.</param>
    /// <param name="sources">What is collected and compared; a token of each plane must be had.</param>
    /// <param name="cancellationToken">Stops; nothing is stored then.</param>
    public Task<ConnectResult> ConnectAsync(Actor actor, TenantId tenant, ApplicationId application, SourceChoice sources, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return ConnectAsync(actor, tenant, application, sources, ConnectionPurpose.Collect, cancellationToken);
    }

    /// <summary>As <see cref="ConnectAsync(Actor, TenantId, ApplicationId, SourceChoice, CancellationToken)"/>, for a tenant that is collected with a person's sign-in: what the application sees of the tenant's source is compared.</summary>
    public async Task<ConnectResult> ConnectComparingAsync(Actor actor, TenantId tenant, ApplicationId application, CancellationToken cancellationToken)
    {
        var (sources, refused) = await ChooseComparedAsync(tenant, ConnectionFlow.AppOnly, cancellationToken);
        return refused ?? await ConnectAsync(actor, tenant, application, sources!, ConnectionPurpose.Compare, cancellationToken);
    }

    private async Task<ConnectResult> ConnectAsync(
        Actor actor, TenantId tenant, ApplicationId application, SourceChoice sources, ConnectionPurpose purpose, CancellationToken cancellationToken)
    {
        if (await _msal.FindSignInAsync(tenant, cancellationToken) is not { } signIn) return UnknownTenant();
        if (await _applications.GetAsync(application, cancellationToken) is not { } app) return UnknownApplication();
        if (AddressFault(signIn, sources) is { } fault) return new ConnectResult.Refused("no_address", fault);
        var answers = new List<AuthenticationResult>();
        try
        {
            using var msal = await _msal.CreateAsync(signIn, app, null, cancellationToken);
            foreach (var audience in sources.Audiences)
            {
                answers.Add(await msal.Client.AcquireTokenForClient([signIn.ScopeFor(audience)]).WithForceRefresh(true).ExecuteAsync(cancellationToken));
            }
        }
        catch (Exception e) when (TokenErrors.Handles(e, cancellationToken))
        {
            return await RefuseAsync(actor, tenant, TokenErrors.Map(e, ConnectionFlow.AppOnly, _time.GetUtcNow()), cancellationToken);
        }

        return await ProveAndStoreAsync(actor, signIn, app, ConnectionFlow.AppOnly, sources, purpose, answers[0].AccessToken, null, cancellationToken);
    }

    /// <summary>Authorization code, first step: a link for the person who signs in.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="tenant">Known to the hub.</param>
    /// <param name="application">Which application.</param>
    /// <param name="sources">What is collected and compared; for comparing, those of <see cref="ChooseComparedAsync"/>.</param>
    /// <param name="purpose">What the connection is for.</param>
    /// <param name="redirectUri">Exactly as registered; https, or http on loopback.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The link's ticket, or null when tenant or application is unknown.</returns>
    /// <exception cref="ArgumentException">A source has no address in the tenant's region; see <see cref="FindFaultAsync"/>.</exception>
    public async Task<ConnectTicket?> BeginAsync(
        Actor actor, TenantId tenant, ApplicationId application, SourceChoice sources, ConnectionPurpose purpose, Uri redirectUri, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(redirectUri);
        ArgumentNullException.ThrowIfNull(sources);
        if (!redirectUri.IsAbsoluteUri || (redirectUri.Scheme != Uri.UriSchemeHttps && !redirectUri.IsLoopback) || redirectUri.Fragment.Length > 0)
            throw new ArgumentException($"The redirect address '{redirectUri}' must be https, or on loopback, without a fragment.");
        if (await _msal.FindSignInAsync(tenant, cancellationToken) is not { } signIn || await _applications.GetAsync(application, cancellationToken) is null) return null;
        if (AddressFault(signIn, sources) is { } fault) throw new ArgumentException(fault);
        var (ticket, expiresAt) = _pending.AddLink(new ConnectWish(actor, tenant, application, sources, redirectUri.ToString(), purpose));
        await _database.WriteAsync(write => _audit.AppendAsync(write, new AuditEntry("connection.link-made", actor, tenant, application.ToString())), cancellationToken);
        return new ConnectTicket(ticket, expiresAt, PermissionsOf(signIn, sources));
    }

    /// <summary>What a connection of the other kind would compare of a tenant, or why there can be none.</summary>
    /// <param name="tenant">Known to the hub.</param>
    /// <param name="flow">How the comparing connection gets its tokens.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(SourceChoice? Sources, ConnectResult.Refused? Refused)> ChooseComparedAsync(TenantId tenant, ConnectionFlow flow, CancellationToken cancellationToken)
    {
        if (await _connections.GetAsync(tenant, cancellationToken) is not { } collecting)
            return (null, new ConnectResult.Refused("not_connected", "The tenant is not connected yet: connect it for collecting first, then for comparing."));
        if (collecting.Flow == flow)
        {
            var (has, wants) = flow == ConnectionFlow.AppOnly ? ("app-only", "a person's sign-in") : ("with a person's sign-in", "app-only");
            return (null, new ConnectResult.Refused("same_kind", $"The tenant is collected {has} already and would be compared with itself: compare with {wants}."));
        }

        return (SourceChoice.Of(collecting.Source), null);
    }

    /// <summary>Why a tenant cannot be connected with these sources, before anybody signs in: one sentence, or null.</summary>
    public async Task<string?> FindFaultAsync(TenantId tenant, SourceChoice sources, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return await _msal.FindSignInAsync(tenant, cancellationToken) is { } signIn ? AddressFault(signIn, sources) : null;
    }

    /// <summary>When the person opens the link: what to show. Binds the link to this browser; does not use it up.</summary>
    /// <param name="ticket">From the link.</param>
    /// <param name="session">The value of the browser's own session cookie.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Null when the link is unknown, used, expired, or was opened in another browser first.</returns>
    public async Task<ConnectDescription?> DescribeAsync(string ticket, string session, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(session);
        if (_pending.FindLink(ticket, session) is not var (wish, expiresAt)
            || await _msal.FindSignInAsync(wish.Tenant, cancellationToken) is not { } signIn
            || await _applications.GetAsync(wish.Application, cancellationToken) is not { } app) return null;
        return new ConnectDescription(
            wish.Tenant, signIn.Record.CustomerName, app.Name, app.ClientId, new Uri(signIn.Cloud.Login.GetLeftPart(UriPartial.Authority)), PermissionsOf(signIn, wish.Sources), expiresAt);
    }

    /// <summary>Second step, when the person goes on: where to send the browser. Uses the link up.</summary>
    /// <param name="ticket">From the link.</param>
    /// <param name="session">The value of the browser's own session cookie; the sign-in is bound to it.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The authorize address, or null when the link is unknown, used or expired.</returns>
    public async Task<Uri?> OpenAsync(string ticket, string session, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(session);
        if (_pending.TakeLink(ticket, session) is not { } wish
            || await _msal.FindSignInAsync(wish.Tenant, cancellationToken) is not { } signIn
            || await _applications.GetAsync(wish.Application, cancellationToken) is not { } app) return null;
        var (state, pending) = _pending.AddSignIn(wish, session);
        return new Uri($"{signIn.Authority}/oauth2/v2.0/authorize?{Query(
            ("client_id", app.ClientId.ToString("D")),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("redirect_uri", wish.RedirectUri),
            ("scope", string.Join(' ', ScopesOf(signIn, wish.Sources))),
            ("prompt", "select_account"),
            ("state", state),
            ("nonce", pending.Nonce),
            ("code_challenge", PendingSignIns.ChallengeOf(pending.Verifier)),
            ("code_challenge_method", "S256"))}");
    }

    /// <summary>Last step, when the browser comes back: redeems the code, checks the id token, proves the tenant, stores the connection.</summary>
    /// <param name="state">As sent; used up whatever happens.</param>
    /// <param name="code">As sent by the sign-in service.</param>
    /// <param name="session">The value of the browser's session cookie.</param>
    /// <param name="issuer">The <c>iss</c> parameter (RFC 9207) when the answer had one, else null.</param>
    /// <param name="cancellationToken">Stops; nothing is stored then.</param>
    public async Task<ConnectResult> CompleteAsync(string state, string code, string session, string? issuer, CancellationToken cancellationToken)
    {
        if (_pending.TakeSignIn(state, session) is not { } pending)
            return new ConnectResult.Refused("invalid_state", "This sign-in is unknown, used, expired or of another browser: open a new link.");
        var wish = pending.Wish;
        if (await _msal.FindSignInAsync(wish.Tenant, cancellationToken) is not { } signIn) return UnknownTenant();
        if (await _applications.GetAsync(wish.Application, cancellationToken) is not { } app) return UnknownApplication();
        if (issuer is not null && issuer != signIn.Issuer) return await MismatchAsync(wish.Actor, signIn, "issuer-parameter", cancellationToken);
        byte[]? cache = null;
        AuthenticationResult answer;
        string? keys;
        try
        {
            using var msal = await _msal.CreateAsync(signIn, app, wish.RedirectUri, cancellationToken);
            PersonCredential.Attach(msal.Client, null, bytes =>
            {
                cache = bytes; // in memory only: nothing is stored before the proof
                return Task.CompletedTask;
            });
            answer = await msal.Client.AcquireTokenByAuthorizationCode([signIn.ScopeFor(wish.Sources.Audiences[0])], code).WithPkceCodeVerifier(pending.Verifier).ExecuteAsync(cancellationToken);
            keys = await _proof.ReadKeysAsync(signIn, cancellationToken);
        }
        catch (Exception e) when (TokenErrors.Handles(e, cancellationToken))
        {
            return await RefuseAsync(wish.Actor, wish.Tenant, TokenErrors.Map(e, ConnectionFlow.AuthorizationCode, _time.GetUtcNow()), cancellationToken);
        }

        if (keys is null) return new ConnectResult.TryLater("The tenant's signing keys could not be read; open a new link.");
        if (await new IdTokenValidator(_time).ValidateAsync(answer.IdToken ?? "", keys, signIn, app.ClientId, pending.Nonce) is IdTokenVerdict.Invalid invalid)
        {
            return invalid.Reason == "tenant"
                ? await MismatchAsync(wish.Actor, signIn, "id-token", cancellationToken)
                : await RefuseAsync(
                    wish.Actor, wish.Tenant, new TokenResult.Refused("invalid_id_token", $"The id token was not accepted ({invalid.Reason}); open a new link."), cancellationToken);
        }

        if (cache is null || answer.Account?.HomeAccountId?.Identifier is not { } account)
            return new ConnectResult.Refused("invalid_grant", "The sign-in service gave no refresh token: the application needs offline_access.");
        using var credential = new PersonCredential(account, cache).ToSecret();
        return await ProveAndStoreAsync(
            wish.Actor, signIn, app, ConnectionFlow.AuthorizationCode, wish.Sources, wish.Purpose, answer.AccessToken, credential, cancellationToken);
    }

    /// <summary>When the sign-in service sends the person back with a refusal: uses the state up and records it.</summary>
    /// <param name="state">As sent.</param>
    /// <param name="error">The <c>error</c> as sent; recorded only when it looks like one.</param>
    /// <param name="session">The value of the browser's session cookie.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<ConnectResult> DeclineAsync(string state, string error, string session, CancellationToken cancellationToken)
    {
        if (_pending.TakeSignIn(state, session) is not { } pending)
            return new ConnectResult.Refused("invalid_state", "This sign-in is unknown, used, expired or of another browser: open a new link.");
        var word = error is { Length: > 0 and <= 40 } && error.All(c => char.IsAsciiLetterLower(c) || c == '_') ? error : "unknown_error";
        return await RefuseAsync(
            pending.Wish.Actor,
            pending.Wish.Tenant,
            new TokenResult.Refused(word, word == "access_denied" ? "The person declined; open a new link to start over." : "The sign-in service refused; open a new link to start over."),
            cancellationToken);
    }

    /// <summary>The sentence for a source without an address.</summary>
    internal static string NoAddress(string cloud, string? region, string source) =>
        $"The cloud '{cloud}' has no address of {source}{(region is null ? "" : $" for the region '{region}'")}: choose another source, or configure the address.";

    /// <summary>What the sign-in asks for: one plane at a time, as the sign-in service wants it.</summary>
    private static string[] ScopesOf(TenantSignIn signIn, SourceChoice sources) => ["openid", "profile", "offline_access", signIn.ScopeFor(sources.Audiences[0])];

    /// <summary>Everything that tokens will be asked for through the sign-in; what a person is shown.</summary>
    private static string[] PermissionsOf(TenantSignIn signIn, SourceChoice sources) => [.. ScopesOf(signIn, sources), .. sources.Audiences.Skip(1).Select(signIn.ScopeFor)];

    /// <summary>Why a source cannot be read in the tenant's cloud and region, or null.</summary>
    private static string? AddressFault(TenantSignIn signIn, SourceChoice sources) => sources.All
        .Where(source => signIn.Cloud.AddressOf(SourceChoice.AudienceOf(source), signIn.Record.Region) is null)
        .Select(source => NoAddress(signIn.Cloud.Name, signIn.Record.Region, source))
        .FirstOrDefault();

    private static ConnectResult.Refused UnknownTenant() => new("unknown_tenant", "There is no such tenant: add it to a customer first.");

    private static ConnectResult.Refused UnknownApplication() => new("unknown_application", "There is no such application: add it first.");

    private static string Query(params (string Name, string Value)[] parameters) =>
        string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));

    private async Task<ConnectResult> ProveAndStoreAsync(
        Actor actor,
        TenantSignIn signIn,
        ProviderApplication app,
        ConnectionFlow flow,
        SourceChoice sources,
        ConnectionPurpose purpose,
        string accessToken,
        Secret? credential,
        CancellationToken cancellationToken)
    {
        if (sources.Audiences[0] == TokenAudience.Graph && await _proof.IsOrganizationAsync(signIn, accessToken, cancellationToken) == false)
            return await MismatchAsync(actor, signIn, "organization", cancellationToken);
        var connection = await _database.WriteAsync(write => _connections.PutAsync(write, actor, signIn.Tenant, app.Id, flow, sources, credential, purpose), cancellationToken);
        _tokens.Forget(signIn.Tenant);
        _connections.Announce();
        return new ConnectResult.Connected(connection);
    }

    private async Task<ConnectResult> MismatchAsync(Actor actor, TenantSignIn signIn, string where, CancellationToken cancellationToken)
    {
        await _database.WriteAsync(
            write => _audit.AppendAsync(write, new AuditEntry("connection.tenant-mismatch", actor, signIn.Tenant, Detail: $"found={where}")), cancellationToken);
        return new ConnectResult.Refused("tenant_mismatch", "The sign-in was for another tenant; everything from it was discarded. Check the tenant id, and who signed in where.");
    }

    private async Task<ConnectResult> RefuseAsync(Actor actor, TenantId tenant, TokenResult result, CancellationToken cancellationToken)
    {
        if (result is not TokenResult.Refused refused)
            return result is TokenResult.TryLater later ? new ConnectResult.TryLater(later.Detail, later.After) : throw new InvalidOperationException("A refusal is expected here.");
        await _database.WriteAsync(
            write => _audit.AppendAsync(write, new AuditEntry("connection.refused", actor, tenant, Detail: $"error={refused.Error}")), cancellationToken);
        return new ConnectResult.Refused(refused.Error, refused.Detail);
    }
}
