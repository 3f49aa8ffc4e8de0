using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Portal;

/// <summary>What stands around every page: whose portal it is, where else to go, who is signed in.</summary>
internal static class PortalLayout
{
    /// <summary>Nothing but the twin's own style sheet is loaded; pages need no script.</summary>
    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly IReadOnlyList<(string Path, string Name)> Places = [("/alerts", "Alerts"), ("/devices", "Devices"), ("/settings", "Settings")];

    /// <summary>Sends a page of a signed-in person.</summary>
    public static Task WriteAsync(PortalVisit visit, PortalPage page) => WriteAsync(visit.Context, page, Header(visit, page));

    /// <summary>Sends a page of nobody in particular.</summary>
    public static Task WriteAsync(HttpContext context, PortalPage page) => WriteAsync(context, page, Markup.Empty);

    private static Task WriteAsync(HttpContext context, PortalPage page, Markup header)
    {
        var html = Markup.Of($"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="twin-page" content="{page.Kind}"><title>{page.Title}</title>
            <link rel="icon" href="data:,"><link rel="stylesheet" href="/portal/style.css"></head>
            <body><a class="skip" href="#main">Skip to the page</a>
            <p class="brand"><strong>Defender portal</strong> of the twin <span>rehearsal, not Microsoft</span></p>
            {header}
            <main id="main"><h1>{page.Title}</h1>
            {Markup.When(page.Fault is not null, $"<p class=\"fault\" role=\"alert\">{page.Fault}</p>")}
            {Markup.When(page.Notice is not null, $"<p class=\"notice\" role=\"status\">{page.Notice}</p>")}
            {page.Body}
            </main></body></html>
            """);
        var response = context.Response;
        response.StatusCode = page.Status;
        response.ContentType = "text/html; charset=utf-8";
        Protect(response);
        return response.WriteAsync(html.ToString(), context.RequestAborted);
    }

    /// <summary>What every answer of the portal carries.</summary>
    public static void Protect(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    private static Markup Header(PortalVisit visit, PortalPage page)
    {
        var here = visit.Context.Request.Path.Value ?? "";
        return Markup.Of($"""
            <header><div class="tenant"><b>{visit.Tenant.DisplayName}</b> <small>{visit.Tenant.DefaultDomain}</small></div>
            <nav aria-label="Portal">{Markup.Each(Places, place => Place(visit, place, here))}</nav>
            <form action="/portal/signout" method="post" class="person"><input type="hidden" name="ctx" value="{visit.Token}">
            <span>{visit.Home.UserPrincipalName}{Markup.When(visit.User.IsGuest, $" <small>guest</small>")}</span><button class="quiet">Sign out</button></form></header>
            """);
    }

    private static Markup Place(PortalVisit visit, (string Path, string Name) place, string here) => here.StartsWith(visit.Root + place.Path, StringComparison.OrdinalIgnoreCase)
        ? Markup.Of($"<a href=\"{visit.Root}{place.Path}\" aria-current=\"page\">{place.Name}</a>")
        : Markup.Of($"<a href=\"{visit.Root}{place.Path}\">{place.Name}</a>");
}
