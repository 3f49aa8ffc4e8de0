using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.MyAccess;

/// <summary>
/// My Access of every tenant, below <c>/myaccess/@{domain}</c>: people ask for packages, extend and give up what they have, approve what others ask for, review what others have.
/// Source: my-access-portal-overview, entitlement-management-request-access, …-request-approve, perform-access-review, 2025.
/// </summary>
internal sealed class MyAccessPlane(EntitlementManagement governance, MyAccessSignIn signIn) : ITwinPlane
{
    private readonly RequestorPages _requestor = new(governance);
    private readonly ApproverPages _approver = new(governance);
    private readonly ReviewerPages _reviewer = new(governance);

    private const string Portal = "my-access-portal-overview 2025";

    private delegate Task Page(MyAccessVisit visit, string? fault);

    private delegate void Act(MyAccessVisit visit);

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/myaccess/signin", (HttpContext context) => signIn.Finish(context) is { } fault ? MyAccessMarkup.WriteAsync(context, "myaccess-error", null, "Sign-in", MyAccessMarkup.Fault(fault), status: StatusCodes.Status400BadRequest) : Task.CompletedTask).From(Portal);
        routes.MapGet("/myaccess/signout", (HttpContext context) =>
        {
            signIn.End(context);
            return MyAccessMarkup.WriteAsync(context, "myaccess-signed-out", null, "You signed out of My Access", "<p>Your sign-in to other pages goes on.</p>");
        }).From(Portal);
        routes.MapGet("/myaccess/style.css", (HttpContext context) => TextAsync(context, "text/css; charset=utf-8", MyAccessMarkup.Style)).From(Portal);
        routes.MapGet("/myaccess/forward.js", (HttpContext context) => TextAsync(context, "text/javascript; charset=utf-8", MyAccessMarkup.Forward)).From(Portal);
        routes.MapGet("/myaccess/@{hint}", LandAsync).From(Portal);
        Get(routes, "/access-packages/{id:guid}", inTenant: false, "entitlement-management-request-access 2025", _requestor.PackageAsync);
        Post(routes, "/access-packages/{id:guid}", inTenant: false, "entitlement-management-request-access 2025", _requestor.Ask, _requestor.PackageAsync, "");
        Post(routes, "/assignments/{id:guid}", inTenant: false, "entitlement-management-request-access 2025", _requestor.ChangeAssignment, _requestor.HomeAsync, "");
        Post(routes, "/requests/{id:guid}", inTenant: false, "entitlement-management-request-access 2025", _requestor.Cancel, _requestor.HomeAsync, "");
        Get(routes, "/request-approval", inTenant: true, "entitlement-management-request-approve 2025", _approver.ListAsync);
        Post(routes, "/request-approval/{id:guid}/{stage:guid}", inTenant: true, "entitlement-management-request-approve 2025", _approver.Decide, _approver.ListAsync, "/request-approval");
        Get(routes, "/access-reviews", inTenant: true, "perform-access-review 2025", _reviewer.ListAsync);
        Post(routes, "/access-reviews/{id:guid}/{decision:guid}", inTenant: true, "perform-access-review 2025", _reviewer.Decide, _reviewer.ListAsync, "/access-reviews");
    }

    /// <inheritdoc/>
    public void MapControl(IEndpointRouteBuilder control)
    {
    }

    /// <summary>The first page needs no sign-in: the part of a link behind <c>#</c> reaches only the browser, which follows it from here.</summary>
    private async Task LandAsync(HttpContext context)
    {
        if (await TenantAsync(context) is not { } tenant) return;
        var session = signIn.Find(context, out var home);
        if (session is not null) await _requestor.HomeAsync(new MyAccessVisit(context, tenant, session, home), null);
        else if (context.Request.Query.ContainsKey("signin")) signIn.Start(context, null, $"/@{tenant.DefaultDomain}");
        else await MyAccessMarkup.WriteAsync(context, "myaccess-landing", tenant, "My Access", $"<p>Sign in with the account of your own organization.</p><p><a href=\"{MyAccessMarkup.Encode(MyAccessMarkup.Path(context, $"/@{tenant.DefaultDomain}"))}?signin=1\">Sign in</a></p>", forwards: true);
    }

    private void Get(IEndpointRouteBuilder routes, string path, bool inTenant, string source, Page page) => routes.MapGet($"/myaccess/@{{hint}}{path}", async (HttpContext context) =>
    {
        if (await TenantAsync(context) is not { } tenant) return;
        var session = signIn.Find(context, out var home);
        if (session is null || (inTenant && !session.Entered.Contains(tenant.Id))) signIn.Start(context, inTenant ? tenant.Id : null, Below(context, tenant));
        else if (await AdmitAsync(context, tenant, home, inTenant)) await page(new MyAccessVisit(context, tenant, session, home), null);
    }).From(source);

    private void Post(IEndpointRouteBuilder routes, string path, bool inTenant, string source, Act act, Page again, string next) => routes.MapPost($"/myaccess/@{{hint}}{path}", async (HttpContext context) =>
    {
        if (await TenantAsync(context) is not { } tenant) return;
        var session = signIn.Find(context, out var home);
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        if (session is null || (inTenant && !session.Entered.Contains(tenant.Id)) || !session.IsToken(Below(context, tenant), form["ctx"]))
        {
            await MyAccessMarkup.WriteAsync(context, "myaccess-error", tenant, "This page is too old", "<p>Nothing was changed. Go back, load the page again, and try once more.</p>", status: StatusCodes.Status400BadRequest);
            return;
        }

        if (!await AdmitAsync(context, tenant, home, inTenant)) return;
        var visit = new MyAccessVisit(context, tenant, session, home) { Form = form };
        try
        {
            act(visit);
        }
        catch (GovernanceRefusedException refusal)
        {
            context.Response.StatusCode = refusal.Fault switch { GovernanceFault.Missing => StatusCodes.Status404NotFound, GovernanceFault.Denied => StatusCodes.Status403Forbidden, GovernanceFault.Decided => StatusCodes.Status409Conflict, _ => StatusCodes.Status400BadRequest };
            await again(visit, refusal.Message);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = MyAccessMarkup.Path(context, $"/@{tenant.DefaultDomain}{next}");
    }).DisableAntiforgery().From(source);

    /// <summary>The path of the request below the plane, with the tenant's own domain.</summary>
    private static string Below(HttpContext context, TwinTenant tenant) => $"/@{tenant.DefaultDomain}{context.Request.Path.Value!["/myaccess/@".Length..][((string)context.GetRouteValue("hint")!).Length..]}".ToLowerInvariant();

    private async Task<TwinTenant?> TenantAsync(HttpContext context)
    {
        var hint = (string)context.GetRouteValue("hint")!;
        var directory = governance.State.Directory;
        var tenant = Guid.TryParse(hint, out var id) ? directory.FindTenant(id) : directory.FindTenantByDomain(hint);
        if (tenant is null) await MyAccessMarkup.WriteAsync(context, "myaccess-error", null, "This organization is not known", "<p>The link names a directory that does not exist.</p>", status: StatusCodes.Status404NotFound);
        else if (tenant.Plan < EntraPlan.P2)
        {
            await MyAccessMarkup.WriteAsync(context, "myaccess-error", tenant, "My Access is not available", "<p>The organization has no Entra ID P2 or Entra ID Governance license.</p>", status: StatusCodes.Status403Forbidden);
            return null;
        }

        return tenant;
    }

    /// <summary>Whose object in the tenant is blocked gets nowhere; whoever approves or reviews must have one.</summary>
    private async Task<bool> AdmitAsync(HttpContext context, TwinTenant tenant, TwinUser home, bool inTenant)
    {
        var presence = governance.State.Directory.FindPresence(home, tenant.Id);
        if (presence is { Enabled: true } || (presence is null && !inTenant)) return true;
        var text = presence is null ? "Your account is not in this directory." : "Your account in this directory is blocked. Ask an administrator of the organization.";
        await MyAccessMarkup.WriteAsync(context, "myaccess-error", tenant, "No access", MyAccessMarkup.Fault(text), status: StatusCodes.Status403Forbidden);
        return false;
    }

    private static Task TextAsync(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}

/// <summary>One look at a page by a person who is signed in.</summary>
internal sealed record MyAccessVisit(HttpContext Context, TwinTenant Tenant, MyAccessSession Session, TwinUser Home)
{
    /// <summary>What was posted.</summary>
    public IFormCollection Form { get; init; } = FormCollection.Empty;

    /// <summary>An id of the address.</summary>
    public Guid Id(string name = "id") => Guid.Parse((string)Context.GetRouteValue(name)!);

    /// <summary>A field, without blanks around it; null when it is empty.</summary>
    public string? Field(string name) => Form[name].ToString().Trim() is { Length: > 0 } text ? text[..Math.Min(text.Length, 4000)] : null;

    /// <summary>An address below the tenant's pages, as forms name it.</summary>
    public string Action(string path) => $"/@{Tenant.DefaultDomain}{path}".ToLowerInvariant();

    /// <summary>A page at the status that was set before, 200 if none.</summary>
    public Task ShowAsync(string kind, string title, string body) => MyAccessMarkup.WriteAsync(Context, kind, Tenant, title, body, Home, Context.Response.StatusCode);

    /// <summary>The person as an actor of the audit log: the object in the tenant, if any.</summary>
    public TwinActor Actor(TwinDirectory directory) => new(directory.FindPresence(Home, Tenant.Id), null, "My Access");
}
