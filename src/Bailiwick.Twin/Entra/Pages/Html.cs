using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>
/// Plain pages without script or inline style. Each carries <c>&lt;meta name="twin-page"&gt;</c> with its kind, and each form a hidden <c>ctx</c>, so that a program
/// can walk through sign-in: read the kind, post the fields named in <see cref="SignInPages"/>, follow.
/// </summary>
internal static class Html
{
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Sends a page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="kind">Machine-readable name of the page.</param>
    /// <param name="title">Heading.</param>
    /// <param name="body">Markup below the heading.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="error">AADSTS code the page is about, or null.</param>
    /// <param name="script">Path of a script of the twin's own, or null.</param>
    public static async Task WriteAsync(HttpContext context, string kind, string title, string body, int status = StatusCodes.Status200OK, long? error = null, string? script = null)
    {
        var page = new StringBuilder()
            .Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
            .Append($"<meta name=\"twin-page\" content=\"{kind}\">");
        if (error is not null) page.Append($"<meta name=\"twin-error\" content=\"{error}\">");
        page.Append($"<title>{Encode(title)}</title><link rel=\"stylesheet\" href=\"/twin/style.css\">");
        if (script is not null) page.Append($"<script src=\"{script}\" defer></script>");
        page.Append($"</head><body><main><p class=\"brand\">Twin sign-in <span>rehearsal, not Microsoft</span></p><h1>{Encode(title)}</h1>{body}</main></body></html>");
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.WriteAsync(page.ToString(), context.RequestAborted);
    }

    public const string PostScript = "document.forms[0].submit();";

    public const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --ground: #eef1f4; --accent: #0b5cad; --line: #c8d0d8; --bad: #a4262c; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8ebee; --paper: #22272d; --ground: #14171a; --accent: #6db3ff; --line: #47505a; --bad: #ff9a94; } }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { width: min(28rem, 94vw); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 2rem; margin: 1rem; overflow-wrap: anywhere; }
        .brand { margin: 0 0 1rem; font-weight: 600; } .brand span { font-weight: 400; opacity: .7; font-size: .85rem; margin-left: .4rem; }
        h1 { font-size: 1.4rem; margin: 0 0 1rem; }
        label { display: block; margin: .8rem 0; } input[type=text], input[type=password] { width: 100%; font: inherit; padding: .5rem; border: 1px solid var(--line); border-radius: 4px; background: inherit; color: inherit; }
        button { font: inherit; padding: .5rem 1.2rem; margin: .6rem .5rem 0 0; border: 1px solid var(--accent); border-radius: 4px; background: var(--accent); color: var(--paper); cursor: pointer; }
        button.quiet { background: none; color: inherit; border-color: var(--line); } button.account { display: block; width: 100%; text-align: left; background: none; color: inherit; border-color: var(--line); }
        .error { color: var(--bad); } ul { padding-left: 1.2rem; } small { opacity: .75; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        """;
}
