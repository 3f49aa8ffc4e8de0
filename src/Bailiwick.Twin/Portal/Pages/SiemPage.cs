using Bailiwick.Twin.Entra;
using Bailiwick.Twin.Portal.Siem;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>
/// Settings &gt; SIEM: enabling the integration, its tokens, the MSSP tab with <em>Authorize application</em>, and the connectors' files.
/// Source: enable-siem 2018-12 and 2021, fetch-alerts-mssp 2024.
/// </summary>
internal sealed class SiemPage(DefenderPortals portals, TwinDirectory directory, FirstPartySignIn signIn, TimeProvider clock)
{
    /// <summary>Name of the application that enabling creates.</summary>
    public const string AppName = "WindowsDefenderATPSiemConnector";

    private static readonly TimeSpan SecretLife = TimeSpan.FromDays(365);

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes)
    {
        portal.Page(routes, "/settings/siem", Show, ActAsync);
        portal.Download(routes, "/settings/siem/arcsight.zip", visit => new PortalOutcome.File("WDATP-connector.zip", "application/zip", ConnectorFiles.ArcSight(Asked(visit))));
        portal.Download(routes, "/settings/siem/splunk.txt", visit => new PortalOutcome.File("WDATP-splunk.properties", "text/plain; charset=utf-8", ConnectorFiles.Splunk(Asked(visit))));
    }

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ManagePortalSystemSettings);
        return new PortalPage("portal-siem", "SIEM", Markup.Of($"""
            <p class="warn">This integration is retired: Microsoft closed it to new customers at the end of 2023. Rehearse it for connectors that still use it.</p>
            {(visit.State.Siem is { Enabled: true, ApplicationId: { } app } ? Enabled(visit, app) : Disabled(visit))}
            {Mssp(visit, sent)}
            """), Notice: visit.Query("done") switch { "authorized" => "The application is authorized.", "removed" => "The authorization was removed.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        visit.Require(DefenderPermission.ManagePortalSystemSettings);
        switch (form.Text("act"))
        {
            case "enable":
                return Task.FromResult<PortalOutcome>(new PortalOutcome.Show(Enable(visit)));
            case "details":
                return Task.FromResult<PortalOutcome>(Details(visit, form.Text("secret")));
            case "tokens":
                return Task.FromResult<PortalOutcome>(new PortalOutcome.Show(Tokens(visit)));
            case "authorize":
                portals.Change(visit.Tenant.Id, state => PortalRules.Authorize(state, form.Text("application"), form.Text("tenant"), visit.Home.UserPrincipalName, clock.GetUtcNow()));
                return PortalOutcome.To("/settings/siem?done=authorized");
            case "remove":
                var application = form.Id("application");
                portals.Change(visit.Tenant.Id, state => PortalRules.Withdraw(state, application));
                return PortalOutcome.To("/settings/siem?done=removed");
            default:
                throw new PortalRefusedException("The form asks for nothing that is known here.");
        }
    }

    private static Markup Disabled(PortalVisit visit) => Markup.Of($"""
        <section><h2>SIEM integration</h2><p>Not enabled. Enabling creates the application <code>{AppName}</code> in this tenant. It takes a Security Administrator who is also a Global,
        Cloud Application or Application Administrator, or a Global Administrator.</p>{visit.Form("/settings/siem", Markup.Of($"<button name=\"act\" value=\"enable\">Enable SIEM integration</button>"))}</section>
        """);

    private static Markup Enabled(PortalVisit visit, Guid app) => Markup.Of($"""
        <section><h2>SIEM connector access details</h2>{Values(Addresses(visit, app))}<p class="soft">The client secret was shown once, when the integration was enabled. If it is lost, make a new one at the application's registration.</p>
        {visit.Form("/settings/siem", Markup.Of($"<div class=\"acts\"><button name=\"act\" value=\"tokens\">Generate tokens</button> {Files(visit, app)}</div>"))}</section>
        """);

    private static Markup Values(ConnectorAddresses addresses) => Markup.Of($"""
        <dl><dt>Client ID</dt><dd><code>{addresses.Application}</code></dd><dt>Authorization server URL</dt><dd><code>{addresses.Authorize}</code></dd><dt>Token URL</dt><dd><code>{addresses.Token}</code></dd>
        <dt>Resource</dt><dd><code>{ConnectorAddresses.Resource}</code></dd><dt>Alerts URL</dt><dd><code>{addresses.Alerts}</code></dd></dl>
        """);

    private static Markup Files(PortalVisit visit, Guid app) => Markup.Of(
        $"<a class=\"button quiet\" href=\"{visit.Root}/settings/siem/arcsight.zip?application={app}\">ArcSight files</a> <a class=\"button quiet\" href=\"{visit.Root}/settings/siem/splunk.txt?application={app}\">Splunk settings</a>");

    private static Markup Mssp(PortalVisit visit, PortalForm? sent) => Markup.Of($"""
        <section id="mssp"><h2>MSSP</h2><p>Authorize a managed security service provider's application to fetch this tenant's alerts. The secret must be written into the connector's files by hand.</p>
        {visit.Form("/settings/siem", Markup.Of($"""
            <label>Application ID <input type="text" name="application" value="{sent?.Text("application")}" required autocomplete="off"></label>
            <label>Tenant ID <input type="text" name="tenant" value="{sent?.Text("tenant")}" required autocomplete="off"></label><button name="act" value="authorize">Authorize application</button>
            """))}
        {Markup.When(visit.State.Siem.Authorized.Count > 0, $"""
            <h2>Authorized applications</h2><table><thead><tr><th>Application ID</th><th>Tenant ID</th><th>Authorized by</th><th>When (UTC)</th><th></th></tr></thead><tbody>
            {Markup.Each(visit.State.Siem.Authorized, known => Markup.Of($"""
                <tr><td data-name="Application ID"><code>{known.ApplicationId}</code></td><td data-name="Tenant ID"><code>{known.TenantId}</code></td><td data-name="Authorized by">{known.By}</td><td data-name="When">{known.At:yyyy-MM-dd HH:mm}</td>
                <td><div class="acts">{Files(visit, known.ApplicationId)} {visit.Form("/settings/siem", Markup.Of($"<input type=\"hidden\" name=\"application\" value=\"{known.ApplicationId}\"><button class=\"danger\" name=\"act\" value=\"remove\">Remove</button>"))}</div></td></tr>
                """))}</tbody></table>
            """)}</section>
        """);

    private PortalPage Enable(PortalVisit visit)
    {
        if (visit.State.Siem.Enabled) throw new PortalRefusedException("The SIEM integration is enabled already.");
        var roles = visit.User.Roles;
        var may = roles.Contains(DirectoryRoles.GlobalAdministrator)
            || (roles.Contains(DirectoryRoles.SecurityAdministrator) && (roles.Contains(DirectoryRoles.CloudApplicationAdministrator) || roles.Contains(DirectoryRoles.ApplicationAdministrator)));
        if (!may) throw new PortalForbiddenException("Security Administrator together with Global, Cloud Application or Application Administrator");
        var secret = PortalSessions.Draw();
        var appId = directory.NewAppId(visit.Tenant.Id, AppName);
        var app = new TwinApp
        {
            AppId = appId,
            ObjectId = directory.NewId("registration", appId.ToString()),
            HomeTenantId = visit.Tenant.Id,
            DisplayName = AppName,
            Redirects = [new TwinRedirect(ConnectorFiles.Redirect)],
            Secrets = [new TwinSecret(Guid.NewGuid(), SecretDigest.Of(secret), secret[..3], clock.GetUtcNow() + SecretLife)],
        };
        portals.Change(visit.Tenant.Id, state => state.Siem.Enabled ? throw new PortalRefusedException("The SIEM integration is enabled already.") : state with { Siem = state.Siem with { Enabled = true, ApplicationId = appId } });
        directory.AddApp(app);
        directory.Grant(visit.Tenant.Id, app, ConsentRules.StaticList(app).ToList(), null);
        return new PortalPage("portal-siem-enabled", "SIEM integration is enabled", Markup.Of($"""
            <section><h2>SIEM connector access details</h2>{Values(Addresses(visit, appId))}<p><strong>Client secret</strong>, shown this once:</p><code class="secret">{secret}</code>
            {visit.Form("/settings/siem", Markup.Of($"""
                <input type="hidden" name="secret" value="{secret}"><div class="acts"><button name="act" value="details">Save details to file</button>
                <a class="button quiet" href="{visit.Root}/settings/siem">Done</a></div>
                """))}</section>
            """));
    }

    private static PortalOutcome.File Details(PortalVisit visit, string secret)
    {
        if (visit.State.Siem.ApplicationId is not { } app) throw new PortalRefusedException("The SIEM integration is not enabled.");
        if (secret.Length > 200 || !secret.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')) throw new PortalRefusedException("The secret is not one that this page made.");
        return new PortalOutcome.File("WDATP-SIEM-details.txt", "text/plain; charset=utf-8", ConnectorFiles.Details(Addresses(visit, app), secret));
    }

    private PortalPage Tokens(PortalVisit visit)
    {
        if (visit.State.Siem.ApplicationId is not { } id || directory.FindApp(id) is not { } app) throw new PortalRefusedException("The connector's application is gone; its registration was deleted.");
        if (signIn.Issue(visit.Context, app, visit.Tenant, visit.Home, ConnectorAddresses.Resource) is not TokenAnswer.IssuedLegacy { Body: var body }) throw new PortalRefusedException("Sign-in gives the connector's application no tokens: its consent was taken away.");
        return new PortalPage("portal-siem-tokens", "Tokens of the SIEM connector", Markup.Of($"""
            <section><p>Shown this once. The access token holds for an hour; generate a new refresh token every 90 days.</p>
            <h2>Access token</h2><code class="secret">{body.AccessToken}</code><h2>Refresh token</h2><code class="secret">{body.RefreshToken}</code>
            <p><a class="button quiet" href="{visit.Root}/settings/siem">Done</a></p></section>
            """));
    }

    private static ConnectorAddresses Asked(PortalVisit visit)
    {
        visit.Require(DefenderPermission.ManagePortalSystemSettings);
        var siem = visit.State.Siem;
        return Guid.TryParse(visit.Query("application"), out var app) && (siem.ApplicationId == app || siem.Authorized.Any(known => known.ApplicationId == app))
            ? Addresses(visit, app)
            : throw new PortalMissingException("Files are made for the tenant's own connector and for authorized applications only.");
    }

    private static ConnectorAddresses Addresses(PortalVisit visit, Guid app) => new(visit.Tenant.Id, app, TwinAddress.Origin(visit.Context));
}
