using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Sinks;

/// <summary>Sinks over REST. Secrets go in and never come out.</summary>
public static class SinkEndpoints
{
    private const int MaxSecret = 4096;

    private static readonly TimeSpan s_testPatience = TimeSpan.FromSeconds(30);

    /// <summary>Maps this folder's routes.</summary>
    public static IEndpointRouteBuilder MapSinks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Sinks, ListAsync).RequireAction(HubAction.SinksRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.Sink>>().WithTags("sinks").WithSummary("Lists sinks by name");
        routes.MapGet(Routes.SinkKinds, Kinds).RequireAction(HubAction.SinksRead)
            .Produces<V1.Page<V1.SinkKind>>().WithTags("sinks").WithSummary("The kinds of sink this hub can make");
        routes.MapGet(Routes.Sink, GetAsync).RequireAction(HubAction.SinksRead)
            .Produces<V1.Sink>().WithTags("sinks").WithSummary("One sink");
        routes.MapPost(Routes.Sinks, AddAsync).RequireAction(HubAction.SinksChange)
            .Produces<V1.Sink>(StatusCodes.Status201Created).WithTags("sinks").WithSummary("Adds a sink");
        routes.MapDelete(Routes.Sink, RemoveAsync).RequireAction(HubAction.SinksChange)
            .Produces(StatusCodes.Status204NoContent).WithTags("sinks").WithSummary("Removes a sink, its positions and its secret");
        routes.MapPost(Routes.SinkPark, (string name, HttpContext http, SinkStore sinks, CancellationToken cancellationToken) => ParkAsync(name, parked: true, http, sinks, cancellationToken))
            .RequireAction(HubAction.SinksChange).Produces<V1.Sink>().WithTags("sinks").WithSummary("Puts a sink aside; it keeps its positions");
        routes.MapPost(Routes.SinkUnpark, (string name, HttpContext http, SinkStore sinks, CancellationToken cancellationToken) => ParkAsync(name, parked: false, http, sinks, cancellationToken))
            .RequireAction(HubAction.SinksChange).Produces<V1.Sink>().WithTags("sinks").WithSummary("Takes a sink up again");
        routes.MapPost(Routes.SinkTest, TestAsync).RequireAction(HubAction.SinksChange)
            .Produces<V1.SinkTest>().WithTags("sinks").WithSummary("Sends one marked test record");
        return routes;
    }

    private static async Task<IResult> ListAsync(HttpContext http, SinkStore sinks, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var after = query.Cursor(1, 0);
        if (query.Refusal() is { } refusal) return refusal;
        var page = (await sinks.ListAsync(cancellationToken)).Where(sink => after is not [var name] || string.CompareOrdinal(sink.Name, name) > 0).Take(limit).ToList();
        return TypedResults.Ok(new V1.Page<V1.Sink>([.. page.Select(ToRecord)], page.Count == limit ? Cursor.Write(page[^1].Name) : null));
    }

    private static IResult Kinds() =>
        TypedResults.Ok(new V1.Page<V1.SinkKind>([.. SinkCatalog.Kinds.Select(kind => new V1.SinkKind(kind.Name, kind.Summary, kind.NeedsSecret))]));

    private static async Task<IResult> GetAsync(string name, SinkStore sinks, CancellationToken cancellationToken) =>
        await sinks.GetAsync(name, cancellationToken) is { } sink ? TypedResults.Ok(ToRecord(sink)) : OperatorProblems.NotFound();

    private static async Task<IResult> AddAsync(V1.NewSink wish, HttpContext http, SinkStore sinks, CancellationToken cancellationToken)
    {
        if (wish.Secret is { Length: > MaxSecret }) return Answers.RuleBroken("secret", $"The secret has at most {MaxSecret} characters.");
        using var secret = wish.Secret is null ? null : Secret.FromText(wish.Secret);
        switch (await sinks.AddAsync(wish.Name, wish.Kind, wish.Settings, secret, new SinkStart(wish.FromNow, wish.StartAt), wish.Routing, http.GetPrincipal().Actor, cancellationToken))
        {
            case SinkAddition.Added added:
                return TypedResults.Created(Routes.Fill(Routes.Sink, added.Sink.Name), ToRecord(added.Sink));
            case SinkAddition.Invalid invalid:
                var faults = new InputFaults();
                foreach (var fault in invalid.Faults) faults.Add(fault.Field, fault.Sentence);
                return faults.Refuse(Problems.RuleBroken);
            default:
                return Answers.Refuse(Problems.Conflict, "There is a sink of that name already; choose another name, or remove that one first.");
        }
    }

    private static async Task<IResult> RemoveAsync(string name, HttpContext http, SinkStore sinks, CancellationToken cancellationToken) =>
        await sinks.RemoveAsync(name, http.GetPrincipal().Actor, cancellationToken) ? TypedResults.NoContent() : OperatorProblems.NotFound();

    private static async Task<IResult> ParkAsync(string name, bool parked, HttpContext http, SinkStore sinks, CancellationToken cancellationToken) =>
        await sinks.ParkAsync(name, parked, http.GetPrincipal().Actor, cancellationToken) && await sinks.GetAsync(name, cancellationToken) is { } sink
            ? TypedResults.Ok(ToRecord(sink))
            : OperatorProblems.NotFound();

    private static async Task<IResult> TestAsync(string name, HttpContext http, SinkStore sinks, SinkSet set, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await sinks.GetAsync(name, cancellationToken) is not { } sink) return OperatorProblems.NotFound();
        await sinks.NoteTestAsync(name, http.GetPrincipal().Actor, cancellationToken);
        using var patience = new CancellationTokenSource(s_testPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await set.TestAsync(sink, either.Token) switch
            {
                DeliveryResult.TryLater later => Failed(later.Reason, later.Detail ?? "The receiver takes nothing now."),
                DeliveryResult.Refused refused => Failed(refused.Reason, refused.Detail),
                _ => TypedResults.Ok(new V1.SinkTest(Delivered: true, null, null)),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(DeliveryFailure.TimedOut, $"No answer within {s_testPatience.TotalSeconds:0} s.");
        }
    }

    private static IResult Failed(DeliveryFailure reason, string detail) => TypedResults.Ok(new V1.SinkTest(Delivered: false, reason.ToString().ToLowerInvariant(), detail));

    private static V1.Sink ToRecord(SinkDefinition sink) =>
        new(sink.Name, sink.Kind, ClassOf(sink), sink.Settings, sink.Credential is not null, sink.Parked, sink.CreatedAt, sink.Routing.Wish);

    /// <summary>The class in lower case; a kind this program no longer knows can promise nothing more than <c>sent</c>.</summary>
    public static string ClassOf(SinkDefinition sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        return (SinkCatalog.Find(sink.Kind) is { } kind && kind.Validate(sink.Settings).Count == 0 ? kind.ClassOf(sink.Settings) : SinkClass.Sent).Word();
    }
}
