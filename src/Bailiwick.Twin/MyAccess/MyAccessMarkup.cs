using System.Text;
using Bailiwick.Twin.Entra.Pages;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.MyAccess;

/// <summary>
/// The frame of My Access' pages: plain markup, no inline style, no script but the one that follows a link's fragment. Each page names its kind in
/// <c>&lt;meta name="twin-page"&gt;</c>, each form carries the hidden field <c>ctx</c>.
/// </summary>
internal static class MyAccessMarkup
{
    public const string Style = Html.Style + """

        main { width: min(52rem, 94vw); align-self: start; } body { place-items: start center; }
        nav { margin-bottom: 1.2rem; } nav a { margin-right: 1rem; white-space: nowrap; } section, article { border-top: 1px solid var(--line); padding: .8rem 0; } h2 { font-size: 1.1rem; margin: 0 0 .5rem; } h3 { font-size: 1rem; margin: 0 0 .3rem; }
        textarea, select, input[type=date] { width: 100%; font: inherit; padding: .5rem; border: 1px solid var(--line); border-radius: 4px; background: inherit; color: inherit; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .3rem 0; } dt { opacity: .75; } dd { margin: 0; } form.row { display: inline; }
        """;

    /// <summary>The script of the first page: the fragment of a link as people get it becomes the path of the page.</summary>
    public const string Forward = "if (location.hash.startsWith('#/')) location.replace(location.pathname.replace(/\\/+$/, '') + location.hash.slice(1));";

    public static string Encode(string? text) => Html.Encode(text ?? "");

    /// <summary>A path below the plane as the browser knows it.</summary>
    public static string Path(HttpContext context, string below) => (TwinAddress.PrefixOf(context.Request.Host.Host) == "/myaccess" ? "" : "/myaccess") + below;

    /// <summary>Sends a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">Machine-readable name of the page.</param>
    /// <param name="tenant">The tenant whose access it is about; null where none is known.</param>
    /// <param name="title">Heading.</param>
    /// <param name="body">Markup below the heading.</param>
    /// <param name="person">Who is signed in, or null.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="forwards">The page follows fragments.</param>
    public static Task WriteAsync(HttpContext context, string kind, TwinTenant? tenant, string title, string body, TwinUser? person = null, int status = StatusCodes.Status200OK, bool forwards = false)
    {
        var page = new StringBuilder()
            .Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
            .Append($"<meta name=\"twin-page\" content=\"{kind}\"><title>{Encode(title)} - {Encode(tenant?.DisplayName ?? "My Access")}</title><link rel=\"stylesheet\" href=\"{Path(context, "/style.css")}\">");
        if (forwards) page.Append($"<script src=\"{Path(context, "/forward.js")}\" defer></script>");
        page.Append("</head><body><main><p class=\"brand\">My Access <span>rehearsal, not Microsoft</span></p>");
        if (tenant is not null)
        {
            var root = Encode(Path(context, $"/@{tenant.DefaultDomain}"));
            page.Append($"<p>Access to <strong>{Encode(tenant.DisplayName)}</strong> ({Encode(tenant.DefaultDomain)}){(person is null ? "" : $", signed in as {Encode(person.UserPrincipalName)}")}</p>");
            if (person is not null) page.Append($"<nav><a href=\"{root}\">My access</a><a href=\"{root}/request-approval\">Approvals</a><a href=\"{root}/access-reviews\">Access reviews</a><a href=\"{Path(context, "/signout")}\">Sign out</a></nav>");
        }

        page.Append($"<h1>{Encode(title)}</h1>{body}</main></body></html>");
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(page.ToString(), context.RequestAborted);
    }

    /// <summary>The beginning of a form with its token.</summary>
    public static string Form(HttpContext context, MyAccessSession session, string action, string? kind = null) =>
        $"<form method=\"post\" action=\"{Encode(Path(context, action))}\"{(kind is null ? "" : $" class=\"{kind}\"")}><input type=\"hidden\" name=\"ctx\" value=\"{session.TokenFor(action)}\">";

    public static string Fault(string? text) => text is null ? "" : $"<p class=\"error\" role=\"alert\">{Encode(text)}</p>";

    public static string Day(DateTimeOffset? time) => time is { } at ? at.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : "never";
}
