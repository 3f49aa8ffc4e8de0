using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.OData;

/// <summary>One relation to expand, with options of its own.</summary>
internal sealed record ExpandItem(string Name, IReadOnlyList<string>? Select, IReadOnlyList<ExpandItem> Expand);

/// <summary>
/// The query options of a directory request, read strictly; the <c>$</c> may be left out, as in v1.0. Source: query-parameters, 2025.
/// </summary>
internal sealed record ODataQuery
{
    private static readonly IReadOnlyList<string> Known = ["filter", "select", "expand", "top", "skip", "orderby", "count", "search", "skiptoken", "deltatoken", "format"];

    public FilterNode? Filter { get; init; }

    /// <summary>Null: the properties of the type that are answered by default.</summary>
    public IReadOnlyList<string>? Select { get; init; }

    public IReadOnlyList<ExpandItem> Expand { get; init; } = [];

    public int? Top { get; init; }

    /// <summary>Entities before the page: <c>$skip</c>, or as a link of the twin's own says.</summary>
    public int Skip { get; init; }

    public IReadOnlyList<(string Property, bool Descending)> OrderBy { get; init; } = [];

    public bool Count { get; init; }

    /// <summary>Clauses of <c>$search</c>: property and text; all must hold.</summary>
    public IReadOnlyList<(string Property, string Text)> Search { get; init; } = [];

    /// <summary>Where a delta round goes on; null outside of one.</summary>
    public string? DeltaToken { get; init; }

    /// <summary><c>$skiptoken</c> as sent.</summary>
    public string? SkipToken { get; init; }

    /// <summary><c>ConsistencyLevel: eventual</c> was sent.</summary>
    public bool Eventual { get; init; }

    /// <exception cref="QueryRefusedException">An option is unknown or unreadable.</exception>
    public static ODataQuery Read(HttpRequest request)
    {
        Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Query)
        {
            var plain = name.TrimStart('$').ToLowerInvariant();
            if (Known.Contains(plain)) options[plain] = value.ToString();
            else if (name.StartsWith('$')) throw new QueryRefusedException($"The query parameter '{name}' is not supported.");
        }

        var token = options.GetValueOrDefault("skiptoken");
        return new ODataQuery
        {
            Filter = options.GetValueOrDefault("filter") is { } filter ? ODataFilter.Parse(filter, FilterGrammar.Directory) : null,
            Select = options.GetValueOrDefault("select") is { } select ? Names(select) : null,
            Expand = options.GetValueOrDefault("expand") is { } expand ? Items(expand) : [],
            Top = Number(options, "top"),
            Skip = token is null ? Number(options, "skip") ?? 0 : FromToken(token),
            SkipToken = token,
            OrderBy = options.GetValueOrDefault("orderby") is { } order ? Order(order) : [],
            Count = options.GetValueOrDefault("count") switch
            {
                null or "false" => false,
                "true" => true,
                var other => throw new QueryRefusedException($"Invalid value '{other}' for $count query option found. The $count query option requires a boolean value."),
            },
            Search = options.GetValueOrDefault("search") is { } search ? Clauses(search) : [],
            DeltaToken = options.GetValueOrDefault("deltatoken"),
            Eventual = request.Headers.TryGetValue("ConsistencyLevel", out var level) && level.ToString().Equals("eventual", StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>What <c>$skiptoken</c> says for a page that begins after so many entities.</summary>
    public static string ToToken(int skip) => Base64Url.Encode(Encoding.ASCII.GetBytes($"p{skip.ToString(CultureInfo.InvariantCulture)}"));

    private static int FromToken(string token)
    {
        if (Base64Url.TryDecode(token, out var bytes) && bytes.Length > 1 && bytes[0] == (byte)'p'
            && int.TryParse(Encoding.ASCII.GetString(bytes.AsSpan(1)), NumberStyles.None, CultureInfo.InvariantCulture, out var skip)) return skip;
        return Base64Url.TryDecode(token, out bytes) && bytes.Length > 0 && bytes[0] == (byte)'d' ? 0 : throw new QueryRefusedException("The skiptoken value is not valid.", "Directory_ExpiredPageToken");
    }

    private static int? Number(Dictionary<string, string> options, string name)
    {
        if (!options.TryGetValue(name, out var text)) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new QueryRefusedException($"Invalid value '{text}' for ${name} query option found. The ${name} query option requires a non-negative integer value.");
    }

    private static List<string> Names(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries).ToList();
        return names.Exists(name => name.Length == 0) ? throw new QueryRefusedException("$select holds an empty name.") : names;
    }

    private static List<(string Property, bool Descending)> Order(string text)
    {
        List<(string, bool)> order = [];
        foreach (var clause in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var words = clause.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is 0 or > 2 || (words.Length == 2 && words[1] is not ("asc" or "desc"))) throw new QueryRefusedException($"Invalid $orderby '{text}'.");
            order.Add((words[0], words.Length == 2 && words[1] == "desc"));
        }

        return order;
    }

    /// <summary><c>"displayName:ann"</c>, or several of these joined by AND. Source: search-query-parameter, 2025.</summary>
    private static List<(string Property, string Text)> Clauses(string text)
    {
        List<(string, string)> clauses = [];
        foreach (var clause in text.Split(" AND ", StringSplitOptions.TrimEntries))
        {
            var colon = clause.IndexOf(':', StringComparison.Ordinal);
            if (clause.Length < 4 || clause[0] != '"' || clause[^1] != '"' || colon < 2) throw new QueryRefusedException($"Unrecognized query argument specified: '{text}'.", "Request_UnsupportedQuery");
            clauses.Add((clause[1..colon], clause[(colon + 1)..^1]));
        }

        return clauses;
    }

    private static List<ExpandItem> Items(string text)
    {
        List<ExpandItem> items = [];
        foreach (var part in Split(text, ','))
        {
            var open = part.IndexOf('(', StringComparison.Ordinal);
            var name = (open < 0 ? part : part[..open]).Trim();
            if (name.Length == 0 || (open >= 0 && part[^1] != ')')) throw new QueryRefusedException($"Invalid $expand '{text}'.");
            IReadOnlyList<string>? select = null;
            IReadOnlyList<ExpandItem> expand = [];
            foreach (var option in open < 0 ? [] : Split(part[(open + 1)..^1], ';'))
            {
                var equals = option.IndexOf('=', StringComparison.Ordinal);
                switch (equals < 0 ? "" : option[..equals].Trim().TrimStart('$').ToLowerInvariant())
                {
                    case "select":
                        select = Names(option[(equals + 1)..]);
                        break;
                    case "expand":
                        expand = Items(option[(equals + 1)..]);
                        break;
                    case "top" or "count" or "orderby" or "levels":
                        break;
                    default:
                        throw new QueryRefusedException($"'{option}' is not supported inside $expand.");
                }
            }

            items.Add(new ExpandItem(name, select, expand));
        }

        return items;
    }

    /// <summary>Splits where no parenthesis is open.</summary>
    private static List<string> Split(string text, char separator)
    {
        List<string> parts = [];
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            if (text[i] == ')' && --depth < 0) throw new QueryRefusedException($"A parenthesis is closed too often in '{text}'.");
            if (text[i] != separator || depth > 0) continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }

        if (depth > 0) throw new QueryRefusedException($"A parenthesis is not closed in '{text}'.");
        parts.Add(text[start..].Trim());
        return parts;
    }
}
