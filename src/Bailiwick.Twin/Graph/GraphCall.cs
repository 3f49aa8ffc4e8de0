using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Bailiwick.Twin.Graph;

/// <summary>One admitted call of Graph's directory part: who calls, what is asked, and the manners of answering.</summary>
internal sealed class GraphCall(HttpContext context, TwinPrincipal caller, TwinTenant tenant, TwinServices services)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private ODataQuery? _query;

    public HttpContext Context => context;

    public TwinPrincipal Caller => caller;

    /// <summary>The tenant of the token: the only one a call can reach.</summary>
    public TwinTenant Tenant => tenant;

    public TwinServices Services => services;

    public TwinDirectory Directory => services.Directory;

    public DateTimeOffset Now => services.Clock.GetUtcNow();

    /// <summary>The signed-in person's object here; null for an application.</summary>
    public TwinUser? Person => caller.IsApplication ? null : Directory.FindUser(tenant.Id, caller.ObjectId);

    /// <summary>Who acts, for the audit log.</summary>
    public TwinActor Actor => new(Person, caller.AppId, Directory.FindApp(caller.AppId)?.DisplayName);

    /// <summary>Writes to the tenant's audit log.</summary>
    public void Audit(string activity, string category, string operation, params IReadOnlyList<TwinTarget> targets) =>
        services.Audit.Write(new TwinAct(tenant.Id, activity, category) { Actor = Actor, Operation = operation, Targets = targets });

    /// <summary>True for an object so new that reads do not find it yet, when replication is set to lag.</summary>
    public bool IsTooNew(DateTimeOffset created) => services.Switches.ReplicationLag is { } lag && lag > TimeSpan.Zero && Now - created < lag;

    /// <exception cref="QueryRefusedException">The options are unreadable.</exception>
    public ODataQuery Query => _query ??= ODataQuery.Read(context.Request);

    /// <summary>A value of the route.</summary>
    public string Route(string name) => (string)context.GetRouteValue(name)!;

    /// <summary>A value of the route that must be an object id; what is none names nothing.</summary>
    /// <exception cref="GraphRefusal">404.</exception>
    public Guid RouteId(string name = "id") => Guid.TryParse(Route(name), out var id) ? id : throw GraphRefusal.NotFound(Route(name));

    /// <summary>Reads the body: one JSON object, no property twice, every text well-formed.</summary>
    /// <exception cref="GraphRefusal">It is none.</exception>
    public async Task<JsonObject> ReadAsync()
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return (JsonObject)Copy(document.RootElement)!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // answered below
        }

        throw GraphRefusal.BadRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.", "BadRequest");
    }

    /// <summary>Answers one page of a list.</summary>
    public Task ListAsync(EntitySet set, IEnumerable<JsonObject> items)
    {
        var (page, count, more) = set.Select(items, Query);
        var body = new JsonObject { ["@odata.context"] = $"{GraphAnswer.Root(context.Request)}/$metadata#{set.Name}{Selected()}" };
        if (count is not null) body["@odata.count"] = count;
        if (more) body["@odata.nextLink"] = NextLink(Query.Skip + page.Count);
        body["value"] = new JsonArray([.. page]);
        return WriteAsync(StatusCodes.Status200OK, body);
    }

    /// <summary>Answers one entity.</summary>
    public Task EntityAsync(EntitySet set, JsonObject entity, int status = StatusCodes.Status200OK)
    {
        set.Check(Query);
        return WriteAsync(status, Enveloped(set.Name, set.Shape(entity, status == StatusCodes.Status200OK ? Query.Select : null, Query.Expand)));
    }

    /// <summary>Answers the entity that was made.</summary>
    public Task CreatedAsync(EntitySet set, JsonObject entity)
    {
        if (entity["id"] is { } id) context.Response.Headers.Location = $"{GraphAnswer.Root(context.Request)}/{set.Name}/{id}";
        return EntityAsync(set, entity, StatusCodes.Status201Created);
    }

    /// <summary>Answers an object that is no member of a set.</summary>
    public Task ObjectAsync(string fragment, JsonObject body, int status = StatusCodes.Status200OK) => WriteAsync(status, Enveloped(fragment, body, entity: false));

    /// <summary>Answers a collection of plain values or of objects without a set.</summary>
    public Task ValuesAsync(string fragment, IEnumerable<JsonNode?> values) =>
        WriteAsync(StatusCodes.Status200OK, new JsonObject { ["@odata.context"] = $"{GraphAnswer.Root(context.Request)}/$metadata#{fragment}", ["value"] = new JsonArray([.. values]) });

    /// <summary>Answers a bare number, as <c>/$count</c> does.</summary>
    public Task CountAsync(EntitySet set, IEnumerable<JsonObject> items)
    {
        if (!Query.Eventual) throw new QueryRefusedException("Request with $count needs the header ConsistencyLevel: eventual.", "Request_UnsupportedQuery");
        var (_, count, _) = (set with { IsDirectory = false }).Select(items, Query with { Count = true });
        GraphAnswer.Begin(context, StatusCodes.Status200OK);
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(count!.Value.ToString(), context.RequestAborted);
    }

    /// <summary>Answers that it is done; with <c>Prefer: return=representation</c> the entity as it is now.</summary>
    public Task DoneAsync(EntitySet? set = null, JsonObject? entity = null)
    {
        if (set is not null && entity is not null && context.Request.Headers.TryGetValue("Prefer", out var prefer) && prefer.ToString().Contains("return=representation", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers["Preference-Applied"] = "return=representation";
            return WriteAsync(StatusCodes.Status200OK, Enveloped(set.Name, set.Shape(entity, null, [])));
        }

        GraphAnswer.Begin(context, StatusCodes.Status204NoContent);
        context.Response.ContentType = null;
        return Task.CompletedTask;
    }

    /// <summary>Answers any JSON.</summary>
    public async Task WriteAsync(int status, JsonObject body)
    {
        GraphAnswer.Begin(context, status);
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, Relaxed.Writer);
        body.WriteTo(writer);
        await writer.FlushAsync(context.RequestAborted);
    }

    /// <summary>The address of the next page, with every option as it was sent.</summary>
    public string NextLink(int skip) => LinkWith("$skiptoken", ODataQuery.ToToken(skip));

    /// <summary>The request's own address with another token.</summary>
    public string LinkWith(string option, string value)
    {
        var request = context.Request;
        var kept = request.Query.Where(pair => pair.Key.TrimStart('$').ToLowerInvariant() is not ("skiptoken" or "skip" or "deltatoken")).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value.ToString()));
        var path = request.Path.Value!["/graph/v1.0".Length..].TrimStart('/');
        if (request.Path.StartsWithSegments("/graph/beta")) path = request.Path.Value["/graph/beta".Length..].TrimStart('/');
        return QueryHelpers.AddQueryString($"{GraphAnswer.Root(request)}/{path}", kept.Append(KeyValuePair.Create(option, (string?)value)));
    }

    private string Selected() => Query.Select is { } select ? $"({string.Join(',', select)})" : "";

    private JsonObject Enveloped(string fragment, JsonObject body, bool entity = true)
    {
        var whole = new JsonObject { ["@odata.context"] = $"{GraphAnswer.Root(context.Request)}/$metadata#{fragment}{(entity ? "/$entity" : "")}" };
        foreach (var (name, value) in body) whole[name] = value?.DeepClone();
        return whole;
    }

    /// <summary>A copy whose every text was read: a lone surrogate or broken UTF-8 shows here and not in the middle of a change.</summary>
    private static JsonNode? Copy(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (var property in element.EnumerateObject()) copy[property.Name] = Copy(property.Value);
                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Copy)]);
            case JsonValueKind.String:
                return JsonValue.Create(element.GetString());
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element.Clone());
        }
    }
}
