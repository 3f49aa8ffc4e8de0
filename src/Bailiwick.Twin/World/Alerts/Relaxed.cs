using System.Text.Encodings.Web;
using System.Text.Json;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>JSON as the planes write it: only what must be escaped is escaped.</summary>
internal static class Relaxed
{
    /// <summary>For whole documents; names in camel case, nulls left out when reading optional knobs.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For <see cref="Utf8JsonWriter"/>; the writers are ours, so their order of calls is not checked again.</summary>
    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
