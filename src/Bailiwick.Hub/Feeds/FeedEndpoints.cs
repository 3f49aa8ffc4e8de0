using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Feeds;

/// <summary>Feeds over REST. A caller sees the feeds that may give it anything, and of their customers only its own.</summary>
public static class FeedEndpoints
{
    /// <summary>Maps this folder's routes.</summary>
    public static IEndpointRouteBuilder MapFeeds(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Feeds, ListAsync).RequireAction(HubAction.FeedsRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.Feed>>().WithTags("feeds").WithSummary("Lists feeds by name");
        routes.MapPost(Routes.Feeds, AddAsync).RequireAction(HubAction.FeedsChange)
            .Produces<V1.Feed>(StatusCodes.Status201Created).WithTags("feeds").WithSummary("Adds a feed");
        routes.MapDelete(Routes.Feed, RemoveAsync).RequireAction(HubAction.FeedsChange)
            .Produces(StatusCodes.Status204NoContent).WithTags("feeds").WithSummary("Removes a feed and its positions");
        routes.MapGet(Routes.FeedNext, NextAsync).RequireAction(HubAction.FeedsRead).WithQuery("max")
            .Produces<V1.FeedBatch>().WithTags("feeds").WithSummary("The next records and a receipt; the same again until the receipt is confirmed");
        routes.MapPost(Routes.FeedAck, AckAsync).RequireAction(HubAction.FeedsRead)
            .Produces<V1.FeedConfirmed>().WithTags("feeds").WithSummary("Confirms a batch by its receipt");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, FeedStore feeds, TenantStore tenants, AlertLog log, Positions positions, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var after = query.Cursor(1, 0);
        if (query.Refusal() is { } refusal) return refusal;
        var page = (await feeds.ListAsync(cancellationToken)).Select(feed => (Feed: feed, Audience: AudienceOf(http, feed)))
            .Where(pair => pair.Audience is not null && (after is not [var name] || string.CompareOrdinal(pair.Feed.Name, name) > 0)).Take(limit).ToList();
        var all = await tenants.ListAllAsync(cancellationToken);
        var heads = await log.ReadHeadsAsync(cancellationToken);
        var records = new List<V1.Feed>(page.Count);
        foreach (var (feed, audience) in page)
        {
            var at = await positions.ReadAsync(feed.Reader, cancellationToken);
            var waiting = all.Where(tenant => audience!.Customers is null || (tenant.Intact && audience.Customers.Contains(tenant.Customer)))
                .Sum(tenant => Math.Max(0, heads.GetValueOrDefault(tenant.TenantKey) - at.GetValueOrDefault(tenant.TenantKey)));
            records.Add(ToRecord(feed, audience!, waiting));
        }

        return TypedResults.Ok(new V1.Page<V1.Feed>(records, page.Count == limit ? Cursor.Write(page[^1].Feed.Name) : null));
    }

    private static async Task<IResult> AddAsync(V1.NewFeed wish, HttpContext http, FeedStore feeds, CancellationToken cancellationToken)
    {
        switch (await feeds.AddAsync(wish.Name, wish.Customers, wish.Format, wish.FromNow, http.GetPrincipal().Actor, cancellationToken))
        {
            case FeedAddition.Added added:
                return TypedResults.Created(Routes.Fill(Routes.Feed, added.Feed.Name), ToRecord(added.Feed, new FeedAudience(added.Feed.Customers, ""), 0));
            case FeedAddition.Invalid invalid:
                var faults = new InputFaults();
                foreach (var (field, sentence) in invalid.Faults) faults.Add(field, sentence);
                return faults.Refuse(Problems.RuleBroken);
            default:
                return Answers.Refuse(Problems.Conflict, "There is a feed of that name already; choose another name, or remove that one first.");
        }
    }

    private static async Task<IResult> RemoveAsync(string name, HttpContext http, FeedStore feeds, CancellationToken cancellationToken) =>
        await feeds.RemoveAsync(name, http.GetPrincipal().Actor, cancellationToken) ? TypedResults.NoContent() : OperatorProblems.NotFound();

    private static async Task<IResult> NextAsync(string name, HttpContext http, FeedStore feeds, FeedReader reader, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var max = query.Limit("max");
        if (query.Refusal() is { } refusal) return refusal;
        if (await FindAsync(name, http, feeds, cancellationToken) is not var (feed, audience)) return OperatorProblems.NotFound();
        try
        {
            return TypedResults.Bytes((await reader.NextAsync(feed, audience, max, cancellationToken)).Body, "application/json");
        }
        catch (FeedGoneException)
        {
            return OperatorProblems.NotFound();
        }
    }

    private static async Task<IResult> AckAsync(string name, V1.FeedReceipt receipt, HttpContext http, FeedStore feeds, FeedReader reader, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, http, feeds, cancellationToken) is not var (feed, audience)) return OperatorProblems.NotFound();
        if (!FeedReceipt.IsOne(receipt.Receipt)) return Answers.RuleBroken("receipt", "A receipt is the text of 33 characters that came with the batch.");
        return await reader.ConfirmAsync(feed, audience, receipt.Receipt, cancellationToken) switch
        {
            FeedConfirmation.Confirmed confirmed => TypedResults.Ok(new V1.FeedConfirmed(confirmed.Records)),
            FeedConfirmation.Already => Answers.Refuse(Problems.Conflict, "This batch was confirmed already; nothing moved. Go on with next."),
            _ => Answers.Refuse(
                Problems.Conflict,
                "This receipt is not the one of the batch handed out last to this key's customers; nothing moved. Ask next: what was not confirmed comes again."),
        };
    }

    private static async Task<(FeedDefinition Feed, FeedAudience Audience)?> FindAsync(string name, HttpContext http, FeedStore feeds, CancellationToken cancellationToken)
    {
        if (await feeds.FindAsync(name, cancellationToken) is not { } feed || AudienceOf(http, feed) is not { } audience) return null;
        await feeds.DemandIntactAsync(feed, cancellationToken);
        return (feed, audience);
    }

    private static FeedAudience? AudienceOf(HttpContext http, FeedDefinition feed) => FeedAudience.Of(feed, Authorization.ScopeOf(http.GetPrincipal(), HubAction.FeedsRead));

    private static V1.Feed ToRecord(FeedDefinition feed, FeedAudience audience, long waiting) => new(
        feed.Name, feed.Format, audience.Customers is null ? null : [.. audience.Customers.OrderBy(customer => customer.ToString(), StringComparer.Ordinal)], waiting, feed.CreatedAt);
}
