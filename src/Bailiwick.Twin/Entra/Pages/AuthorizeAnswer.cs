using System.Text;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>Sends the person's browser back to the client with the answer, the way <c>response_mode</c> says. Source: v2-oauth2-auth-code-flow, 2025.</summary>
internal static class AuthorizeAnswer
{
    public static Task SendAsync(HttpContext context, SignInRequest request, IReadOnlyList<(string Name, string Value)> parameters)
    {
        var target = WithPath(request.RedirectUri);
        if (request.ResponseMode == "form_post") return PostAsync(context, target, parameters);
        var encoded = string.Join('&', parameters.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
        var joint = request.ResponseMode == "fragment" ? "#" : target.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = target + joint + encoded;
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpContext context, SignInRequest request, EntraError error, TimeProvider clock, bool cancelled = false)
    {
        var (description, _, _, _) = ErrorAnswer.Describe(context, error, clock);
        List<(string Name, string Value)> parameters = [("error", error.Error), ("error_description", description), ("error_uri", $"{TwinAddress.Origin(context)}/error?code={error.Code}")];
        if (cancelled) parameters.Add(("error_subcode", "cancel"));
        if (request.State is not null) parameters.Add(("state", request.State));
        return SendAsync(context, request, parameters);
    }

    /// <summary>A URI without a path gets a slash, as reply-url (2022) says.</summary>
    private static string WithPath(string uri)
    {
        var authority = uri.IndexOf("://", StringComparison.Ordinal) + 3;
        if (uri.IndexOf('/', authority) >= 0) return uri;
        var query = uri.IndexOf('?', authority);
        return query < 0 ? uri + "/" : uri.Insert(query, "/");
    }

    private static Task PostAsync(HttpContext context, string target, IReadOnlyList<(string Name, string Value)> parameters)
    {
        var form = new StringBuilder($"<form method=\"post\" action=\"{Html.Encode(target)}\">");
        foreach (var (name, value) in parameters) form.Append($"<input type=\"hidden\" name=\"{Html.Encode(name)}\" value=\"{Html.Encode(value)}\">");
        form.Append("<button>Continue</button></form>");
        return Html.WriteAsync(context, "form-post", "Working…", form.ToString(), script: "/twin/post.js");
    }
}
