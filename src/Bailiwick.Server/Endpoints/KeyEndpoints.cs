using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>API keys over REST. A key's text is in one answer only, the one that makes it.</summary>
internal static class KeyEndpoints
{
    private const int DefaultDays = 90;
    private const int MaxDays = 365;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Keys, ListAsync).RequireAction(HubAction.KeysRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.ApiKey>>().WithTags("keys").WithSummary("Lists API keys, newest first");
        routes.MapPost(Routes.Keys, AddAsync).RequireAction(HubAction.KeysChange)
            .Produces<V1.CreatedApiKey>(StatusCodes.Status201Created).WithTags("keys").WithSummary("Makes an API key; the only time its secret is seen");
        routes.MapDelete(Routes.Key, RevokeAsync).RequireAction(HubAction.KeysChange)
            .Produces(StatusCodes.Status204NoContent).WithTags("keys").WithSummary("Revokes an API key");
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApiKeyStore keys, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var before = query.Cursor(1, 0);
        if (query.Refusal() is { } refusal) return refusal;
        var page = (await keys.ListAsync(cancellationToken)).Reverse()
            .Where(key => before is not [var id] || string.CompareOrdinal(key.Id.ToString("D"), id) < 0).Take(limit).ToList();
        return TypedResults.Ok(new V1.Page<V1.ApiKey>([.. page.Select(ToRecord)], page.Count == limit ? Cursor.Write(page[^1].Id.ToString("D")) : null));
    }

    private static async Task<IResult> AddAsync(
        V1.NewApiKey wish, HttpContext http, ApiKeyStore keys, CustomerStore customers, TimeProvider time, CancellationToken cancellationToken)
    {
        var faults = new InputFaults();
        if (string.IsNullOrWhiteSpace(wish.Name) || wish.Name.Length > 100 || wish.Name.Any(char.IsControl)) faults.Add("name", "The name has 1 to 100 characters and no control characters.");
        if (Find<Role>(wish.Role) is not { } role)
        {
            role = default;
            faults.Add("role", $"The role is one of {string.Join(", ", Enum.GetValues<Role>().Select(WordOf))}.");
        }

        var days = wish.ExpiresInDays ?? DefaultDays;
        if (days is < 1 or > MaxDays) faults.Add("expiresInDays", $"A key lives 1 to {MaxDays} days.");
        var actions = wish.Actions?.Select(word => word is null ? null : Find<HubAction>(word)).ToList();
        if (actions?.Contains(null) == true) faults.Add("actions", $"The actions are some of {string.Join(", ", Enum.GetValues<HubAction>().Select(WordOf))}.");
        else if (http.GetPrincipal().Only is { } own && actions?.TrueForAll(action => own.Contains(action!.Value)) != true)
            faults.Add("actions", $"Your own key is narrowed, so it makes only keys that name some of its actions: {string.Join(", ", own.Order().Select(WordOf))}.");
        if (wish.Customers is { Count: > 1000 }) faults.Add("customers", "A key is for at most 1000 single customers; leave the list out to mean all.");
        else if (wish.Customers is { } named && (await customers.ListAsync(null, 1000, named.ToHashSet(), cancellationToken)).Count < named.Distinct().Count())
            faults.Add("customers", "One of the customers is not known.");
        if (faults.Any) return faults.Refuse(Problems.RuleBroken);
        try
        {
            var (key, text) = await keys.CreateAsync(
                http.GetPrincipal().Actor,
                new NewApiKey(wish.Name, role, wish.Customers, actions?.Select(action => action!.Value).ToList(), time.GetUtcNow().AddDays(days)),
                cancellationToken);
            using (text) return TypedResults.Created(Routes.Keys, new V1.CreatedApiKey(ToRecord(key), text.RevealText()));
        }
        catch (ArgumentException e)
        {
            return Answers.RuleBroken("customers", e.Message); // the store's own sentences about which role goes with which customers
        }
    }

    private static async Task<IResult> RevokeAsync(string id, HttpContext http, ApiKeyStore keys, CancellationToken cancellationToken) =>
        Guid.TryParseExact(id, "D", out var key) && await keys.RevokeAsync(http.GetPrincipal().Actor, key, cancellationToken)
            ? TypedResults.NoContent()
            : OperatorProblems.NotFound();

    private static V1.ApiKey ToRecord(ApiKey key) => new(
        key.Id.ToString("D"), key.Name, WordOf(key.Role), key.Customers, key.Actions is null ? null : [.. key.Actions.Select(WordOf)], key.CreatedAt, key.ExpiresAt, key.RevokedAt);

    private static string WordOf<T>(T member)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(member.ToString());

    private static T? Find<T>(string word)
        where T : struct, Enum
    {
        foreach (var member in Enum.GetValues<T>())
        {
            if (WordOf(member) == word) return member;
        }

        return null;
    }
}
