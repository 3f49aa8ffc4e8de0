using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Delta rounds over users and groups: everything once, then what changed. Numbers of changes live as long as the twin; a token of an earlier run, or one older than seven
/// days, is answered 410 and the client starts over. Source: delta-query-overview, delta-query-groups, 2025.
/// </summary>
internal sealed class DeltaRoutes(TwinServices services)
{
    private const int Page = 100;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private readonly string _run = services.Random.Id("delta", services.Clock.GetUtcNow().UtcTicks.ToString(CultureInfo.InvariantCulture)).ToString("N")[..8];

    private delegate (IReadOnlyList<(Guid Id, JsonObject? Shape)> Changes, long Number) Changes(GraphCall call, long since);

    public void Map(GraphRoutes routes)
    {
        foreach (var form in new[] { "delta", "delta()" })
        {
            routes.Get($"/users/{form}", DirectoryNeeds.ReadUsers, "user-delta 2025", call => AnswerAsync(call, UserShape.Set, Users, members: false));
            routes.Get($"/groups/{form}", DirectoryNeeds.ReadGroups, "group-delta 2025", call => AnswerAsync(call, GroupShape.Set, Groups, members: true));
        }
    }

    private async Task AnswerAsync(GraphCall call, EntitySet set, Changes changes, bool members)
    {
        var query = call.Query;
        if (query.Top is not null || query.OrderBy.Count > 0 || query.Expand.Count > 0 || query.Search.Count > 0) throw GraphRefusal.BadRequest("$top, $orderby, $expand and $search are not supported in delta queries.", "Request_UnsupportedQuery");
        set.Check(query with { Filter = null });
        var mark = Start(call, query);
        if (query.DeltaToken == "latest") mark = mark with { Since = changes(call, long.MaxValue).Number, Skip = 0 };
        var (all, number) = query.DeltaToken == "latest" ? ([], mark.Since) : changes(call, mark.Since);
        if (query.Filter is { } filter) all = [.. all.Where(change => change.Shape is null || FilterEvaluator.Matches(filter, change.Shape))];
        var page = all.Skip(mark.Skip).Take(PageSize(call)).ToList();
        var last = mark.Skip + page.Count >= all.Count;
        var body = new JsonObject { ["@odata.context"] = $"{GraphAnswer.Root(call.Context.Request)}/$metadata#{set.Name}" };
        // a round that spans pages ends at the number of its first page, so that nothing written between two pages is missed
        var end = mark.Until ?? number;
        if (last) body["@odata.deltaLink"] = call.LinkWith("$deltatoken", Token(new Mark(end, null, 0, call.Now)));
        else body["@odata.nextLink"] = call.LinkWith("$skiptoken", Token(mark with { Skip = mark.Skip + page.Count, Until = end }));
        body["value"] = new JsonArray([.. page.Select(change => Shape(call, set, change, members && (query.Select is null || query.Select.Contains("members"))))]);
        await call.WriteAsync(StatusCodes.Status200OK, body);
    }

    private JsonObject Shape(GraphCall call, EntitySet set, (Guid Id, JsonObject? Shape) change, bool members)
    {
        if (change.Shape is null)
        {
            var kept = call.Directory.FindDeleted(call.Tenant.Id, change.Id) is not null;
            return new JsonObject { ["id"] = change.Id.ToString("D"), ["@removed"] = new JsonObject { ["reason"] = kept ? "changed" : "deleted" } };
        }

        var select = call.Query.Select is { } names ? (IReadOnlyList<string>)["id", .. names.Where(name => name != "members")] : null;
        var shape = set.Shape(change.Shape, select, []);
        if (!members) return shape;
        var now = call.Directory.FindGroup(call.Tenant.Id, change.Id)?.Members ?? [];
        if (now.Count > 0) shape["members@delta"] = new JsonArray([.. now.Select(id => new JsonObject { ["@odata.type"] = TypeOf(call, id), ["id"] = id.ToString("D") })]);
        return shape;
    }

    private static string TypeOf(GraphCall call, Guid id) =>
        call.Directory.FindUser(call.Tenant.Id, id) is not null ? "#microsoft.graph.user" : call.Directory.FindGroup(call.Tenant.Id, id) is not null ? "#microsoft.graph.group" : "#microsoft.graph.servicePrincipal";

    private (IReadOnlyList<(Guid Id, JsonObject? Shape)> Changes, long Number) Users(GraphCall call, long since)
    {
        var (changes, number) = call.Directory.UserChanges(call.Tenant.Id, Math.Max(since, 0));
        return since >= 0
            ? ([.. changes.Select(change => (change.Id, change.User is { } user ? UserShape.Of(user, call.Directory) : null))], number)
            : ([.. call.Directory.Users(call.Tenant.Id).OrderBy(user => user.Id).Select(user => (user.Id, (JsonObject?)UserShape.Of(user, call.Directory)))], number);
    }

    private (IReadOnlyList<(Guid Id, JsonObject? Shape)> Changes, long Number) Groups(GraphCall call, long since)
    {
        var (changes, number) = call.Directory.GroupChanges(call.Tenant.Id, Math.Max(since, 0));
        return since >= 0
            ? ([.. changes.Select(change => (change.Id, change.Group is { } group ? GroupShape.Of(group) : null))], number)
            : ([.. call.Directory.Groups(call.Tenant.Id).OrderBy(group => group.Id).Select(group => (group.Id, (JsonObject?)GroupShape.Of(group)))], number);
    }

    private Mark Start(GraphCall call, ODataQuery query)
    {
        if (query.DeltaToken is null or "latest" && query.SkipToken is null) return new Mark(-1, null, 0, call.Now);
        var text = query.DeltaToken ?? query.SkipToken!;
        var parts = Base64Url.TryDecode(text, out var bytes) ? Encoding.ASCII.GetString(bytes).Split('|') : [];
        if (parts.Length != 6 || parts[0] != "d" || !long.TryParse(parts[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var since) || !int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
            || !long.TryParse(parts[5], NumberStyles.None, CultureInfo.InvariantCulture, out var made))
            throw GraphRefusal.BadRequest("The delta token is not valid.", "BadRequest");
        var at = new DateTimeOffset(Math.Clamp(made, 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
        if (parts[1] != _run || call.Now - at > Lifetime) throw new GraphRefusal(StatusCodes.Status410Gone, "syncStateNotFound", "The sync state generation is not found. Start over without a token.");
        return new Mark(since, long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var until) ? until : null, skip, at);
    }

    private string Token(Mark mark) => Base64Url.Encode(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"d|{_run}|{mark.Since}|{mark.Until}|{mark.Skip}|{mark.At.UtcTicks}")));

    private static int PageSize(GraphCall call)
    {
        foreach (var preference in call.Context.Request.Headers["Prefer"].ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (preference.StartsWith("odata.maxpagesize=", StringComparison.OrdinalIgnoreCase) && int.TryParse(preference[18..], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0) return Math.Min(size, 999);
        }

        return Page;
    }

    /// <summary>Where a round stands.</summary>
    /// <param name="Since">Number after which changes count; -1: everything.</param>
    /// <param name="Until">Number the round ends at; null on its first page.</param>
    /// <param name="Skip">Objects already answered.</param>
    /// <param name="At">When the round began.</param>
    private sealed record Mark(long Since, long? Until, int Skip, DateTimeOffset At);
}
