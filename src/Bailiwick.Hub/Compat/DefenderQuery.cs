using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Compat;

/// <summary>What a connector of Defender's alert list asks for. Source: get-alerts (2025-03).</summary>
/// <param name="Filter">Null for all.</param>
/// <param name="Top">1 to <see cref="MaxTop"/>; null when not given: then the answer carries a link to what is left.</param>
/// <param name="Skip">0 or more.</param>
/// <param name="Order">The column of <c>alerts a</c> and its direction.</param>
internal sealed record DefenderQuery(DefenderFilter? Filter, int? Top, int Skip, string Order)
{
    /// <summary>The most alerts in one answer.</summary>
    public const int MaxTop = 10_000;

    /// <summary>Reads the address. Values without <c>$</c> are passed over, unknown ones with it are faults: they would change the answer.</summary>
    /// <exception cref="DefenderFilterException">A value cannot be read.</exception>
    public static DefenderQuery Read(IQueryCollection values)
    {
        if (values.Keys.FirstOrDefault(name => name.StartsWith('$') && name.ToLowerInvariant() is not ("$filter" or "$top" or "$skip" or "$expand" or "$orderby")) is not null)
            throw new DefenderFilterException("This address takes $filter, $top, $skip, $expand and $orderby.");
        if (Text("$expand") is { } expand && !expand.Equals("evidence", StringComparison.OrdinalIgnoreCase)) throw new DefenderFilterException("$expand takes evidence.");
        var top = Number("$top", 1, MaxTop);
        return new DefenderQuery(Text("$filter") is { } filter ? DefenderFilterParser.Parse(filter) : null, top, Number("$skip", 0, int.MaxValue - 1) ?? 0, ReadOrder(Text("$orderby")));

        string? Text(string name)
        {
            var given = values[name];
            if (given.Count > 1) throw new DefenderFilterException($"{name} is given once.");
            return given is [{ } text] && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        }

        int? Number(string name, int least, int most)
        {
            if (Text(name) is not { } text) return null;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new DefenderFilterException($"{name} is a whole number from {least} to {most}.");
        }
    }

    private static string ReadOrder(string? text)
    {
        var words = (text ?? "lastUpdateTime desc").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var column = words[0].ToLowerInvariant() switch
        {
            "lastupdatetime" => "updated_at",
            "alertcreationtime" => "created_at",
            _ => null,
        };
        var direction = words.Length == 1 ? "ASC" : words[^1].ToUpperInvariant();
        return column is not null && words.Length <= 2 && (direction is "ASC" or "DESC")
            ? $"{column} {direction}"
            : throw new DefenderFilterException("$orderby takes lastUpdateTime or alertCreationTime, then asc or desc.");
    }
}
