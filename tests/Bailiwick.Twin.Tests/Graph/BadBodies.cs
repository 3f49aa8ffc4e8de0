using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.Graph;

namespace Bailiwick.Twin.Tests.Graph;

/// <summary>A body that a write accepts, from which bad ones are made.</summary>
/// <param name="Json">Null for a write that reads no body.</param>
/// <param name="EmptyIsFine">True where an object without properties asks for the defaults.</param>
/// <param name="Open">Name of an object whose properties anybody may choose; null: there is none.</param>
public sealed record BodySample(string? Json, bool EmptyIsFine = false, string? Open = null);

/// <summary>
/// Sends bodies that no write may accept to every write of a table of routes: each must be refused as a mistake of the caller's, in the error envelope, and leave everything that can
/// be read as it was; the good body is then accepted, so that the refusals had no other reason.
/// </summary>
/// <param name="table">The routes; reads among them are the state that is compared.</param>
/// <param name="fill">Turns a route of the table into a path that exists.</param>
/// <param name="samples">A good body for each write, by <c>METHOD /route</c>.</param>
/// <param name="send">Sends a request whose address is the filled path; adds base and token.</param>
/// <param name="seed">Of all choices.</param>
internal sealed class BadBodies(IReadOnlyList<GraphRoute> table, Func<GraphRoute, string> fill, IReadOnlyDictionary<string, BodySample> samples, Func<HttpRequestMessage, Task<HttpResponseMessage>> send, int seed)
{
    private const string High = "\\ud800";
    private readonly Random _random = new(seed);

    /// <summary>Bodies sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>Runs all of it; the answer lists what was wrong, one line each, empty when nothing was.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        List<string> faults = [];
        foreach (var route in table.Where(route => route.Method is "POST" or "PATCH" or "PUT").DistinctBy(route => (route.Method, route.Path)))
        {
            if (!samples.TryGetValue($"{route.Method} {route.Path}", out var sample)) faults.Add($"{route.Method} {route.Path} has no sample.");
            else if (sample.Json is not null) await TryAsync(route, sample, faults);
        }

        return faults;
    }

    private async Task TryAsync(GraphRoute route, BodySample sample, List<string> faults)
    {
        var path = fill(route);
        var before = await StateAsync();
        foreach (var (what, body) in Bodies(route, sample))
        {
            Sent++;
            using var answer = await SendAsync(new HttpMethod(route.Method), path, body);
            var text = await answer.Content.ReadAsStringAsync();
            if (Wrong((int)answer.StatusCode, text) is { } wrong) faults.Add($"{route.Method} {path}, {what}: {wrong}");
        }

        var after = await StateAsync();
        faults.AddRange(before.Keys.Where(key => before[key] != after[key]).Select(key => $"{route.Method} {path} changed what {key} answers: {Difference(before[key], after[key])}"));
        using var good = await SendAsync(new HttpMethod(route.Method), path, Encoding.UTF8.GetBytes(sample.Json!));
        if (!good.IsSuccessStatusCode) faults.Add($"{route.Method} {path} refuses its sample: {(int)good.StatusCode} {await good.Content.ReadAsStringAsync()}");
    }

    private IEnumerable<(string What, byte[] Body)> Bodies(GraphRoute route, BodySample sample)
    {
        var json = sample.Json!;
        yield return ("no body", []);
        foreach (var body in (string[])["null", "[]", "[{}]", "17", "true", "\"text\"", "{", "{\"a\":", json + "}", $"[{json}]"]) yield return ($"the body {Short(body)}", Encoding.UTF8.GetBytes(body));
        yield return ("broken UTF-8", [.. "{\""u8, 0xC3, 0x28, .. "\":1}"u8]);
        yield return ("a body nested 2000 deep", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 2000)) + "1" + new string('}', 2000)));
        if (route.Method == "POST" && !sample.EmptyIsFine) yield return ("an empty object", "{}"u8.ToArray());
        var places = Places((JsonObject)JsonNode.Parse(json)!, []).ToList();
        foreach (var (path, node) in places)
        {
            foreach (var bad in Replacements(node)) yield return ($"{string.Join('/', path)} as {Short(bad)}", With(json, path, bad));
            if (node is JsonObject && path[^1] != sample.Open) yield return ($"an unknown property in {string.Join('/', path)}", With(json, path, node.ToJsonString()[..^1] + $"{(((JsonObject)node).Count > 0 ? "," : "")}\"{Name()}\":1}}"));
        }

        yield return ("an unknown property", Encoding.UTF8.GetBytes($"{{\"{Name()}\":{_random.Next(100)},{json.TrimStart()[1..]}"));
        yield return ("a property name with a lone surrogate", Encoding.UTF8.GetBytes($"{{\"{Name()}{High}\":1,{json.TrimStart()[1..]}"));
        var first = places[_random.Next(places.Count)].Path[0];
        var twice = JsonNode.Parse(json)![first]!.ToJsonString();
        yield return ($"{first} twice", Encoding.UTF8.GetBytes($"{{\"{first}\":{twice},{json.TrimStart()[1..]}"));
        yield return ($"{first} twice, once escaped", Encoding.UTF8.GetBytes($"{{\"\\u{(int)first[0]:x4}{first[1..]}\":{twice},{json.TrimStart()[1..]}"));
    }

    private IEnumerable<string> Replacements(JsonNode node)
    {
        var kind = node.GetValueKind();
        if (kind != JsonValueKind.Number) yield return "17";
        if (kind == JsonValueKind.Number) yield return "-1";
        yield return "1e400";
        yield return "99999999999999999999999999";
        if (kind is not (JsonValueKind.True or JsonValueKind.False)) yield return _random.Next(2) == 0 ? "true" : "false";
        if (kind != JsonValueKind.String) yield return "\"text\"";
        yield return kind == JsonValueKind.Object ? "[]" : $"{{\"{Name()}\":1}}";
        yield return "[null]";
        yield return "[[1]]";
        yield return new string('[', 50) + new string(']', 50);
        if (kind != JsonValueKind.String) yield break;
        if (Guid.TryParse(node.GetValue<string>(), out _)) yield return "\"not-an-id\"";
        if (DateTimeOffset.TryParse(node.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture, out _)) yield return "\"yesterday\"";
        yield return $"\"{new string((char)_random.Next('a', 'z'), 20_000)}\"";
        yield return $"\"a{High}b\"";
    }

    /// <summary>Every property below an object, those of the first element of a list too.</summary>
    private static IEnumerable<(IReadOnlyList<string> Path, JsonNode Node)> Places(JsonObject parent, IReadOnlyList<string> path)
    {
        foreach (var (name, value) in parent)
        {
            IReadOnlyList<string> here = [.. path, name];
            yield return (here, value!);
            var inner = value as JsonObject ?? (value as JsonArray)?.FirstOrDefault() as JsonObject;
            if (inner is null) continue;
            foreach (var place in Places(inner, value is JsonArray ? [.. here, "0"] : here)) yield return place;
        }
    }

    private static byte[] With(string json, IReadOnlyList<string> path, string raw)
    {
        var whole = JsonNode.Parse(json)!;
        var parent = whole;
        foreach (var name in path.SkipLast(1)) parent = parent is JsonArray list ? list[int.Parse(name)]! : parent[name]!;
        parent[path[^1]] = "\u0001here";
        return Encoding.UTF8.GetBytes(whole.ToJsonString().Replace("\"\\u0001here\"", raw, StringComparison.Ordinal));
    }

    private static string? Wrong(int status, string text)
    {
        if (status is < 400 or >= 500) return $"{status} {Short(text)}";
        if (status is 401 or 403 or 404 or 405) return $"{status}, which says nothing about the body: {Short(text)}";
        try
        {
            using var document = JsonDocument.Parse(text);
            var error = document.RootElement.GetProperty("error");
            var complete = error.GetProperty("code").GetString() is { Length: > 0 } && error.GetProperty("message").GetString() is { Length: > 0 } && Guid.TryParse(error.GetProperty("innerError").GetProperty("request-id").GetString(), out _);
            return complete ? null : $"an incomplete error: {Short(text)}";
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"no error envelope: {Short(text)}";
        }
    }

    /// <summary>What can be read: bodies of answers, and the status alone where there is none to compare.</summary>
    private async Task<Dictionary<string, string>> StateAsync()
    {
        Dictionary<string, string> state = [];
        foreach (var route in table.Where(route => route.Method == "GET" && !route.Path.Contains("delta", StringComparison.Ordinal)))
        {
            var path = fill(route);
            if (state.ContainsKey(path)) continue;
            using var answer = await SendAsync(HttpMethod.Get, path, null);
            state[path] = answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : ((int)answer.StatusCode).ToString();
        }

        return state;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, byte[]? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await send(request);
    }

    private string Name() => "z" + _random.Next(0x10000).ToString("x4");

    private static string Short(string text) => text.Length <= 160 ? text : text[..160] + "…";

    private static string Difference(string before, string after)
    {
        var at = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"'{Short(before[Math.Max(0, at - 20)..])}' became '{Short(after[Math.Max(0, at - 20)..])}'";
    }
}
