using Bailiwick.Twin.Entra.Grants;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>
/// Walks a person through sign-in: account, home tenant's password, then the resource tenant's checks in the documented order for guests:
/// object there, enabled, invitation accepted, assignment, consent. Each call sends exactly one page or redirect.
/// </summary>
internal sealed class SignInFlow(EntraServices services, SignInTransactions transactions, BrowserSessions sessions, UserTokens tokens, DeviceCodeGrant devices)
{
    private readonly TwinDirectory _directory = services.Directory;

    /// <summary>First page of a walk.</summary>
    public async Task StartAsync(HttpContext context, SignInTransaction walk)
    {
        var accounts = sessions.Accounts(context);
        var request = walk.Request;
        var hinted = accounts.FirstOrDefault(account => account.Home.UserPrincipalName.Equals(request.LoginHint, StringComparison.OrdinalIgnoreCase));
        if (request.Prompt == "none")
        {
            var silent = hinted.Home is not null ? hinted : request.LoginHint is null && accounts.Count == 1 ? accounts[0] : default;
            if (silent.Home is null) await AuthorizeAnswer.RefuseAsync(context, request, EntraError.NoSession(), services.Clock);
            else await ContinueAsync(context, walk with { Home = silent.Home, AuthenticatedAt = silent.At });
        }
        else if (request.Prompt == "login" || accounts.Count == 0 || (request.LoginHint is not null && hinted.Home is null))
        {
            await SignInPages.SignInAsync(context, request.Segment, transactions.Open(walk), walk.App.DisplayName, request.LoginHint);
        }
        else if (hinted.Home is not null)
        {
            await ContinueAsync(context, walk with { Home = hinted.Home, AuthenticatedAt = hinted.At });
        }
        else if (request.Prompt == "select_account" || accounts.Count > 1 || walk.Purpose != SignInPurpose.Code)
        {
            await SignInPages.PickAsync(context, request.Segment, transactions.Open(walk), walk.App.DisplayName, accounts.Select(account => account.Home));
        }
        else
        {
            await ContinueAsync(context, walk with { Home = accounts[0].Home, AuthenticatedAt = accounts[0].At });
        }
    }

    public async Task LoginAsync(HttpContext context, IFormCollection form)
    {
        if (await TakeAsync(context, form) is not { } walk) return;
        if (SignInRequest.Read(form, "cancel") is not null)
        {
            await DeclineAsync(context, walk);
            return;
        }

        var login = SignInRequest.Read(form, "login")?.Trim() ?? "";
        var home = _directory.FindUserByName(login);
        EntraError? error = null;
        if (home is null || home.IsGuest) error = EntraError.UnknownUser(login);
        else if (!TwinDirectory.CheckPassword(home, SignInRequest.Read(form, "passwd") ?? "")) error = EntraError.WrongPassword();
        else if (!home.Enabled) error = EntraError.UserDisabled();
        if (error is not null)
        {
            if (home is { IsGuest: false }) Log(home, walk, error);
            await SignInPages.SignInAsync(context, walk.Request.Segment, transactions.Open(walk), walk.App.DisplayName, login, error);
            return;
        }

        var now = services.Clock.GetUtcNow();
        sessions.Add(context, home!, now);
        await ContinueAsync(context, walk with { Home = home, AuthenticatedAt = now });
    }

    public async Task PickAsync(HttpContext context, IFormCollection form)
    {
        if (await TakeAsync(context, form) is not { } walk) return;
        var name = SignInRequest.Read(form, "account");
        var account = sessions.Accounts(context).FirstOrDefault(known => known.Home.UserPrincipalName.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (account.Home is null) await SignInPages.SignInAsync(context, walk.Request.Segment, transactions.Open(walk), walk.App.DisplayName, name);
        else await ContinueAsync(context, walk with { Home = account.Home, AuthenticatedAt = account.At });
    }

    public async Task ReviewAsync(HttpContext context, IFormCollection form)
    {
        if (await TakeAsync(context, form) is not { Home: { } home } walk) return;
        if (SignInRequest.Read(form, "decision") != "accept")
        {
            await DeclineAsync(context, walk);
            return;
        }

        if (_directory.FindPresence(home, TenantOf(walk).Id) is { Accepted: false } presence) Redeem(presence, home);
        await ContinueAsync(context, walk);
    }

    public async Task ConsentAsync(HttpContext context, IFormCollection form)
    {
        if (await TakeAsync(context, form) is not { Home: { } home } walk) return;
        if (SignInRequest.Read(form, "decision") != "accept")
        {
            await DeclineAsync(context, walk);
            return;
        }

        var tenant = TenantOf(walk);
        if (tokens.CheckPresence(walk.App, tenant, home, context, out var presence) is { } refused)
        {
            await SignInPages.ErrorAsync(context, refused, services.Clock);
            return;
        }

        if (walk.Purpose == SignInPurpose.AdminConsent)
        {
            await GrantForTenantAsync(context, walk, tenant, presence);
            return;
        }

        if (ToAsk(walk, presence, out var permissions) is { } undeclared)
        {
            await AuthorizeAnswer.RefuseAsync(context, walk.Request, undeclared, services.Clock);
            return;
        }

        var admin = ConsentRules.IsAdministrator(presence, permissions);
        if (!admin && permissions.Any(services.Consent.NeedsAdministrator))
        {
            await SignInPages.ErrorAsync(context, EntraError.AdminConsentRequired(NameOf(walk.App)), services.Clock);
            return;
        }

        var everybody = admin && (SignInRequest.Read(form, "onBehalf") is not null || walk.Request.Prompt == "admin_consent");
        _directory.Grant(tenant.Id, walk.App, [.. permissions], everybody ? null : presence.Id);
        Consented(walk.App, presence);
        await ContinueAsync(context, walk with { Consented = true });
    }

    public async Task EnterDeviceCodeAsync(HttpContext context, IFormCollection form)
    {
        if (devices.FindByUserCode(SignInRequest.Read(form, "user_code") ?? "") is not { } device
            || _directory.FindApp(device.Request.ClientId) is not { } app
            || TenantSegment.TryResolve(_directory, device.Request.Segment, metadata: false, out var segment) is not null)
        {
            await SignInPages.DeviceCodeAsync(context, EntraError.DeviceUnknown());
            return;
        }

        await StartAsync(context, new SignInTransaction { Purpose = SignInPurpose.Device, Segment = segment, Request = device.Request, App = app, DeviceDigest = device.Digest });
    }

    public async Task ConfirmDeviceAsync(HttpContext context, IFormCollection form)
    {
        if (await TakeAsync(context, form) is not { Home: not null } walk) return;
        if (SignInRequest.Read(form, "decision") != "accept") await DeclineAsync(context, walk);
        else await ApproveDeviceAsync(context, walk);
    }

    private async Task ContinueAsync(HttpContext context, SignInTransaction walk)
    {
        var (request, app, home) = (walk.Request, walk.App, walk.Home!);
        var tenant = TenantOf(walk);
        var silent = request.Prompt == "none";
        if (tokens.CheckPresence(app, tenant, home, context, out var presence) is { } refused)
        {
            if (!silent) Log(presence ?? home, walk, refused);
            if (silent) await AuthorizeAnswer.RefuseAsync(context, request, refused with { Error = "interaction_required" }, services.Clock);
            else await SignInPages.ErrorAsync(context, refused, services.Clock);
            return;
        }

        if (!presence.Accepted && _directory.RedeemsAlone(tenant.Id, home.TenantId)) presence = Redeem(_directory.FindUser(tenant.Id, presence.Id)!, home);
        if (!presence.Accepted)
        {
            if (silent) await AuthorizeAnswer.RefuseAsync(context, request, EntraError.ConsentRequired(NameOf(app)) with { Error = "interaction_required" }, services.Clock);
            else await SignInPages.ReviewAsync(context, request.Segment, transactions.Open(walk), tenant, home);
            return;
        }

        if (walk.Purpose == SignInPurpose.Redeem)
        {
            Log(presence, walk);
            context.Response.Redirect(request.RedirectUri);
            return;
        }

        if (walk.Purpose == SignInPurpose.AdminConsent)
        {
            await AskForTenantAsync(context, walk, tenant, presence);
            return;
        }

        if (ToAsk(walk, presence, out var permissions) is { } undeclared)
        {
            if (walk.Purpose == SignInPurpose.Device) await SignInPages.ErrorAsync(context, undeclared, services.Clock);
            else await AuthorizeAnswer.RefuseAsync(context, request, undeclared, services.Clock);
            return;
        }

        if (permissions.Count > 0)
        {
            await AskAsync(context, walk, presence, permissions, silent);
            return;
        }

        if (walk.Purpose == SignInPurpose.Device) await SignInPages.DeviceConfirmAsync(context, request.Segment, transactions.Open(walk), app, home);
        else await SendCodeAsync(context, walk, presence);
    }

    private Task AskAsync(HttpContext context, SignInTransaction walk, TwinUser presence, IReadOnlyList<TwinPermission> permissions, bool silent)
    {
        if (silent) return AuthorizeAnswer.RefuseAsync(context, walk.Request, EntraError.ConsentRequired(NameOf(walk.App)) with { Error = "interaction_required" }, services.Clock);
        var admin = ConsentRules.IsAdministrator(presence, permissions);
        if (!admin && permissions.Any(services.Consent.NeedsAdministrator)) return SignInPages.ErrorAsync(context, EntraError.AdminConsentRequired(NameOf(walk.App)), services.Clock);
        return SignInPages.ConsentAsync(context, walk.Request.Segment, transactions.Open(walk), walk.App, _directory.FindTenant(walk.App.HomeTenantId)!, permissions, admin);
    }

    /// <summary>What the consent page lists: the missing permissions, or all asked for when the client wants the page shown.</summary>
    private EntraError? ToAsk(SignInTransaction walk, TwinUser presence, out IReadOnlyList<TwinPermission> permissions)
    {
        permissions = [];
        if (walk.Request.TryReadScope(_directory, out var scope) is { } wrong) return wrong;
        if (services.Consent.Missing(walk.App, presence, scope, out permissions) is { } undeclared) return undeclared;
        if (walk.Consented) return null;
        if (walk.Request.Prompt == "admin_consent") permissions = ConsentRules.StaticList(walk.App);
        else if (walk.Request.Prompt == "consent" && permissions.Count == 0) permissions = Named(walk.App, scope);
        return null;
    }

    private static List<TwinPermission> Named(TwinApp app, ScopeRequest scope)
    {
        var named = scope.Resources.SelectMany(resource => resource.Names.Select(name => new TwinPermission(resource.Resource.Identifier, name, false))).ToList();
        return named.Count > 0 ? named : [.. ConsentRules.StaticList(app).Where(permission => !permission.Application)];
    }

    private Task AskForTenantAsync(HttpContext context, SignInTransaction walk, TwinTenant tenant, TwinUser presence)
    {
        var permissions = AdminPermissions(walk);
        if (!ConsentRules.IsAdministrator(presence, permissions)) return AdminAnswerAsync(context, walk, tenant, EntraError.AdminConsentRequired(NameOf(walk.App)));
        return SignInPages.AdminConsentAsync(context, walk.Request.Segment, transactions.Open(walk), walk.App, tenant, permissions);
    }

    private Task GrantForTenantAsync(HttpContext context, SignInTransaction walk, TwinTenant tenant, TwinUser presence)
    {
        var permissions = AdminPermissions(walk);
        if (!ConsentRules.IsAdministrator(presence, permissions)) return AdminAnswerAsync(context, walk, tenant, EntraError.AdminConsentRequired(NameOf(walk.App)));
        _directory.Grant(tenant.Id, walk.App, permissions, null);
        Consented(walk.App, presence);
        return AdminAnswerAsync(context, walk, tenant, null);
    }

    /// <summary>The whole static list at the v1 endpoint; at v2 the named scopes, or the static list of a resource for its <c>.default</c>.</summary>
    private List<TwinPermission> AdminPermissions(SignInTransaction walk)
    {
        var declared = ConsentRules.StaticList(walk.App);
        if (walk.Request.Legacy || walk.Request.TryReadScope(_directory, out var scope) is not null) return [.. declared];
        List<TwinPermission> permissions = [.. scope.OpenId.Select(name => new TwinPermission(TwinResource.Graph.Identifier, name, false))];
        foreach (var resource in scope.Resources)
        {
            if (resource.IsDefault) permissions.AddRange(declared.Where(permission => _directory.FindResource(permission.Resource)?.AppId == resource.Resource.AppId));
            else permissions.AddRange(resource.Names.Select(name => new TwinPermission(resource.Resource.Identifier, name, false)));
        }

        return permissions;
    }

    private Task AdminAnswerAsync(HttpContext context, SignInTransaction walk, TwinTenant? tenant, EntraError? error)
    {
        var request = walk.Request;
        List<(string Name, string Value)> answer = [];
        if (error is not null)
        {
            answer.Add(("error", request.Legacy ? "permission_denied" : error.Code == 65004 ? "consent_required" : error.Error));
            answer.Add(("error_description", ErrorAnswer.Describe(context, error, services.Clock).Description));
            answer.Add(("admin_consent", "True"));
        }
        else if (request.Legacy)
        {
            answer.Add(("tenant", tenant!.Id.ToString()));
            answer.Add(("admin_consent", "True"));
        }
        else
        {
            answer.Add(("admin_consent", "True"));
            answer.Add(("tenant", tenant!.Id.ToString()));
            answer.Add(("scope", string.Join(' ', AdminPermissions(walk).Select(permission => $"{permission.Resource}/{permission.Name}"))));
        }

        if (request.State is not null) answer.Add(("state", request.State));
        return AuthorizeAnswer.SendAsync(context, request, answer);
    }

    private Task DeclineAsync(HttpContext context, SignInTransaction walk)
    {
        switch (walk.Purpose)
        {
            case SignInPurpose.AdminConsent:
                return AdminAnswerAsync(context, walk, null, EntraError.Declined());
            case SignInPurpose.Redeem:
                return SignInPages.DoneAsync(context, "redeem-declined", "Nothing was accepted", "You can come back to the invitation at any time.");
            case SignInPurpose.Device:
                if (services.Grants.Devices.Find(walk.DeviceDigest!) is { } device) services.Grants.Devices.Replace(device, device with { State = DeviceState.Declined });
                return SignInPages.DoneAsync(context, "device-done", "Nothing was signed in", "You can close this window.");
            default:
                return AuthorizeAnswer.RefuseAsync(context, walk.Request, EntraError.Declined(), services.Clock, cancelled: true);
        }
    }

    private Task ApproveDeviceAsync(HttpContext context, SignInTransaction walk)
    {
        var home = walk.Home!;
        var device = services.Grants.Devices.Find(walk.DeviceDigest!);
        var approved = device is { State: DeviceState.Pending } && services.Grants.Devices.Replace(device, device with
        {
            State = DeviceState.Approved,
            TenantId = TenantOf(walk).Id,
            HomeTenantId = home.TenantId,
            HomeUserId = home.Id,
            AuthenticatedAt = walk.AuthenticatedAt,
        });
        if (approved && _directory.FindPresence(home, TenantOf(walk).Id) is { } presence) Log(presence, walk);
        return approved
            ? SignInPages.DoneAsync(context, "device-done", "You are signed in", $"You have signed in to {walk.App.DisplayName} on your device. You can close this window.")
            : SignInPages.DeviceCodeAsync(context, EntraError.DeviceExpired());
    }

    private Task SendCodeAsync(HttpContext context, SignInTransaction walk, TwinUser presence)
    {
        var (request, home) = (walk.Request, walk.Home!);
        Log(presence, walk);
        var (value, digest) = services.Grants.New("1.AA");
        services.Grants.Codes.Put(new AuthorizationCode
        {
            Digest = digest,
            Request = request,
            TenantId = presence.TenantId,
            HomeTenantId = home.TenantId,
            HomeUserId = home.Id,
            AuthenticatedAt = walk.AuthenticatedAt,
            IssuedAt = services.Clock.GetUtcNow(),
            Family = Guid.NewGuid(),
        });
        List<(string Name, string Value)> answer = [("code", value)];
        if (request.ResponseType != "code") answer.Add(("id_token", services.Tokens.IdToken(context, walk.App, new SignedInUser(presence, home, walk.AuthenticatedAt), request.Scope.Split(' '), request.Nonce, request.Legacy, value)));
        if (request.WantsClientInfo) answer.Add(("client_info", TokenIssuer.ClientInfo(home)));
        if (request.State is not null) answer.Add(("state", request.State));
        answer.Add(("session_state", Guid.NewGuid().ToString()));
        return AuthorizeAnswer.SendAsync(context, request, answer);
    }

    /// <summary>An interactive sign-in as both tenants log it: the resource's with the guest object, the home's with the person. Source: concept-sign-ins, 2025.</summary>
    private void Log(TwinUser presence, SignInTransaction walk, EntraError? error = null)
    {
        var resource = walk.Request.TryReadScope(_directory, out var scope) is null && scope.Resources.Count > 0 ? scope.Resources[0].Resource : TwinResource.Graph;
        services.Audit.SignIn(presence.TenantId, presence, walk.App.AppId, walk.App.DisplayName, resource, error?.Code ?? 0, error?.Text);
        if (walk.Home is { } home && home.TenantId != presence.TenantId) services.Audit.SignIn(home.TenantId, home, walk.App.AppId, walk.App.DisplayName, resource, error?.Code ?? 0, error?.Text);
        if (error is not null) return;
        var now = services.Clock.GetUtcNow();
        if (_directory.FindUser(presence.TenantId, presence.Id) is { } fresh) _directory.UpdateUser(fresh with { LastSignInAt = now });
    }

    private TwinUser Redeem(TwinUser guest, TwinUser home)
    {
        var accepted = _directory.Redeem(guest, home);
        services.Audit.Write(new TwinAct(guest.TenantId, "Redeem external user invite", "UserManagement", "Invited Users")
        {
            Actor = new TwinActor(accepted, null, null),
            Targets = [new TwinTarget(accepted.Id.ToString("D"), "User", accepted.DisplayName, accepted.UserPrincipalName)],
        });
        return accepted;
    }

    private void Consented(TwinApp app, TwinUser by) => services.Audit.Write(new TwinAct(by.TenantId, "Consent to application", "ApplicationManagement")
    {
        Actor = new TwinActor(by, app.AppId, app.DisplayName),
        Operation = "Assign",
        Targets = [new TwinTarget(app.AppId.ToString("D"), "ServicePrincipal", app.DisplayName)],
    });

    private TwinTenant TenantOf(SignInTransaction walk) => walk.Segment.Tenant ?? _directory.FindTenant(walk.Home!.TenantId)!;

    private async Task<SignInTransaction?> TakeAsync(HttpContext context, IFormCollection form)
    {
        var walk = transactions.Take(SignInRequest.Read(form, "ctx"));
        if (walk is null) await SignInPages.ErrorAsync(context, EntraError.StalePage(), services.Clock);
        return walk;
    }

    private static TwinName NameOf(TwinApp app) => new(app.AppId, app.DisplayName);
}
