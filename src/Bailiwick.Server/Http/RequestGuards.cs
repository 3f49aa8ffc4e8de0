using Bailiwick.Api;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Server.Http;

/// <summary>What is refused before anything looks at the request: addresses over 8 KiB and hosts this hub does not answer for (DNS rebinding).</summary>
internal sealed class RequestGuards
{
    public const int MaxAddressBytes = 8 * 1024;

    private readonly HashSet<string>? _hosts;

    /// <param name="urls">The addresses listened on; one for all interfaces switches the host check off unless <paramref name="hosts"/> names some.</param>
    /// <param name="hosts">Further names.</param>
    public RequestGuards(IEnumerable<string> urls, IReadOnlyList<string> hosts)
    {
        var names = new HashSet<string>(hosts, StringComparer.OrdinalIgnoreCase);
        foreach (var url in urls.Select(text => new Uri(text)))
        {
            if (url.Host is "0.0.0.0" or "[::]" or "*" or "+")
            {
                if (hosts.Count == 0) return;
            }
            else if (url.IsLoopback)
            {
                names.UnionWith(["localhost", "127.0.0.1", "[::1]"]);
            }
            else
            {
                names.Add(url.Host);
            }
        }

        _hosts = names;
    }

    public Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Path.Value?.Length + request.QueryString.Value?.Length > MaxAddressBytes)
        {
            return Answers.WriteAsync(context, Problems.AddressTooLong, $"Keep the address within {MaxAddressBytes} characters.");
        }

        return _hosts is null || _hosts.Contains(request.Host.Host)
            ? next(context)
            : Answers.WriteAsync(context, Problems.Misdirected, "Ask this hub by a name it listens on, or add the name to its setting Hosts.");
    }
}
