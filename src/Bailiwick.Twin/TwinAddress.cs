using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin;

/// <summary>
/// Which origin a client sees. In proxy mode it asks <c>graph.microsoft.com</c> for <c>/v1.0</c>; the host turns that into <c>/graph/v1.0</c> of its one port,
/// and answers that hold addresses must name the origin the client knows. Source of the host names: national-clouds and the Defender API pages, read 2025.
/// </summary>
public static class TwinAddress
{
    private static readonly FrozenDictionary<string, string> Prefixes = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["graph.microsoft.com"] = "/graph",
        ["graph.microsoft.us"] = "/graph",
        ["myaccess.microsoft.com"] = "/myaccess",
        ["api.securitycenter.microsoft.com"] = "/defender",
        ["api.securitycenter.windows.com"] = "/defender",
        ["api.security.microsoft.com"] = "/defender",
        ["eu.api.security.microsoft.com"] = "/defender",
        ["us.api.security.microsoft.com"] = "/defender",
        ["uk.api.security.microsoft.com"] = "/defender",
        ["au.api.security.microsoft.com"] = "/defender",
        ["api-eu.securitycenter.microsoft.com"] = "/defender",
        ["api-us.securitycenter.microsoft.com"] = "/defender",
        ["api-uk.securitycenter.microsoft.com"] = "/defender",
        ["api-gov.securitycenter.microsoft.us"] = "/defender",
        ["api-gcc.securitycenter.microsoft.us"] = "/defender",
        ["wdatp-alertexporter-eu.securitycenter.windows.com"] = "/exporter",
        ["wdatp-alertexporter-us.securitycenter.windows.com"] = "/exporter",
        ["wdatp-alertexporter-uk.securitycenter.windows.com"] = "/exporter",
        ["wdatp-alertexporter-us.gcc.securitycenter.windows.us"] = "/exporter",
        ["wdatp-alertexporter-us.securitycenter.windows.us"] = "/exporter",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Hosts of the sign-in service.</summary>
    internal static readonly IReadOnlyList<string> SignInHosts = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net", "login.microsoftonline.us"];

    /// <summary>Every real host name the twin can answer for.</summary>
    internal static IEnumerable<string> RealHosts => SignInHosts.Concat(Prefixes.Keys);

    /// <summary>The origin the client asked, without a trailing slash.</summary>
    public static string Origin(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host.Value}";

    /// <summary>The origin of sign-in as the client knows it, without a trailing slash: in proxy mode Microsoft's, else the twin's own.</summary>
    public static string SignInOrigin(HttpContext context) => IsReal(context.Request.Host.Host) ? "https://login.microsoftonline.com" : Origin(context);

    /// <summary>
    /// The base address of a plane as the client sees it, without a trailing slash: <c>https://localhost:9443/graph</c>, or <c>https://graph.microsoft.com</c> in proxy mode.
    /// Next links start with it.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="prefix"><c>/graph</c>, <c>/defender</c>, <c>/exporter</c> or <c>/myaccess</c>.</param>
    public static string PlaneBase(HttpContext context, string prefix) =>
        PrefixOf(context.Request.Host.Host) == prefix ? Origin(context) : Origin(context) + prefix;

    /// <summary>The prefix that stands for a real host, null for the twin's own names and for sign-in hosts.</summary>
    internal static string? PrefixOf(string host) => Prefixes.GetValueOrDefault(host);

    /// <summary>True for the names under which the twin is itself.</summary>
    internal static bool IsOwn(string host) => host is "localhost" or "127.0.0.1" or "[::1]" or "::1";

    /// <summary>True when the proxy answers for this host.</summary>
    internal static bool IsReal(string host) => Prefixes.ContainsKey(host) || SignInHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}
