using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bailiwick.Twin.Control;

/// <summary>JSON of the control API: camelCase, enums by name, unknown members are mistakes.</summary>
internal static class ControlJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}
