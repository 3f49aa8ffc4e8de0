using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Tokens;

/// <summary>Writes the connect pages: one heading, facts in a list, at most one button. Every value is encoded.</summary>
internal static class ConnectHtml
{
    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
        + "dt{font-weight:600;margin-top:.75rem}dd{margin:0}code{overflow-wrap:anywhere}"
        + "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.25rem;background:#0b5cad;color:#fff;cursor:pointer}button:focus{outline:3px solid #f0a500}";

    private static readonly string s_styleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static IResult Describe(ConnectDescription description)
    {
        var body = new StringBuilder("<h1>Connect a tenant</h1><p>You will sign in at Microsoft's sign-in service and be asked for consent. This hub never sees your password.</p><dl>");
        Fact(body, "Customer", description.CustomerName);
        Fact(body, "Tenant", description.Tenant.ToString());
        Fact(body, "Application", description.ApplicationName);
        Fact(body, "Client id", description.ClientId.ToString("D"));
        Fact(body, "Sign-in service", description.Login.AbsoluteUri);
        body.Append("<dt>Permissions asked for</dt>");
        foreach (var permission in description.Permissions) body.Append("<dd><code>").Append(Encode(permission)).Append("</code></dd>");
        Fact(body, "This link ends", description.ExpiresAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + " UTC");
        body.Append("</dl><form method=\"post\"><p><button>Continue to sign-in</button></p></form><p>Not expected? Close this page; nothing happens.</p>");
        return new Page(StatusCodes.Status200OK, "Connect a tenant", body.ToString(), description.Login.AbsoluteUri.TrimEnd('/'));
    }

    public static IResult Connected(TenantConnection connection)
    {
        var body = new StringBuilder("<h1>The tenant is connected</h1><p>You can close this page.</p><dl>");
        Fact(body, "Tenant", connection.Tenant.ToString());
        Fact(body, "Source", connection.Source);
        foreach (var also in connection.Also) Fact(body, "Further source", also);
        return new Page(StatusCodes.Status200OK, "Connected", body.Append("</dl>").ToString());
    }

    public static IResult Refused(string error, string detail)
    {
        var body = new StringBuilder("<h1>The tenant was not connected</h1><p>").Append(Encode(detail)).Append("</p><dl>");
        Fact(body, "Reason", error);
        return new Page(StatusCodes.Status400BadRequest, "Not connected", body.Append("</dl>").ToString());
    }

    public static IResult DeadLink() => new Page(
        StatusCodes.Status404NotFound,
        "Link not usable",
        "<h1>This link cannot be used</h1><p>It was used, has expired, or was opened in another browser first. Ask for a new one.</p>");

    private static void Fact(StringBuilder body, string name, string value) =>
        body.Append("<dt>").Append(name).Append("</dt><dd><code>").Append(Encode(value)).Append("</code></dd>");

    private static string Encode(string text) => HtmlEncoder.Default.Encode(new string([.. text.Select(c => IsBidi(c) ? '\uFFFD' : c)]));

    private static bool IsBidi(char c) => c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private sealed class Page(int status, string title, string body, string? formTarget = null) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.CacheControl = "no-store";

            // A form's redirect must be allowed by name as well: the sign-in service, on the one page that leads there.
            response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; style-src 'sha256-{s_styleHash}'; form-action 'self'{(formTarget is null ? "" : " " + formTarget)}; base-uri 'none'; frame-ancestors 'none'";
            return response.WriteAsync(
                $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} - Bailiwick</title><style>{Style}</style></head><body><main>{body}</main></body></html>",
                httpContext.RequestAborted);
        }
    }
}
