using System.Globalization;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Import;

/// <summary>Replaces tenant fields and shifts times inside a record's own bytes; everything else stays as it was.</summary>
internal static class ImportEdit
{
    /// <summary>Edits one record.</summary>
    /// <param name="record">The JSON object.</param>
    /// <param name="options">Whose tenant id to write, unless it is to be kept.</param>
    /// <param name="shift">Whole seconds to add to every time; 0 leaves them.</param>
    public static byte[] Apply(ReadOnlySpan<byte> record, ImportOptions options, long shift)
    {
        if (options.KeepTenant && shift == 0) return record.ToArray();
        var tenant = Encoding.UTF8.GetBytes(options.Tenant.ToString("D"));
        var old = OwnTenant(record);
        var splices = new List<JsonEdit.Splice>();
        var names = new string?[65];
        var reader = new Utf8JsonReader(record);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) names[reader.CurrentDepth] = reader.GetString();
            if (reader.TokenType != JsonTokenType.String) continue;
            var start = (int)reader.TokenStartIndex + 1;
            var value = record[start..((int)reader.BytesConsumed - 1)];
            var name = names[reader.CurrentDepth];
            if (!options.KeepTenant && IsTenantField(name, reader.CurrentDepth, names, value, old)) splices.Add(new JsonEdit.Splice(start, value.Length, tenant));
            else if (!options.KeepTenant && IsPortalLink(name, value)) Link(splices, start, value, tenant);
            else if (shift != 0 && Shifted(value, shift) is { } time) splices.Add(new JsonEdit.Splice(start, time.Length, time));
        }

        return JsonEdit.Apply(record, splices);
    }

    private static byte[] OwnTenant(ReadOnlySpan<byte> record)
    {
        var places = JsonEdit.Top(record);
        foreach (var name in (ReadOnlySpan<string>)["tenantId", "aadTenantId"])
        {
            if (places.TryGetValue(name, out var place) && place.Kind == JsonTokenType.String) return record.Slice(place.Start + 1, place.Length - 2).ToArray();
        }

        return [];
    }

    private static bool IsTenantField(string? name, int depth, string?[] names, ReadOnlySpan<byte> value, ReadOnlySpan<byte> old)
    {
        if (name is not ("tenantId" or "aadTenantId")) return false;
        return depth == 1 || (depth == 3 && names[1] == "alerts") || (old.Length > 0 && value.SequenceEqual(old));
    }

    private static bool IsPortalLink(string? name, ReadOnlySpan<byte> value) =>
        value.IndexOf("tid="u8) > 0
        && (name is "alertWebUrl" or "incidentWebUrl" or "incidentUri"
            || value.StartsWith("https://security.microsoft.com/"u8) || value.StartsWith("https://securitycenter."u8));

    private static void Link(List<JsonEdit.Splice> splices, int start, ReadOnlySpan<byte> value, byte[] tenant)
    {
        for (var at = 0; value[at..].IndexOf("tid="u8) is var next and >= 0;)
        {
            var found = at + next;
            at = found + 4;
            if (found > 0 && value[found - 1] is not ((byte)'?' or (byte)'&' or (byte)'6')) continue;
            var length = value[at..].IndexOfAny("&#\\"u8);
            if (length < 0) length = value.Length - at;
            splices.Add(new JsonEdit.Splice(start + at, length, tenant));
            at += length;
        }
    }

    private static byte[]? Shifted(ReadOnlySpan<byte> value, long seconds)
    {
        if (value.Length < 19 || value[10] != 'T' || !WireTime.TryParse(value, out _)) return null;
        var local = DateTime.ParseExact(Encoding.ASCII.GetString(value[..19]), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None);
        if (local.Year is < 1900 or > 9000) return null;
        return Encoding.ASCII.GetBytes(local.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
    }
}
