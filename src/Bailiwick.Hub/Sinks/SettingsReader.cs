using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks;

/// <summary>Reads one sink's settings strictly and collects every fault instead of stopping at the first. Not thread safe.</summary>
internal sealed class SettingsReader(JsonElement settings)
{
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _known = [];

    /// <summary>A text; null when absent.</summary>
    public string? Text(string name, bool required = false, int limit = 1024)
    {
        if (Member(name) is not { } value)
        {
            if (required) _faults.Add($"'{name}' is missing; it is a text.");
            return null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text)
        {
            _faults.Add($"'{name}' is not a text of one character or more.");
            return null;
        }

        if (text.Length <= limit && !text.Any(char.IsControl)) return text;
        _faults.Add($"'{name}' is longer than {limit} characters or holds a control character.");
        return null;
    }

    /// <summary>One of the words given; the first is the default.</summary>
    public string OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Member(name) is not { } value) return words[0];
        foreach (var word in words)
        {
            if (value.ValueKind == JsonValueKind.String && value.ValueEquals(word)) return word;
        }

        _faults.Add($"'{name}' is none of {string.Join(", ", words!)}.");
        return words[0];
    }

    /// <summary>A JSON format by name; ECS is the default.</summary>
    public AlertFormat Format(string name) => AlertFormats.Get(OneOf(name, AlertFormats.Names));

    /// <summary>A whole number within bounds.</summary>
    public int Whole(string name, int least, int most, int? fallback)
    {
        if (Member(name) is not { } value)
        {
            if (fallback is null) _faults.Add($"'{name}' is missing; it is a whole number from {least} to {most}.");
            return fallback ?? least;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most) return number;
        _faults.Add($"'{name}' is not a whole number from {least} to {most}.");
        return least;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool fallback)
    {
        if (Member(name) is not { } value) return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        _faults.Add($"'{name}' is neither true nor false.");
        return fallback;
    }

    /// <summary>Whether a setting is given at all.</summary>
    public bool Has(string name) => Member(name) is not null;

    /// <summary>A path from the root of the file system; null when absent.</summary>
    public string? FullPath(string name, bool required = false)
    {
        if (Text(name, required) is not { } path) return null;
        if (!Path.IsPathFullyQualified(path)) _faults.Add($"'{name}' is not a full path.");
        return path;
    }

    /// <summary>An http or https address without user, query and fragment; null when absent or faulty. Whether plain http is allowed, the outbound rules say.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="expected">What it looks like, for the fault.</param>
    /// <param name="accepts">What the kind asks besides; null for nothing.</param>
    public Uri? Address(string name, string expected, Func<Uri, bool>? accepts = null)
    {
        if (Text(name, required: true) is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var read) && (read.Scheme == Uri.UriSchemeHttps || read.Scheme == Uri.UriSchemeHttp)
            && read.UserInfo.Length == 0 && read.Query.Length == 0 && read.Fragment.Length == 0 && accepts?.Invoke(read) is not false) return read;
        _faults.Add($"'{name}' is not {expected}.");
        return null;
    }

    /// <summary>An id in the usual form of 32 hex digits with hyphens; empty when absent or faulty.</summary>
    public Guid Id(string name)
    {
        if (Text(name, required: true) is not { } text) return Guid.Empty;
        if (Guid.TryParseExact(text, "D", out var id) && id != Guid.Empty) return id;
        _faults.Add($"'{name}' is not an id such as 6b0f3c2e-5a41-4d7e-9c55-0f2f7c1b9a10.");
        return Guid.Empty;
    }

    /// <summary>Adds a fault that only the kind can see.</summary>
    public void Fault(string sentence) => _faults.Add(sentence);

    /// <summary>Every fault; call after all members were read.</summary>
    public IReadOnlyList<string> Faults()
    {
        if (settings.ValueKind != JsonValueKind.Object) return ["The settings are not a JSON object."];
        var seen = new HashSet<string>();
        foreach (var member in settings.EnumerateObject())
        {
            var name = new string([.. member.Name.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);
            if (!_known.Contains(member.Name)) _faults.Add($"'{name}' is not a setting of this kind; the settings are {string.Join(", ", _known.Order())}.");
            else if (!seen.Add(member.Name)) _faults.Add($"'{name}' stands twice.");
        }

        return _faults;
    }

    private JsonElement? Member(string name)
    {
        _known.Add(name);
        if (settings.ValueKind != JsonValueKind.Object || !settings.TryGetProperty(name, out var value)) return null;
        return value.ValueKind == JsonValueKind.Null ? null : value;
    }
}
