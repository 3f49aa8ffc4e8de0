using System.Text;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Pages;

/// <summary>
/// The pages of sign-in. Every form posts to <c>/{tenant}/…</c> with the hidden field <c>ctx</c> of its page. Kinds and further fields, stable for programs:
/// <list type="table">
/// <item><term><c>signin</c></term><description><c>/login</c>: <c>login</c> (user name), <c>passwd</c>; or <c>cancel=1</c></description></item>
/// <item><term><c>pick-account</c></term><description><c>/pick</c>: <c>account</c> (user name; empty for another account)</description></item>
/// <item><term><c>review</c></term><description><c>/review</c>: <c>decision</c> = <c>accept</c> or <c>decline</c> (a guest's first visit to the tenant)</description></item>
/// <item><term><c>consent</c></term><description><c>/consent</c>: <c>decision</c> = <c>accept</c> or <c>decline</c>, <c>onBehalf=on</c> when an administrator grants for everybody</description></item>
/// <item><term><c>admin-consent</c></term><description><c>/consent</c>: <c>decision</c> = <c>accept</c> or <c>decline</c></description></item>
/// <item><term><c>device-code</c></term><description><c>/devicelogin</c>: <c>user_code</c> (no <c>ctx</c>)</description></item>
/// <item><term><c>device-confirm</c></term><description><c>/deviceconfirm</c>: <c>decision</c> = <c>accept</c> or <c>decline</c></description></item>
/// <item><term><c>error</c>, <c>device-done</c>, <c>signed-out</c></term><description>ends; an error page names its code in <c>&lt;meta name="twin-error"&gt;</c></description></item>
/// </list>
/// </summary>
internal static class SignInPages
{
    public static Task SignInAsync(HttpContext context, string segment, string ctx, string appName, string? hint, EntraError? error = null) =>
        Html.WriteAsync(context, "signin", "Sign in", $"""
            <p>to continue to <strong>{Html.Encode(appName)}</strong></p>
            {(error is null ? "" : $"<p class=\"error\" role=\"alert\">{Html.Encode(error.Text)}</p>")}
            <form method="post" action="/{Html.Encode(segment)}/login">{Ctx(ctx)}
            <label>User name <input type="text" name="login" value="{Html.Encode(hint ?? "")}" autocomplete="username" required autofocus></label>
            <label>Password <input type="password" name="passwd" autocomplete="current-password" required></label>
            <button>Sign in</button><button class="quiet" name="cancel" value="1" formnovalidate>Cancel</button></form>
            """, error: error?.Code);

    public static Task PickAsync(HttpContext context, string segment, string ctx, string appName, IEnumerable<TwinUser> accounts)
    {
        var body = new StringBuilder($"<p>to continue to <strong>{Html.Encode(appName)}</strong></p><form method=\"post\" action=\"/{Html.Encode(segment)}/pick\">{Ctx(ctx)}");
        foreach (var account in accounts) body.Append($"<button class=\"account\" name=\"account\" value=\"{Html.Encode(account.UserPrincipalName)}\">{Html.Encode(account.DisplayName)}<br><small>{Html.Encode(account.UserPrincipalName)}</small></button>");
        body.Append("<button class=\"account\" name=\"account\" value=\"\">Use another account</button></form>");
        return Html.WriteAsync(context, "pick-account", "Pick an account", body.ToString());
    }

    public static Task ReviewAsync(HttpContext context, string segment, string ctx, TwinTenant tenant, TwinUser home) =>
        Html.WriteAsync(context, "review", "Review permissions", $"""
            <p><strong>{Html.Encode(tenant.DisplayName)}</strong> ({Html.Encode(tenant.DefaultDomain)}) would like to:</p>
            <ul><li>receive your profile data: name, mail address and photo</li><li>collect and log your activity there</li></ul>
            <p>You are signed in as {Html.Encode(home.UserPrincipalName)}.</p>
            {Decision(segment, "review", ctx, "")}
            """);

    public static Task ConsentAsync(HttpContext context, string segment, string ctx, TwinApp app, TwinTenant publisher, IEnumerable<TwinPermission> permissions, bool admin) =>
        Html.WriteAsync(context, "consent", "Permissions requested", $"""
            <p><strong>{Html.Encode(app.DisplayName)}</strong> of {Html.Encode(publisher.DisplayName)} would like to:</p>{List(permissions)}
            {Decision(segment, "consent", ctx, admin ? "<label><input type=\"checkbox\" name=\"onBehalf\"> Consent on behalf of your organization</label>" : "")}
            """);

    public static Task AdminConsentAsync(HttpContext context, string segment, string ctx, TwinApp app, TwinTenant tenant, IEnumerable<TwinPermission> permissions) =>
        Html.WriteAsync(context, "admin-consent", "Permissions requested", $"""
            <p>Review for your organization, <strong>{Html.Encode(tenant.DisplayName)}</strong>.</p><p><strong>{Html.Encode(app.DisplayName)}</strong> would like to:</p>{List(permissions)}
            <p><small>If you accept, everybody in your organization grants this.</small></p>
            {Decision(segment, "consent", ctx, "")}
            """);

    public static Task DeviceCodeAsync(HttpContext context, EntraError? error = null) =>
        Html.WriteAsync(context, "device-code", "Enter code", $"""
            {(error is null ? "" : "<p class=\"error\" role=\"alert\">That code did not work. Check it and try again.</p>")}
            <form method="post" action="/devicelogin"><label>Code shown by your program or device <input type="text" name="user_code" autocomplete="off" required autofocus></label><button>Next</button></form>
            """, error: error?.Code);

    public static Task DeviceConfirmAsync(HttpContext context, string segment, string ctx, TwinApp app, TwinUser home) =>
        Html.WriteAsync(context, "device-confirm", $"Are you trying to sign in to {app.DisplayName}?", $"""
            <p>Only continue if you started this yourself. You are signed in as {Html.Encode(home.UserPrincipalName)}.</p>
            {Decision(segment, "deviceconfirm", ctx, "")}
            """);

    public static Task DoneAsync(HttpContext context, string kind, string title, string text) => Html.WriteAsync(context, kind, title, $"<p>{Html.Encode(text)}</p>");

    /// <summary>An error that must not be sent to any redirect URI, or has nowhere to go.</summary>
    public static Task ErrorAsync(HttpContext context, EntraError error, TimeProvider clock)
    {
        var (_, trace, correlation, timestamp) = ErrorAnswer.Describe(context, error, clock);
        return Html.WriteAsync(context, "error", "Sorry, but we’re having trouble signing you in.", $"""
            <p class="error" role="alert">AADSTS{error.Code}: {Html.Encode(error.Text)}</p>
            <p><small>Request Id: {trace}<br>Correlation Id: {correlation}<br>Timestamp: {timestamp}</small></p>
            """, status: error.Status == 401 ? StatusCodes.Status400BadRequest : error.Status, error: error.Code);
    }

    private static string Ctx(string ctx) => $"<input type=\"hidden\" name=\"ctx\" value=\"{ctx}\">";

    private static string Decision(string segment, string path, string ctx, string extra) =>
        $"<form method=\"post\" action=\"/{Html.Encode(segment)}/{path}\">{Ctx(ctx)}{extra}<button name=\"decision\" value=\"accept\">Accept</button><button class=\"quiet\" name=\"decision\" value=\"decline\">Cancel</button></form>";

    private static string List(IEnumerable<TwinPermission> permissions) =>
        $"<ul>{string.Concat(permissions.Select(permission => $"<li><code>{Html.Encode(permission.Name)}</code> <small>{(permission.Application ? "as the application itself" : "on your behalf")}, {Html.Encode(TwinResource.FindWellKnown(permission.Resource)?.Name ?? permission.Resource)}</small></li>"))}</ul>";
}
