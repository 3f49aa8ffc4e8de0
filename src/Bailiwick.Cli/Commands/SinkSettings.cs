using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Cli.Commands;

/// <summary>Turns <c>--set name=value</c> into the settings object of a sink.</summary>
internal static class SinkSettings
{
    /// <summary>A value that is JSON (true, false, a number, "a text", [a list], {an object}) is taken as such, everything else as text.</summary>
    public static JsonElement Read(IEnumerable<string> pairs)
    {
        var settings = new JsonObject();
        foreach (var pair in pairs)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new UsageException($"--set {pair} has no value: write NAME=VALUE.");
            var name = pair[..at];
            if (settings.ContainsKey(name)) throw new UsageException($"--set {name} is given twice: keep one.");
            settings[name] = Value(pair[(at + 1)..]);
        }

        using var document = JsonDocument.Parse(settings.ToJsonString());
        return document.RootElement.Clone();
    }

    private static JsonNode? Value(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '"' or '[' or '{' || text is "true" or "false")) return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // 127.0.0.1:6514 begins like a number
        }
    }
}
