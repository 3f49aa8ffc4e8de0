using System.Globalization;
using Bailiwick.Twin.OData;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.World.Alerts.Query;

/// <summary>The paging part of a list request's query options, read strictly.</summary>
internal sealed record PageOptions(string? Filter, int? Top, int Skip, int? SkipToken, bool Count, string? OrderBy, string? Expand)
{
    /// <summary>Rows before the page: as a link of the plane says, else as the caller does.</summary>
    public int Start => SkipToken ?? Skip;

    /// <summary>Reads the options that the plane knows; other <c>$</c> options are refused, other names ignored.</summary>
    /// <exception cref="QueryRefusedException">An unknown option or an impossible number.</exception>
    public static PageOptions Read(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        foreach (var name in query.Keys)
        {
            if (!name.StartsWith('$') || name is "$skiptoken") continue;
            if (!known.Contains(name.ToLowerInvariant())) throw new QueryRefusedException($"The query option '{name}' is not supported.");
        }

        return new PageOptions(
            Text(query, "$filter"), Number(query, "$top"), Number(query, "$skip") ?? 0, Number(query, "$skiptoken"), Flag(query, "$count"),
            Text(query, "$orderby"), Text(query, "$expand"));
    }

    /// <summary>Sorting as asked, when the plane honours it.</summary>
    /// <exception cref="QueryRefusedException">Sorting by something else than the times of creation and update.</exception>
    public ShelfOrder Order(AlertKnobs knobs, bool honoured, string updated, string created)
    {
        var standard = knobs.SortByCreated == true ? ShelfOrder.CreatedNewest : ShelfOrder.UpdatedNewest;
        if (!honoured || OrderBy is null) return standard;
        var parts = OrderBy.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var descending = parts.Length == 2 && parts[1] == "desc";
        if (parts.Length is 0 or > 2 || (parts.Length == 2 && parts[1] is not ("asc" or "desc"))) throw new QueryRefusedException($"Invalid $orderby '{OrderBy}'.");
        if (string.Equals(parts[0], updated, StringComparison.OrdinalIgnoreCase)) return descending ? ShelfOrder.UpdatedNewest : ShelfOrder.UpdatedOldest;
        if (string.Equals(parts[0], created, StringComparison.OrdinalIgnoreCase)) return descending ? ShelfOrder.CreatedNewest : ShelfOrder.CreatedOldest;
        throw new QueryRefusedException($"Sorting by '{parts[0]}' is not supported.");
    }

    private static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;

    private static bool Flag(IQueryCollection query, string name) => Text(query, name) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw new QueryRefusedException($"Invalid value '{other}' for the {name} query option."),
    };

    private static int? Number(IQueryCollection query, string name)
    {
        if (Text(query, name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new QueryRefusedException($"Invalid value '{text}' for the {name} query option.");
    }
}
