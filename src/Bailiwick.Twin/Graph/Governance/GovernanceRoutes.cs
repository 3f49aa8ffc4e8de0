using System.Text.Json.Nodes;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary>Adds governance's routes: below one prefix, and with governance's refusals as Graph's.</summary>
internal sealed class GovernanceRoutes(GraphRoutes routes, string prefix)
{
    public void Get(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => routes.Get(prefix + path, need, source, Explained(handle));

    public void Post(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => routes.Post(prefix + path, need, source, Explained(handle));

    public void Patch(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => routes.Patch(prefix + path, need, source, Explained(handle));

    public void Put(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => routes.Put(prefix + path, need, source, Explained(handle));

    public void Delete(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => routes.Delete(prefix + path, need, source, Explained(handle));

    /// <summary>The object that an address or <c>{"@odata.id": …}</c> ends in.</summary>
    public static Guid Target(JsonNode? address)
    {
        if (address is JsonValue value && value.TryGetValue<string>(out var text) && text.Contains('/') && Guid.TryParse(text.TrimEnd('/').Split('/')[^1], out var id)) return id;
        throw GraphRefusal.BadRequest("Invalid object reference: '@odata.id' must be the address of an object.");
    }

    /// <summary>The id in the query of <c>DELETE …/$ref?@id=…</c>.</summary>
    public static Guid QueriedTarget(GraphCall call) => call.Context.Request.Query.TryGetValue("@id", out var id) ? Target(JsonValue.Create(id.ToString())) : throw GraphRefusal.BadRequest("The query must name the object: $ref?@id=…");

    /// <summary>A value between quotes of a function call; without quotes it is taken too.</summary>
    public static string Argument(GraphCall call, string name) => call.Route(name).Trim('\'');

    private static Func<GraphCall, Task> Explained(Func<GraphCall, Task> handle) => async call =>
    {
        try
        {
            await handle(call);
        }
        catch (GovernanceRefusedException refusal)
        {
            throw refusal.Fault switch
            {
                GovernanceFault.Missing => new GraphRefusal(StatusCodes.Status404NotFound, "ResourceNotFound", refusal.Message),
                GovernanceFault.Denied => new GraphRefusal(StatusCodes.Status403Forbidden, "Forbidden", refusal.Message),
                GovernanceFault.Decided => new GraphRefusal(StatusCodes.Status409Conflict, "Conflict", refusal.Message),
                _ => GraphRefusal.BadRequest(refusal.Message, "BadRequest"),
            };
        }
    };
}
