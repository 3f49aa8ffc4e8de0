using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Tokens;

/// <summary>
/// The issuer a client may expect: its own origin when it asked one of the twin's names, else the twin's default origin; Microsoft's spelling only in proxy mode.
/// Source of the forms: access-token-claims-reference, 2025.
/// </summary>
internal sealed class IssuerNames(IssuerMode mode, Func<string> defaultOrigin)
{
    public string V1(HttpContext context, Guid tenant) => V1(context, tenant.ToString());

    public string V2(HttpContext context, Guid tenant) => V2(context, tenant.ToString());

    public string V1(HttpContext context, string tenant) => mode == IssuerMode.Microsoft ? $"https://sts.windows.net/{tenant}/" : $"{Origin(context)}/{tenant}/";

    public string V2(HttpContext context, string tenant) => mode == IssuerMode.Microsoft ? $"https://login.microsoftonline.com/{tenant}/v2.0" : $"{Origin(context)}/{tenant}/v2.0";

    private string Origin(HttpContext context) => TwinAddress.IsOwn(context.Request.Host.Host) ? TwinAddress.Origin(context) : defaultOrigin();
}
