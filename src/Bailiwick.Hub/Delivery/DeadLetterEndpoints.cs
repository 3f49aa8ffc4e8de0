using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Delivery;

/// <summary>Dead letters over REST.</summary>
public static class DeadLetterEndpoints
{
    private const string SinkStage = "sink:";
    private const string FeedStage = "feed:";
    private const int MaxWhy = 200;

    private static readonly object s_letter = new();

    /// <summary>Maps this folder's routes.</summary>
    public static IEndpointRouteBuilder MapDelivery(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.DeadLetters, ListAsync).RequireAction(HubAction.DeadLettersRead).WithQuery("sink", "tenant", "reason", "from", "to", "state", "limit", "cursor")
            .Produces<V1.Page<V1.DeadLetter>>().WithTags("deadletters").WithSummary("Lists dead letters, newest first");
        routes.MapGet(Routes.DeadLetter, GetAsync).RequireAction(HubAction.DeadLettersRead, FindCustomerAsync)
            .Produces<V1.DeadLetter>().WithTags("deadletters").WithSummary("One dead letter");
        routes.MapGet(Routes.DeadLetterRaw, RawAsync).RequireAction(HubAction.DeadLettersRead, FindCustomerAsync)
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").WithTags("deadletters").WithSummary("The bytes of one dead letter, as they were received");
        routes.MapPost(Routes.DeadLetterReplay, ReplayAsync).RequireAction(HubAction.DeadLettersReplay, FindCustomerAsync)
            .Produces<V1.DeadLetterCount>().WithTags("deadletters").WithSummary("Delivers one again");
        routes.MapPost(Routes.DeadLettersReplay, ReplayManyAsync).RequireAction(HubAction.DeadLettersReplay)
            .Produces<V1.DeadLetterCount>().WithTags("deadletters").WithSummary("Delivers the waiting ones of a selection again");
        routes.MapPost(Routes.DeadLetterDiscard, DiscardAsync).RequireAction(HubAction.DeadLettersReplay, FindCustomerAsync)
            .Produces<V1.DeadLetterCount>().WithTags("deadletters").WithSummary("Discards one for good, with the reason");
        routes.MapPost(Routes.DeadLettersDiscard, DiscardManyAsync).RequireAction(HubAction.DeadLettersReplay)
            .Produces<V1.DeadLetterCount>().WithTags("deadletters").WithSummary("Discards the waiting ones of a selection for good, with the reason");
        return routes;
    }

    private static async ValueTask<CustomerId?> FindCustomerAsync(HttpContext http)
    {
        if (!Guid.TryParseExact(http.GetRouteValue("id") as string, "D", out var id)) return null;
        if (await http.RequestServices.GetRequiredService<DeadLetters>().FindAsync(id.ToString("D"), http.RequestAborted) is not { } letter) return null;
        var tenants = http.RequestServices.GetRequiredService<TenantStore>();
        if (!(await tenants.FindByKeysAsync([letter.TenantKey], http.RequestAborted)).TryGetValue(letter.TenantKey, out var listed)) return null;
        if (await tenants.GetAsync(listed.Id, http.RequestAborted) is not { } tenant) return null; // refuses a row that was changed outside the hub
        http.Items[s_letter] = (letter, tenant);
        return tenant.Customer;
    }

    private static (DeadLetter Letter, TenantRecord Tenant) Found(HttpContext http) => ((DeadLetter, TenantRecord))http.Items[s_letter]!;

    private static async Task<IResult> ListAsync(HttpContext http, DeadLetters letters, TenantStore tenants, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var before = query.Cursor(1, 0);
        var sink = query.Text("sink", 64);
        var tenant = query.Tenant("tenant");
        var reason = query.Text("reason", 64);
        var (from, to) = (query.Time("from"), query.Time("to"));
        var state = query.OneOf("state", "waiting", "replay", "delivered", "discarded");
        if (before is [var place] && !Guid.TryParseExact(place, "D", out _)) query.Fault("cursor", "The cursor is not one of this list.");
        if (query.Refusal() is { } refusal) return refusal;
        var (keys, denied) = await KeysAsync(http, tenant, HubAction.DeadLettersRead);
        if (denied is not null) return denied;
        var found = await letters.ListAsync(
            new DeadLetterFilter(keys, sink is null ? null : SinkStore.ReaderOf(sink), reason, from, to), state, before is [var id] ? id : null, limit, cancellationToken);
        var owners = await tenants.FindByKeysAsync([.. found.Select(letter => letter.TenantKey).Distinct()], cancellationToken);
        return TypedResults.Ok(new V1.Page<V1.DeadLetter>(
            [.. found.Where(letter => owners.ContainsKey(letter.TenantKey)).Select(letter => ToRecord(letter, owners[letter.TenantKey]))],
            found.Count == limit ? Cursor.Write(found[^1].Id) : null));
    }

    private static IResult GetAsync(string id, HttpContext http)
    {
        var (letter, tenant) = Found(http);
        return TypedResults.Ok(ToRecord(letter, tenant));
    }

    private static async Task<IResult> RawAsync(string id, HttpContext http, DeadLetters letters, AlertLog log, CancellationToken cancellationToken)
    {
        var (letter, tenant) = Found(http);
        if (letter.Reason == "foreign-tenant" && !Authorization.ScopeOf(http.GetPrincipal(), HubAction.DeadLettersRead).All)
            return Answers.Refuse(Problems.Conflict, "This record names another tenant than the one it was read from; only who may see every customer's may see it.");
        ReadOnlyMemory<byte>? raw = letter.LogNumber is { } number
            ? (await log.ReadAsync(letter.TenantKey, tenant.Id, number - 1, 1, 1, cancellationToken)) is [var version] && version.LogNumber == number ? version.Raw : null
            : await letters.ReadRawAsync(letter.Id, cancellationToken);
        return raw is { } bytes ? TypedResults.Bytes(bytes, "application/octet-stream", $"{letter.Id}.bin") : OperatorProblems.NotFound();
    }

    private static async Task<IResult> ReplayAsync(
        string id, HttpContext http, DeadLetters letters, SinkStore sinks, Database database, AuditLog audit, CancellationToken cancellationToken)
    {
        var (letter, tenant) = Found(http);
        if (NameAt(letter, FeedStage) is not null)
            return Answers.Refuse(Problems.Conflict, "A feed is pulled, so it cannot be given a record again; read the raw alert, then discard the dead letter.");
        if (letter.LogNumber is null || NameAt(letter, SinkStage) is not { } sink)
            return Answers.Refuse(Problems.Conflict, "This record never got into the log, so no sink can be given it again; discard it when it was dealt with.");
        if (await sinks.GetAsync(sink, cancellationToken) is null)
            return Answers.Refuse(Problems.Conflict, $"The sink {sink} is no longer there; add it again, or discard the dead letter.");
        if (!await ChangeAsync(letter, tenant, "replay", "deadletter.replayed", letter.Reader, http, database, audit, cancellationToken)) return Stale(letter);
        letters.AnnounceReplay(letter.Reader);
        return TypedResults.Ok(new V1.DeadLetterCount(1));
    }

    private static async Task<IResult> DiscardAsync(
        string id, V1.DeadLetterDiscard discard, HttpContext http, Database database, AuditLog audit, CancellationToken cancellationToken)
    {
        if (!IsReason(discard.Why)) return NoReason();
        var (letter, tenant) = Found(http);
        return await ChangeAsync(letter, tenant, "discarded", "deadletter.discarded", $"{letter.Reader}: {discard.Why}", http, database, audit, cancellationToken)
            ? TypedResults.Ok(new V1.DeadLetterCount(1))
            : Stale(letter);
    }

    private static async Task<IResult> ReplayManyAsync(
        V1.DeadLetterSelection selection, HttpContext http, DeadLetters letters, SinkStore sinks, TenantStore tenants, Database database, AuditLog audit, CancellationToken cancellationToken)
    {
        if (selection.Sink is { } sink && await sinks.GetAsync(sink, cancellationToken) is null) return Answers.RuleBroken("sink", "There is no such sink.");
        var (groups, refusal) = await ChangeManyAsync(selection, onlySinks: true, "replay", "deadletters.replayed", "", http, tenants, database, audit, cancellationToken);
        if (refusal is not null) return refusal;
        foreach (var reader in groups.Select(group => group.Reader).Distinct()) letters.AnnounceReplay(reader);
        return TypedResults.Ok(new V1.DeadLetterCount((int)groups.Sum(group => group.Count)));
    }

    private static async Task<IResult> DiscardManyAsync(
        V1.DeadLettersDiscard discard, HttpContext http, TenantStore tenants, Database database, AuditLog audit, CancellationToken cancellationToken)
    {
        if (!IsReason(discard.Why)) return NoReason();
        var (groups, refusal) = await ChangeManyAsync(
            discard.Selection, onlySinks: false, "discarded", "deadletters.discarded", $": {discard.Why}", http, tenants, database, audit, cancellationToken);
        return refusal ?? TypedResults.Ok(new V1.DeadLetterCount((int)groups.Sum(group => group.Count)));
    }

    private static bool IsReason(string why) => why.Length <= MaxWhy && !string.IsNullOrWhiteSpace(why);

    private static IResult NoReason() => Answers.RuleBroken("why", $"Say in 1 to {MaxWhy} characters why; it stands in the audit trail.");

    private static Task<bool> ChangeAsync(
        DeadLetter letter, TenantRecord tenant, string to, string code, string detail, HttpContext http, Database database, AuditLog audit, CancellationToken cancellationToken) => database.WriteAsync(
        async write =>
        {
            if (!await DeadLetters.ChangeStateAsync(write, letter.Id, "waiting", to)) return false;
            await audit.AppendAsync(write, new AuditEntry(code, http.GetPrincipal().Actor, tenant.Id, letter.Id, detail));
            return true;
        },
        cancellationToken);

    private static async Task<(IReadOnlyList<(long TenantKey, string Reader, long Count)> Groups, IResult? Refusal)> ChangeManyAsync(
        V1.DeadLetterSelection selection,
        bool onlySinks,
        string to,
        string code,
        string why,
        HttpContext http,
        TenantStore tenants,
        Database database,
        AuditLog audit,
        CancellationToken cancellationToken)
    {
        if (selection is { Sink: null, Tenant: null, Reason: null, From: null, To: null, All: false })
            return ([], Answers.RuleBroken("all", "Name a sink, a tenant, a reason or a time, or say all."));
        var (keys, refusal) = await KeysAsync(http, selection.Tenant, HubAction.DeadLettersReplay);
        if (refusal is not null) return ([], refusal);
        var reader = selection.Sink is { } sink ? SinkStore.ReaderOf(sink) : null;
        var actor = http.GetPrincipal().Actor;
        var owners = (await tenants.ListAllAsync(cancellationToken)).ToDictionary(tenant => tenant.TenantKey);
        var groups = await database.WriteAsync(
            async write =>
            {
                var changed = await DeadLetters.ChangeWaitingAsync(write, new DeadLetterFilter(keys, reader, selection.Reason, selection.From, selection.To, onlySinks), to);
                foreach (var (key, name, count) in changed)
                    await audit.AppendAsync(write, new AuditEntry(code, actor, owners.GetValueOrDefault(key)?.Id, name, $"count={count}{why}"));
                return changed;
            },
            cancellationToken);
        return (groups, null);
    }

    private static async Task<(IReadOnlyCollection<long>? Keys, IResult? Refusal)> KeysAsync(HttpContext http, TenantId? tenant, HubAction action)
    {
        if (tenant is not { } id) return (await TenantAccess.KeysAsync(http, action, null), null);
        var (record, refusal) = await TenantAccess.FindAsync(http, id, action);
        return record is null ? (null, refusal) : ([record.TenantKey], null);
    }

    private static IResult Stale(DeadLetter letter) =>
        Answers.Refuse(Problems.Conflict, $"This dead letter no longer waits (it was {letter.State} when asked for); only a waiting one can be replayed or discarded.");

    private static string? NameAt(DeadLetter letter, string stage) => letter.Reader.StartsWith(stage, StringComparison.Ordinal) ? letter.Reader[stage.Length..] : null;

    private static V1.DeadLetter ToRecord(DeadLetter letter, TenantRecord tenant) => new(
        letter.Id,
        letter.Reader.Split(':')[0],
        NameAt(letter, SinkStage),
        tenant.Id,
        tenant.Customer,
        tenant.CustomerName,
        letter.Source,
        letter.AlertId,
        letter.LogNumber,
        letter.Reason.ToLowerInvariant(),
        letter.Detail,
        new DateTimeOffset(letter.SetAsideAt, TimeSpan.Zero),
        letter.State,
        NameAt(letter, FeedStage));
}
