using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Cli.Commands;

/// <summary>Speaks to the control port of a running twin, for the commands below <c>bailiwick twin</c>.</summary>
internal static class TwinControl
{
    /// <summary>Where the twin listens for commands.</summary>
    public static Option<string> Option() => new("--control") { Description = "The twin's control address", DefaultValueFactory = _ => "http://127.0.0.1:8491", HelpName = "URL" };

    /// <summary>Sends one request.</summary>
    /// <param name="surroundings">Of the command.</param>
    /// <param name="address">As given by <see cref="Option"/>.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path and query below the address.</param>
    /// <param name="body">JSON, or null.</param>
    /// <param name="undone">What a refusal means for the person, without a full stop: "nothing was imported".</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The answer; an empty object where there is none.</returns>
    /// <exception cref="UsageException">The twin refused; the message holds its sentence.</exception>
    /// <exception cref="HttpRequestException">No twin answers there.</exception>
    public static async Task<JsonNode> SendAsync(Surroundings surroundings, Uri address, HttpMethod method, string path, byte[]? body, string undone, CancellationToken cancellationToken)
    {
        using var http = HubConnection.Client(surroundings, address);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new UsageException($"The twin refused, {undone}: {Output.Words.Short(ReasonOf(text), 500)}");
        return Parse(text);
    }

    /// <summary>The twin's sentence, <c>{"error": "…"}</c>, or all it said.</summary>
    private static string ReasonOf(string text) => Parse(text) is JsonObject answer && answer["error"] is JsonValue error && error.TryGetValue<string>(out var sentence) ? sentence : text;

    private static JsonNode Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? new JsonObject();
        }
        catch (JsonException)
        {
            return text.Length == 0 ? new JsonObject() : JsonValue.Create(text);
        }
    }
}
