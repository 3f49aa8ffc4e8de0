using System.Text.Json;
using System.Text.RegularExpressions;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>A small validator of OCSF events against the schema's own source files: required attributes, types, enum values, constraints, nothing unknown.</summary>
internal sealed class OcsfSchema
{
    /// <summary>Before the names of classes, since an object may have the same.</summary>
    private const string Class = "class ";

    private readonly JsonElement _files;
    private readonly JsonElement _dictionary;
    private readonly JsonElement _types;
    private readonly HashSet<string> _observables;
    private readonly Dictionary<string, string> _byName = [];
    private readonly Dictionary<string, Dictionary<string, JsonElement[]>> _attributes = [];

    public OcsfSchema(string path)
    {
        _files = JsonDocument.Parse(File.ReadAllText(path)).RootElement;
        _dictionary = _files.GetProperty("dictionary.json").GetProperty("attributes");
        _types = _files.GetProperty("dictionary.json").GetProperty("types").GetProperty("attributes");
        _observables = ObservableTypes();
        foreach (var file in _files.EnumerateObject())
        {
            if (file.Name.StartsWith("events/", StringComparison.Ordinal)) _byName[Class + file.Value.GetProperty("name").GetString()!] = file.Name;
            if (file.Name.StartsWith("objects/", StringComparison.Ordinal)) _byName[file.Value.GetProperty("name").GetString()!] = file.Name;
        }
    }

    /// <summary>What is wrong with an event; nothing when it keeps to its class.</summary>
    public List<string> Validate(JsonElement document)
    {
        var faults = new List<string>();
        var name = document.GetProperty("class_uid").GetInt32() switch { 2004 => Class + "detection_finding", 2005 => Class + "incident_finding", var other => throw new FormatException($"class {other}") };
        var category = document.GetProperty("category_uid").GetInt32();
        var uid = (category * 1000) + _files.GetProperty(_byName[name]).GetProperty("uid").GetInt32();
        if (uid != document.GetProperty("class_uid").GetInt32()) faults.Add("class_uid");
        if (document.GetProperty("type_uid").GetInt64() != (uid * 100) + document.GetProperty("activity_id").GetInt32()) faults.Add("type_uid");
        Object(document, name, "", faults, isClass: true);
        return faults;
    }

    private void Object(JsonElement value, string name, string path, List<string> faults, bool isClass = false)
    {
        if (name == "object") return;
        var attributes = AttributesOf(name);
        foreach (var member in value.EnumerateObject())
        {
            if (!attributes.TryGetValue(member.Name, out var layers)) faults.Add($"{path}{member.Name} is unknown");
            else if (member.Name is not ("unmapped" or "raw_data")) Attribute(member.Value, member.Name, layers, path + member.Name, faults, isClass);
        }

        foreach (var (attribute, layers) in attributes)
        {
            if (Last(layers, "requirement")?.GetString() == "required" && !value.TryGetProperty(attribute, out _)) faults.Add($"{path}{attribute} is missing");
        }

        if (Constraints(name) is { } any && !any.Any(one => value.TryGetProperty(one, out _))) faults.Add($"{path} has none of {string.Join(", ", any)}");
    }

    private void Attribute(JsonElement value, string name, JsonElement[] layers, string path, List<string> faults, bool isClass)
    {
        var entry = _dictionary.GetProperty(name);
        var type = entry.GetProperty("type").GetString()!;
        var isArray = entry.TryGetProperty("is_array", out var array) && array.GetBoolean();
        if (value.ValueKind == JsonValueKind.Array != isArray && type != "json_t")
        {
            faults.Add($"{path} is{(isArray ? " no" : " an")} array");
            return;
        }

        foreach (var item in isArray ? value.EnumerateArray().ToArray() : [value])
        {
            if (!_types.TryGetProperty(type, out _))
            {
                if (item.ValueKind == JsonValueKind.Object) Object(item, type, path + ".", faults);
                else faults.Add($"{path} is no {type}");
            }
            else if (!IsType(item, type))
            {
                faults.Add($"{path} is no {type}: {item}");
            }

            if (type is not ("integer_t" or "string_t") || item.ValueKind is not (JsonValueKind.Number or JsonValueKind.String)) continue;
            var allowed = new[] { entry }.Concat(layers).Where(layer => layer.TryGetProperty("enum", out _)).SelectMany(layer => layer.GetProperty("enum").EnumerateObject()).Select(member => member.Name).ToHashSet();
            if (isClass && name is "class_uid" or "category_uid") continue; // checked with the type above
            if (path.EndsWith("observables.type_id", StringComparison.Ordinal)) allowed.UnionWith(_observables);
            if (allowed.Count > 0 && !allowed.Contains(item.ToString())) faults.Add($"{path} is none of its values: {item}");
        }
    }

    /// <summary>The numbers that types, attributes and objects name as observables; the schema's own enum is made of them.</summary>
    private HashSet<string> ObservableTypes() =>
        [.. _dictionary.EnumerateObject().Concat(_types.EnumerateObject()).Concat(_files.EnumerateObject())
            .Where(member => member.Value.TryGetProperty("observable", out _)).Select(member => member.Value.GetProperty("observable").ToString())];

    private bool IsType(JsonElement value, string type)
    {
        var definition = _types.GetProperty(type);
        var primitive = definition.TryGetProperty("type", out var parent) ? parent.GetString() : type;
        var fits = primitive switch
        {
            "string_t" => value.ValueKind == JsonValueKind.String,
            "integer_t" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
            "long_t" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "boolean_t" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "json_t" => true,
            _ => value.ValueKind == JsonValueKind.Number,
        };
        if (!fits) return false;
        if (definition.TryGetProperty("max_len", out var most) && value.GetString()!.Length > most.GetInt32()) return false;
        if (definition.TryGetProperty("range", out var range) && (value.GetInt64() < range[0].GetInt64() || value.GetInt64() > range[1].GetInt64())) return false;
        return !definition.TryGetProperty("regex", out var pattern) || Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(5));
    }

    /// <summary>Attributes with their layers, base first. What only a profile adds is left out: our events name no profile.</summary>
    private Dictionary<string, JsonElement[]> AttributesOf(string name)
    {
        if (_attributes.TryGetValue(name, out var known)) return known;
        var found = new Dictionary<string, JsonElement[]>();
        var file = _files.GetProperty(_byName[name]);
        if (file.TryGetProperty("extends", out var parent) && parent.GetString() != "object")
        {
            foreach (var (attribute, layers) in AttributesOf(ParentOf(name, parent))) found[attribute] = layers;
        }

        foreach (var attribute in file.GetProperty("attributes").EnumerateObject())
        {
            if (attribute.Name == "$include") continue;
            found[attribute.Name] = [.. found.GetValueOrDefault(attribute.Name, []), attribute.Value];
        }

        return _attributes[name] = found;
    }

    private string[]? Constraints(string name)
    {
        var file = _files.GetProperty(_byName[name]);
        if (file.TryGetProperty("constraints", out var own)) return own.TryGetProperty("at_least_one", out var any) ? [.. any.EnumerateArray().Select(item => item.GetString()!)] : null;
        return file.TryGetProperty("extends", out var parent) && parent.GetString() != "object" ? Constraints(ParentOf(name, parent)) : null;
    }

    private static string ParentOf(string name, JsonElement parent) => (name.StartsWith(Class, StringComparison.Ordinal) ? Class : "") + parent.GetString();

    private static JsonElement? Last(JsonElement[] layers, string name)
    {
        JsonElement? found = null;
        foreach (var layer in layers)
        {
            if (layer.TryGetProperty(name, out var value)) found = value;
        }

        return found;
    }
}
