using System.Globalization;

namespace Bailiwick.Hub.Storage;

/// <summary>
/// The inside of <c>IN (…)</c> for typed ids and numbers, the same text on both engines (one expands list parameters, the other takes arrays).
/// Only values that cannot carry a quote come here. An empty list matches nothing.
/// </summary>
internal static class SqlList
{
    public static string Of(IEnumerable<Guid> ids) => Join(ids.Select(id => $"'{id:D}'"));

    public static string Of(IEnumerable<long> numbers) => Join(numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private static string Join(IEnumerable<string> items) => string.Join(',', items) is { Length: > 0 } text ? text : "NULL";
}
