using Bailiwick.Twin.Entra.Pages;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Bailiwick.Twin.Entra.Endpoints;

/// <summary>
/// The authorize and admin consent endpoints: read the request, check what must be checked before any page or redirect, and hand over to <see cref="SignInFlow"/>.
/// Faults of client, tenant or redirect URI end on a page; all others go back to the client. Source: v2-oauth2-auth-code-flow and v2-admin-consent, 2025; v1-protocols-oauth-code, 2019.
/// </summary>
internal sealed class AuthorizeEndpoint(EntraServices services, SignInFlow flow)
{
    public async Task AuthorizeAsync(HttpContext context, string t, bool legacy)
    {
        var parameters = await ReadAsync(context);
        if (TryReadClient(context, parameters, t, out var segment, out var app, out var redirect) is { } unsafeError)
        {
            await SignInPages.ErrorAsync(context, unsafeError, services.Clock);
            return;
        }

        var type = SignInRequest.Read(parameters, "response_type");
        var hybrid = type is not null && type.Split(' ').Contains("id_token");
        var request = new SignInRequest
        {
            Segment = t,
            ClientId = app.AppId,
            Legacy = legacy,
            RedirectUri = SignInRequest.Read(parameters, "redirect_uri") ?? redirect.Uri,
            Platform = redirect.Platform,
            ResponseType = type ?? "",
            ResponseMode = SignInRequest.Read(parameters, "response_mode") ?? (hybrid ? "fragment" : "query"),
            Scope = SignInRequest.Read(parameters, "scope") ?? "",
            Resource = SignInRequest.Read(parameters, "resource"),
            State = SignInRequest.Read(parameters, "state"),
            Nonce = SignInRequest.Read(parameters, "nonce"),
            Prompt = SignInRequest.Read(parameters, "prompt"),
            LoginHint = SignInRequest.Read(parameters, "login_hint"),
            Challenge = SignInRequest.Read(parameters, "code_challenge"),
            ChallengeMethod = SignInRequest.Read(parameters, "code_challenge_method") ?? "plain",
            WantsClientInfo = SignInRequest.Read(parameters, "client_info") is "1" or "2",
            Claims = SignInRequest.Read(parameters, "claims"),
        };
        if (Check(request, app, hybrid) is { } error)
        {
            if (request.ResponseMode is not ("query" or "fragment" or "form_post") || (hybrid && request.ResponseMode == "query")) request = request with { ResponseMode = hybrid ? "fragment" : "query" };
            await AuthorizeAnswer.RefuseAsync(context, request, error, services.Clock);
            return;
        }

        await flow.StartAsync(context, new SignInTransaction { Purpose = SignInPurpose.Code, Segment = segment, Request = request, App = app });
    }

    public async Task AdminConsentAsync(HttpContext context, string t, bool legacy)
    {
        var parameters = await ReadAsync(context);
        var error = TryReadClient(context, parameters, t, out var segment, out var app, out var redirect);
        if (error is null && !legacy && segment.IsCommon) error = EntraError.NeedsConcreteTenant();
        if (error is null && !legacy && SignInRequest.Read(parameters, "scope") is null) error = EntraError.Missing("scope");
        if (error is not null)
        {
            await SignInPages.ErrorAsync(context, error, services.Clock);
            return;
        }

        var request = new SignInRequest
        {
            Segment = t,
            ClientId = app.AppId,
            Legacy = legacy,
            RedirectUri = SignInRequest.Read(parameters, "redirect_uri") ?? redirect.Uri,
            Scope = SignInRequest.Read(parameters, "scope") ?? "",
            State = SignInRequest.Read(parameters, "state"),
            Prompt = SignInRequest.Read(parameters, "prompt"),
            LoginHint = SignInRequest.Read(parameters, "login_hint"),
        };
        if (!legacy && request.TryReadScope(services.Directory, out _) is { } wrongScope)
        {
            await AuthorizeAnswer.RefuseAsync(context, request, wrongScope, services.Clock);
            return;
        }

        await flow.StartAsync(context, new SignInTransaction { Purpose = SignInPurpose.AdminConsent, Segment = segment, Request = request, App = app });
    }

    private static async Task<IEnumerable<KeyValuePair<string, StringValues>>> ReadAsync(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted)).Concat(context.Request.Query) : context.Request.Query;

    private EntraError? TryReadClient(HttpContext context, IEnumerable<KeyValuePair<string, StringValues>> parameters, string t, out TenantSegment segment, out TwinApp app, out TwinRedirect redirect)
    {
        app = null!;
        redirect = null!;
        if (TenantSegment.TryResolve(services.Directory, t, metadata: false, out segment) is { } unknown) return unknown;
        if (SignInRequest.Read(parameters, "client_id") is not { } id) return EntraError.Missing("client_id");
        if (segment.TryFindApp(services.Directory, id, out app) is { } absent) return absent;
        var asked = SignInRequest.Read(parameters, "redirect_uri");
        var match = FirstPartySignIn.RedirectOf(app, context, asked) is { } own ? own : asked is null ? (app.Redirects.Count == 1 ? app.Redirects[0] : null) : app.Redirects.FirstOrDefault(known => RedirectRules.Matches(known.Uri, asked));
        if (match is null) return asked is null && app.Redirects.Count > 1 ? EntraError.Missing("redirect_uri") : EntraError.RedirectMismatch(asked ?? "", app.AppId);
        redirect = match;
        return null;
    }

    private EntraError? Check(SignInRequest request, TwinApp app, bool hybrid)
    {
        switch (request.ResponseType)
        {
            case "":
                return EntraError.Missing("response_type");
            case "code":
                break;
            case "code id_token" or "id_token code" when app.IssuesIdTokens:
                if (request.Nonce is null) return EntraError.Missing("nonce");
                break;
            default:
                return EntraError.UnsupportedResponseType(request.ResponseType);
        }

        if (request.ResponseMode is not ("query" or "fragment" or "form_post")) return EntraError.Malformed();
        if (hybrid && request.ResponseMode == "query") return EntraError.Malformed();
        if (request.Prompt is not (null or "login" or "none" or "consent" or "select_account") && !(request.Legacy && request.Prompt == "admin_consent")) return EntraError.Malformed();
        if (request.Challenge is not null && (request.Challenge.Length is < 43 or > 128 || request.ChallengeMethod is not ("S256" or "plain"))) return EntraError.BadChallenge();
        if (request.Challenge is null && request.Platform != RedirectPlatform.Web) return EntraError.ProofKeyRequired();
        if (!request.Legacy && request.Resource is not null) return EntraError.ResourceOnV2();
        return !request.Legacy && request.Scope.Length == 0 ? EntraError.Missing("scope") : request.TryReadScope(services.Directory, out _);
    }
}
