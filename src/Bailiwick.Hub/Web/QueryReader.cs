using System.Globalization;
using Bailiwick.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Hub.Web;

/// <summary>The query values an endpoint takes; any other is refused. Also written into the API's description.</summary>
/// <param name="Names">Lower-case names; may be empty.</param>
public sealed record QueryNames(params string[] Names);

/// <summary>Reads an address's query values strictly and collects every fault. Not thread safe.</summary>
public sealed class QueryReader(HttpContext context)
{
    private readonly InputFaults _faults = new();

    /// <summary>How many items the page may have; the default when the caller named no number.</summary>
    /// <param name="name">The value's name.</param>
    public int Limit(string name = "limit")
    {
        if (Text(name) is not { } text) return PageSize.Read(null)!.Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && PageSize.Read(number) is { } limit) return limit;
        _faults.Add(name, $"{name} is a whole number from 1 to 1000.");
        return 1;
    }

    /// <summary>The parts of the cursor; empty on the first page.</summary>
    /// <param name="count">How many parts this list's cursors have.</param>
    /// <param name="numbers">How many of the first parts are whole numbers.</param>
    public string[] Cursor(int count, int numbers)
    {
        if (Web.Cursor.TryRead(Text("cursor", 4096), count, out var parts)
            && parts.Take(numbers).All(part => long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))) return parts;
        _faults.Add("cursor", "The cursor is not one of this list: take the next of the page before, or begin without one.");
        return [];
    }

    /// <summary>A tenant id, or null.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="required">Whether its absence is a fault.</param>
    public TenantId? Tenant(string name, bool required = false)
    {
        if (Text(name, required: required) is not { } text) return null;
        if (TenantId.TryParse(text, out var id)) return id;
        _faults.Add(name, $"{name} is a tenant id, a GUID of 36 characters.");
        return null;
    }

    /// <summary>A customer id, or null.</summary>
    public CustomerId? Customer(string name)
    {
        if (Text(name) is not { } text) return null;
        if (CustomerId.TryParse(text, out var id)) return id;
        _faults.Add(name, $"{name} is a customer id, a GUID of 36 characters.");
        return null;
    }

    /// <summary>An instant with its offset (ISO 8601), or null.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        if (text.Length > 10 && (text[^1] is 'Z' or 'z' || text[10..].AsSpan().IndexOfAny('+', '-') >= 0)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)) return time;
        _faults.Add(name, $"{name} is a time in ISO 8601 with its offset, such as 2026-03-11T08:00:00Z.");
        return null;
    }

    /// <summary>One of the words given, or null.</summary>
    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text) return null;
        if (words.Contains(text)) return text;
        _faults.Add(name, $"{name} is one of {string.Join(", ", words!)}.");
        return null;
    }

    /// <summary>A text, or null.</summary>
    /// <param name="name">The value's name.</param>
    /// <param name="limit">Its longest length.</param>
    /// <param name="required">Whether its absence is a fault.</param>
    public string? Text(string name, int limit = 512, bool required = false)
    {
        var values = context.Request.Query[name];
        if (values is [{ Length: > 0 } text] && text.Length <= limit) return text;
        if (values.Count > 0) _faults.Add(name, $"{name} is given once, with 1 to {limit} characters.");
        else if (required) _faults.Add(name, $"{name} is missing.");
        return null;
    }

    /// <summary>Adds a fault that only the caller can see.</summary>
    public void Fault(string name, string sentence) => _faults.Add(name, sentence);

    /// <summary>The refusal when anything was wrong, else null. Call after every value was read.</summary>
    public IResult? Refusal() => _faults.Any ? _faults.Refuse(Problems.InvalidInput) : null;
}

/// <summary>Routes whose query is read strictly.</summary>
public static class StrictQuery
{
    /// <summary>A group in which an endpoint answers 400 to every query value that its <see cref="QueryNames"/> do not list.</summary>
    public static RouteGroupBuilder MapStrict(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("");
        group.AddEndpointFilter(static async (context, next) =>
        {
            var http = context.HttpContext;
            var metadata = http.GetEndpoint()?.Metadata;
            if (metadata?.GetMetadata<IAllowAnonymous>() is not null) return await next(context); // pages that others send browsers to
            var known = metadata?.GetMetadata<QueryNames>()?.Names ?? [];
            if (http.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name)) is not { } unknown) return await next(context);
            var name = new string([.. unknown.Take(64).Select(c => char.IsControl(c) ? '?' : c)]);
            var fault = known.Length == 0 ? "This address takes no query values." : $"This address takes {string.Join(", ", known)}.";
            return Answers.Refuse(Problems.InvalidInput, $"There is no query value '{name}'. {fault}", new Dictionary<string, string[]> { [name] = [fault] });
        });
        return group;
    }

    /// <summary>Names the query values an endpoint takes.</summary>
    public static TBuilder WithQuery<TBuilder>(this TBuilder builder, params string[] names)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new QueryNames(names));
}
