using System.Text;
using Bailiwick.Api;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Tests.Server;

/// <summary>Turns mapped routes into requests.</summary>
internal static class Requests
{
    /// <summary>Methods and patterns as the routes of <see cref="Routes"/> write them.</summary>
    public static string NameOf(RouteEndpoint endpoint) => $"{MethodOf(endpoint)} {PatternOf(endpoint)}";

    public static string PatternOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    public static string MethodOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET";

    public static HttpRequestMessage To(RouteEndpoint endpoint, Func<string, string> valueOf, string body = "{}", string query = "")
    {
        var address = PatternOf(endpoint);
        foreach (var parameter in endpoint.RoutePattern.Parameters) address = address.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(valueOf(parameter.Name)), StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(MethodOf(endpoint)), new Uri(address + query, UriKind.Relative));
        if (request.Method == HttpMethod.Post) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }
}
