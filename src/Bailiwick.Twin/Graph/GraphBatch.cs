using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// <c>POST /$batch</c>: up to 20 requests, each sent through the twin's own pipeline as if it had come alone; an item whose predecessor failed is answered 424.
/// Source: json-batching, 2025.
/// </summary>
internal sealed class GraphBatch
{
    private const int Most = 20;

    /// <summary>What a batch may say; headers are checked apart.</summary>
    private static readonly EntityType Form = new("batch", Edm.Complex("requests", new EntityType(
        "batchRequest", Edm.Text("id", 256), Edm.Text("method", 16), Edm.Text("url", 16_384), Edm.Open("headers"), Edm.Open("body"), new EntityProperty("dependsOn", ValueKind.Text) { Many = true })) with { Many = true });

    private static readonly IReadOnlyList<string> Methods = ["GET", "POST", "PATCH", "PUT", "DELETE"];

    /// <summary>The pipeline that items go through; the host sets it once.</summary>
    public RequestDelegate? Pipeline { get; set; }

    /// <summary>Answers a batch; the caller was admitted.</summary>
    /// <exception cref="GraphRefusal">The batch as a whole is wrong.</exception>
    public async Task AnswerAsync(GraphCall call)
    {
        var items = Read(await call.ReadAsync());
        Dictionary<string, int> statuses = new(StringComparer.Ordinal);
        var responses = new JsonArray();
        foreach (var item in items)
        {
            var failed = item.DependsOn.FirstOrDefault(id => statuses.GetValueOrDefault(id) >= StatusCodes.Status400BadRequest);
            var (status, response) = failed is null ? await SendAsync(call, item) : (StatusCodes.Status424FailedDependency, Failed(item.Id, failed));
            statuses[item.Id] = status;
            responses.Add(response);
        }

        await call.WriteAsync(StatusCodes.Status200OK, new JsonObject { ["responses"] = responses });
    }

    private static List<Item> Read(JsonObject body)
    {
        if (body["requests"] is not JsonArray requests || requests.Count == 0) throw GraphRefusal.BadRequest("Invalid batch payload format: 'requests' must be a collection of 1 to 20 requests.", "BadRequest");
        if (requests.Count > Most) throw GraphRefusal.BadRequest($"Number of batch request steps exceeds the max value of {Most}.", "MaximumValueExceeded");
        List<Item> items = [];
        foreach (var request in requests)
        {
            if (request is not JsonObject item || Text(item, "id") is not { Length: > 0 } id || Text(item, "method")?.ToUpperInvariant() is not { } method || Text(item, "url") is not { Length: > 0 } url || !Methods.Contains(method))
                throw GraphRefusal.BadRequest("Invalid batch payload format: each request needs id, method and url.", "BadRequest");
            if (items.Exists(known => known.Id == id)) throw GraphRefusal.BadRequest($"Request Id {id} is not unique.", "BadRequest");
            var after = item["dependsOn"] is JsonArray list ? list.Select(value => value?.ToString() ?? "").ToList() : [];
            if (after.Exists(name => !items.Exists(known => known.Id == name))) throw GraphRefusal.BadRequest($"Request {id} depends on a request that does not stand before it.", "BadRequest");
            var headers = item["headers"] is JsonObject sent ? sent.Where(pair => pair.Value is JsonValue).ToDictionary(pair => pair.Key, pair => pair.Value!.ToString(), StringComparer.OrdinalIgnoreCase) : [];
            if (item["body"] is not null && !headers.ContainsKey("Content-Type")) throw GraphRefusal.BadRequest($"Request {id} has a body but no Content-Type header.", "BadRequest");
            items.Add(new Item(id, method, url, headers, item["body"], after));
        }

        CheckForm(body, requests);
        return items;
    }

    private static void CheckForm(JsonObject body, JsonArray requests)
    {
        try
        {
            Form.ReadNew(body);
        }
        catch (QueryRefusedException refusal)
        {
            throw GraphRefusal.BadRequest($"Invalid batch payload format: {refusal.Message}", "BadRequest");
        }

        if (requests.Any(request => request!["headers"] is { } headers && (headers is not JsonObject named || named.Any(pair => pair.Value?.GetValueKind() != JsonValueKind.String))))
            throw GraphRefusal.BadRequest("Invalid batch payload format: 'headers' must be an object of texts.", "BadRequest");
    }

    private async Task<(int Status, JsonObject Response)> SendAsync(GraphCall call, Item item)
    {
        var outer = call.Context.Request;
        var root = outer.Path.StartsWithSegments("/graph/beta") ? "/graph/beta" : "/graph/v1.0";
        var (path, query) = Split(item.Url);
        var body = item.Body is null ? [] : Encoding.UTF8.GetBytes(item.Body.ToJsonString());
        using var answer = new MemoryStream();
        var features = new FeatureCollection();
        var request = new HttpRequestFeature { Method = item.Method, Scheme = outer.Scheme, Protocol = outer.Protocol, Path = root + Uri.UnescapeDataString(path), QueryString = query, Body = new MemoryStream(body), Headers = new HeaderDictionary() };
        foreach (var name in new[] { "Authorization", "Host", "client-request-id" }) if (outer.Headers.TryGetValue(name, out var value)) request.Headers[name] = value;
        foreach (var (name, value) in item.Headers) if (!name.Equals("Host", StringComparison.OrdinalIgnoreCase)) request.Headers[name] = value;
        request.Headers.ContentLength = body.Length;
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(answer));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = call.Context.RequestAborted });
        var context = new DefaultHttpContext(features) { RequestServices = call.Context.RequestServices };
        await Pipeline!(context);
        await context.Response.CompleteAsync();
        var status = context.Response.StatusCode;
        var headers = new JsonObject();
        foreach (var name in new[] { "Content-Type", "Retry-After", "Location", "request-id" }) if (context.Response.Headers.TryGetValue(name, out var value)) headers[name] = value.ToString();
        var response = new JsonObject { ["id"] = item.Id, ["status"] = status, ["headers"] = headers };
        if (answer.Length > 0) response["body"] = Body(answer.ToArray(), context.Response.ContentType);
        return (status, response);
    }

    private static JsonNode? Body(byte[] bytes, string? type)
    {
        if (type?.Contains("json", StringComparison.OrdinalIgnoreCase) != true) return JsonValue.Create(type?.StartsWith("text/", StringComparison.OrdinalIgnoreCase) == true ? Encoding.UTF8.GetString(bytes) : Convert.ToBase64String(bytes));
        try
        {
            return JsonNode.Parse(bytes);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Convert.ToBase64String(bytes)); // an answer that a fault tore
        }
    }

    private static (string Path, string Query) Split(string url)
    {
        // Microsoft.Graph for .NET cuts five characters, "/v1.0", off the front; of an own address "/graph/v1.0/users" it leaves "h/v1.0/users"
        var plain = url.StartsWith('/') ? url : url.StartsWith("h/v1.0/", StringComparison.Ordinal) || url.StartsWith("h/beta/", StringComparison.Ordinal) ? url[6..] : "/" + url;
        var question = plain.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (plain, "") : (plain[..question], plain[question..]);
    }

    private static JsonObject Failed(string id, string after) => new()
    {
        ["id"] = id,
        ["status"] = StatusCodes.Status424FailedDependency,
        ["headers"] = new JsonObject { ["Content-Type"] = "application/json" },
        ["body"] = new JsonObject { ["error"] = new JsonObject { ["code"] = "FailedDependency", ["message"] = $"The request failed because it depended on request {after}, which failed." } },
    };

    private static string? Text(JsonObject item, string name) => item[name] is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;

    private sealed record Item(string Id, string Method, string Url, Dictionary<string, string> Headers, JsonNode? Body, IReadOnlyList<string> DependsOn);
}
