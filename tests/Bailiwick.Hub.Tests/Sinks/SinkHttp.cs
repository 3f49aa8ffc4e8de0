using System.Text.Json;

namespace Bailiwick.Hub.Tests.Sinks;

/// <summary>What the tests of sinks over HTTP share.</summary>
internal static class SinkHttp
{
    /// <summary>Other people's clients and what they need.</summary>
    public const string NodeScripts = "tests/Bailiwick.Hub.Tests/Sinks/node";

    public static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    public static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
