using Bailiwick.Twin.Portal.Mail;
using Bailiwick.Twin.Portal.Pages;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal;

/// <summary>Makes one page; the parts of the address behind the tenant are in the route.</summary>
internal delegate PortalPage PortalShow(PortalVisit visit, PortalForm? sent);

/// <summary>Does what a form asks for; answers a path behind the tenant to go to, or a page to show.</summary>
internal delegate Task<PortalOutcome> PortalAct(PortalVisit visit, PortalForm form);

/// <summary>What an act ends with.</summary>
internal abstract record PortalOutcome
{
    private PortalOutcome()
    {
    }

    /// <summary>Sends the browser on.</summary>
    public sealed record GoTo(string Path) : PortalOutcome;

    /// <summary>Shows a page, once.</summary>
    public sealed record Show(PortalPage Page) : PortalOutcome;

    /// <summary>Hands out a file.</summary>
    public sealed record File(string Name, string Type, byte[] Content) : PortalOutcome;

    /// <summary>For acts that await nothing.</summary>
    public static Task<PortalOutcome> To(string path) => Task.FromResult<PortalOutcome>(new GoTo(path));
}

/// <summary>
/// The Defender portal of every tenant: server-rendered pages below <c>/portal/{tenant}</c>, entered at <c>/?tid=</c>. Each request works out anew who the
/// person is and what they may do. Source: grant-mssp-access 2025-03, access-mssp-portal 2025-03; the look is the twin's own.
/// </summary>
internal sealed class DefenderPortal
{
    private readonly TwinDirectory _directory;
    private readonly DefenderPortals _portals;
    private readonly PortalSessions _sessions;
    private readonly PortalSignIn _signIn;
    private readonly PlaneServices _planes;
    private readonly TwinServices _twin;
    private readonly AlertMailer _mail;

    public DefenderPortal(TwinServices twin, PlaneServices planes, AlertMailer mail)
    {
        (_twin, _planes, _mail, _portals, _directory) = (twin, planes, mail, planes.Portals!, twin.Directory);
        _sessions = new PortalSessions(twin.Directory, twin.Clock);
        _signIn = new PortalSignIn(twin.SignIn!, _sessions, twin.Directory, twin.Clock);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context) => OpenAsync(context, "/alerts")).From("grant-mssp-access 2025-03");
        foreach (var path in new[] { "/alerts/{id}", "/alert/{id}" }) routes.MapGet(path, (HttpContext context, string id) => OpenAsync(context, $"/alerts/{Uri.EscapeDataString(id)}")).From("configure-email-notifications 2024-07");
        routes.MapGet(Entra.FirstPartySignIn.Callback, FinishAsync).From("the twin itself");
        routes.MapPost("/portal/signout", SignOutAsync).From("the twin itself");
        routes.MapGet("/portal/style.css", (HttpContext context) =>
        {
            context.Response.ContentType = "text/css; charset=utf-8";
            return context.Response.WriteAsync(PortalStyle.Css, context.RequestAborted);
        }).From("the twin itself");
        var tenant = routes.MapGroup("/portal/{tid:guid}").From("user-roles 2024-06, machine-groups 2025-12, enable-siem 2021, configure-email-notifications 2024-07");
        tenant.MapGet("/", (HttpContext context, Guid tid) => context.Response.Redirect($"/portal/{tid:D}/alerts"));
        new AlertsPage(_planes).Map(this, tenant);
        new AlertPage(_planes).Map(this, tenant);
        new DevicesPage(_planes).Map(this, tenant);
        new SettingsPage().Map(this, tenant);
        new RolesPage(_portals, _directory, _twin.Clock).Map(this, tenant);
        new RolePage(_portals, _directory).Map(this, tenant);
        new WorkloadsPage(_portals, _directory).Map(this, tenant);
        new DeviceGroupsPage(_portals, _directory, _planes).Map(this, tenant);
        new DeviceGroupPage(_portals, _directory, _planes).Map(this, tenant);
        new RetentionPage(_planes).Map(this, tenant);
        new SiemPage(_portals, _directory, _twin.SignIn!, _twin.Clock).Map(this, tenant);
        new NotificationsPage(_portals, _mail).Map(this, tenant);
        new NotificationPage(_portals, _mail, _twin.Clock).Map(this, tenant);
    }

    /// <summary>Adds a page, and what its form does when it has one.</summary>
    public void Page(IEndpointRouteBuilder routes, string path, PortalShow show, PortalAct? act = null)
    {
        routes.MapGet(path, (HttpContext context, Guid tid) => RunAsync(context, tid, visit => PortalLayout.WriteAsync(visit, show(visit, null))));
        if (act is null) return;
        routes.MapPost(path, (HttpContext context, Guid tid) => RunAsync(context, tid, async visit =>
        {
            PortalForm? form = null;
            try
            {
                form = await ReadAsync(visit);
                switch (await act(visit, form))
                {
                    case PortalOutcome.GoTo to:
                        PortalLayout.Protect(context.Response);
                        context.Response.StatusCode = StatusCodes.Status303SeeOther;
                        context.Response.Headers.Location = visit.Root + to.Path;
                        break;
                    case PortalOutcome.File file:
                        await SendAsync(context, file);
                        break;
                    case PortalOutcome.Show shown:
                        await PortalLayout.WriteAsync(visit, shown.Page);
                        break;
                }
            }
            catch (PortalRefusedException refused)
            {
                await PortalLayout.WriteAsync(visit, show(visit with { State = _portals.Of(tid) }, form) with { Fault = refused.Message, Notice = null, Status = StatusCodes.Status400BadRequest });
            }
        }));
    }

    /// <summary>Adds a file that is downloaded.</summary>
    public void Download(IEndpointRouteBuilder routes, string path, Func<PortalVisit, PortalOutcome.File> make) =>
        routes.MapGet(path, (HttpContext context, Guid tid) => RunAsync(context, tid, visit => SendAsync(context, make(visit))));

    private static Task SendAsync(HttpContext context, PortalOutcome.File file)
    {
        PortalLayout.Protect(context.Response);
        context.Response.ContentType = file.Type;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file.Name}\"";
        return context.Response.Body.WriteAsync(file.Content, context.RequestAborted).AsTask();
    }

    private Task OpenAsync(HttpContext context, string path)
    {
        var tid = context.Request.Query["tid"].ToString();
        var named = tid.Length == 0 ? null : Guid.TryParse(tid, out var id) ? _directory.FindTenant(id) : _directory.FindTenantByDomain(tid);
        var session = _sessions.Find(context);
        var tenant = tid.Length == 0 ? session?.HomeTenantId : named?.Id;
        if (session is not null && tenant is { } known && _sessions.PresenceOf(session, known) is not null) context.Response.Redirect($"/portal/{known:D}{path}");
        else _signIn.Start(context, tid.Length == 0 ? null : tid, path);
        return Task.CompletedTask;
    }

    private Task FinishAsync(HttpContext context) => _signIn.Finish(context) is { } fault
        ? PortalLayout.WriteAsync(context, new PortalPage("portal-signin-error", "You are not signed in", Markup.Of($"<p><a href=\"/\">Open the portal again</a></p>"), Fault: fault, Status: StatusCodes.Status400BadRequest))
        : Task.CompletedTask;

    private async Task SignOutAsync(HttpContext context)
    {
        var form = await TryReadAsync(context);
        if (form is not null && _sessions.Find(context) is { } session && form["ctx"].ToString() == session.Token) _sessions.End(context);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/common/oauth2/v2.0/logout";
    }

    private async Task RunAsync(HttpContext context, Guid tid, Func<PortalVisit, Task> run)
    {
        var session = _sessions.Find(context);
        if (_directory.FindTenant(tid) is not { } tenant || session is null || _sessions.PresenceOf(session, tid) is not { } user)
        {
            var whole = context.Request.Path.ToUriComponent();
            var path = whole.IndexOf('/', "/portal/".Length) is > 0 and var at ? whole[at..] : "";
            _signIn.Start(context, tid.ToString("D"), HttpMethods.IsGet(context.Request.Method) ? path + context.Request.QueryString : path);
            return;
        }

        var visit = new PortalVisit(
            context, tenant, user, _directory.FindUser(session.HomeTenantId, session.HomeUserId)!, _portals.AccessOf(tid, user.Id), _portals.Of(tid), session.Token);
        try
        {
            if (!tenant.DefenderLicensed) await PortalLayout.WriteAsync(visit, RefusalPages.Unlicensed(visit));
            else if (!visit.Access.HasRole) await PortalLayout.WriteAsync(visit, RefusalPages.NoRole(visit));
            else await run(visit);
        }
        catch (PortalForbiddenException missing)
        {
            await PortalLayout.WriteAsync(visit, RefusalPages.Missing(missing.Message));
        }
        catch (PortalMissingException missing)
        {
            await PortalLayout.WriteAsync(visit, new PortalPage("portal-missing", "Nothing here", Markup.Of($"<p>{missing.Message}</p>"), Status: StatusCodes.Status404NotFound));
        }
    }

    private static async Task<PortalForm> ReadAsync(PortalVisit visit)
    {
        var form = await TryReadAsync(visit.Context) ?? throw new PortalRefusedException("The form could not be read; nothing was changed.");
        return form["ctx"].ToString() == visit.Token ? new PortalForm(form) : throw new PortalRefusedException("The form is of another session or came from elsewhere; nothing was changed. Try again.");
    }

    private static async Task<IFormCollection?> TryReadAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType) return null;
        try
        {
            return await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception fault) when (fault is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }
}
