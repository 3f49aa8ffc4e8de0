using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>Parts that several forms have.</summary>
internal static class FormParts
{
    /// <summary>One box for each group, by name; ticked where chosen.</summary>
    /// <param name="groups">The groups offered.</param>
    /// <param name="name">Name of the field.</param>
    /// <param name="chosen">Ids that are ticked.</param>
    /// <param name="empty">What to say when there are none.</param>
    public static Markup Groups(IEnumerable<TwinGroup> groups, string name, IReadOnlyCollection<Guid> chosen, string empty)
    {
        var offered = groups.OrderBy(group => group.DisplayName, StringComparer.OrdinalIgnoreCase).ToList();
        return offered.Count == 0
            ? Markup.Of($"<p class=\"soft\">{empty}</p>")
            : Markup.Each(offered, group => Box(name, group.Id.ToString(), group.DisplayName, chosen.Contains(group.Id)));
    }

    /// <summary>A tick box with its words.</summary>
    public static Markup Box(string name, string value, string words, bool ticked) =>
        Markup.Of($"<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"{value}\"{Markup.When(ticked, $" checked")}> <span>{words}</span></label>");

    /// <summary>A list to choose one value from.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="label">What a screen reader says; null where a label stands around the list.</param>
    /// <param name="values">The values with their words, in order.</param>
    /// <param name="chosen">The value that is chosen.</param>
    public static Markup Choice(string name, string? label, IEnumerable<(string Value, string Words)> values, string? chosen)
    {
        var options = Markup.Each(values, one => Markup.Of($"<option value=\"{one.Value}\"{Markup.When(one.Value == chosen, $" selected")}>{one.Words}</option>"));
        return Markup.Of($"<select name=\"{name}\"{Markup.When(label is not null, $" aria-label=\"{label}\"")}>{options}</select>");
    }

    /// <summary>The members of an enumeration with their words.</summary>
    public static IEnumerable<(string Value, string Words)> Members<T>(Func<T, string> words)
        where T : struct, Enum => Enum.GetValues<T>().Select(member => (member.ToString(), words(member)));

    /// <summary>Names of groups; an id where the group is gone.</summary>
    public static string Names(IReadOnlyList<TwinGroup> groups, IEnumerable<Guid> ids) =>
        string.Join(", ", ids.Select(id => groups.FirstOrDefault(group => group.Id == id)?.DisplayName ?? $"deleted group {id}").Order(StringComparer.OrdinalIgnoreCase));
}
