using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>Tick boxes for security groups.</summary>
internal static class GroupChoice
{
    /// <summary>One box for each group, by name; ticked where chosen.</summary>
    /// <param name="groups">The groups offered.</param>
    /// <param name="name">Name of the field.</param>
    /// <param name="chosen">Ids that are ticked.</param>
    /// <param name="empty">What to say when there are none.</param>
    public static Markup Of(IEnumerable<TwinGroup> groups, string name, IReadOnlyCollection<Guid> chosen, string empty)
    {
        var offered = groups.OrderBy(group => group.DisplayName, StringComparer.OrdinalIgnoreCase).ToList();
        return offered.Count == 0
            ? Markup.Of($"<p class=\"soft\">{empty}</p>")
            : Markup.Each(offered, group => Box(name, group.Id.ToString(), group.DisplayName, chosen.Contains(group.Id)));
    }

    /// <summary>A tick box with its words.</summary>
    public static Markup Box(string name, string value, string words, bool ticked) =>
        Markup.Of($"<label class=\"check\"><input type=\"checkbox\" name=\"{name}\" value=\"{value}\"{Markup.When(ticked, $" checked")}> <span>{words}</span></label>");

    /// <summary>Names of groups; an id where the group is gone.</summary>
    public static string Names(IReadOnlyList<TwinGroup> groups, IEnumerable<Guid> ids) =>
        string.Join(", ", ids.Select(id => groups.FirstOrDefault(group => group.Id == id)?.DisplayName ?? $"deleted group {id}").Order(StringComparer.OrdinalIgnoreCase));
}
