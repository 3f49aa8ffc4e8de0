using System.Text.Json;

namespace Bailiwick.Hub.Tests.Sinks;

/// <summary>What the tests of sinks over HTTP share.</summary>
internal static class SinkHttp
{
    /// <summary>Other people's clients and what they need.</summary>
    public const string NodeScripts = "tests/Bailiwick.Hub.Tests/Sinks/node";

#pragma warning disable RS0030 // the sinks' seam takes any client; this one stands for the outbound factory's
    public static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
#pragma warning restore RS0030

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
