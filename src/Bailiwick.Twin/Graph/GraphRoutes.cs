using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph;

/// <summary>One route of Graph's directory part, for the table in <c>docs/twin-routes.md</c>.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Below the version, such as <c>/users/{id}</c>.</param>
/// <param name="Source">Page and year it was read from.</param>
internal sealed record GraphRoute(string Method, string Path, string Source);

/// <summary>Adds routes below a version of Graph; each checks its caller first and turns refusals into the error envelope.</summary>
internal sealed class GraphRoutes(IEndpointRouteBuilder routes, string root, TwinServices services)
{
    private static readonly IReadOnlyList<string> Audiences = TwinResource.Graph.Audiences;
    private readonly List<GraphRoute> _table = [];

    /// <summary>What was added, in order.</summary>
    public IReadOnlyList<GraphRoute> Table => _table;

    public void Get(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => Add("GET", path, need, source, handle);

    public void Post(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => Add("POST", path, need, source, handle);

    public void Patch(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => Add("PATCH", path, need, source, handle);

    public void Put(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => Add("PUT", path, need, source, handle);

    public void Delete(string path, GraphNeed need, string source, Func<GraphCall, Task> handle) => Add("DELETE", path, need, source, handle);

    private void Add(string method, string path, GraphNeed need, string source, Func<GraphCall, Task> handle)
    {
        _table.Add(new GraphRoute(method, path, source));
        routes.MapMethods($"{root}{path}", [method], (HttpContext context) => AnswerAsync(context, path, need, handle)).DisableAntiforgery().From(source);
    }

    private async Task AnswerAsync(HttpContext context, string path, GraphNeed need, Func<GraphCall, Task> handle)
    {
        try
        {
            var call = Admit(context, need);
            services.Throttle.Take(context, call.Caller, services, path);
            await handle(call);
        }
        catch (GraphRefusal refusal) when (!context.Response.HasStarted)
        {
            if (refusal.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";
            await GraphAnswer.ErrorAsync(context, services.Clock, refusal.Status, refusal.Code, refusal.Message);
        }
        catch (QueryRefusedException refusal) when (!context.Response.HasStarted)
        {
            await GraphAnswer.ErrorAsync(context, services.Clock, StatusCodes.Status400BadRequest, refusal.Code, refusal.Message);
        }
        catch (BadHttpRequestException refusal) when (!context.Response.HasStarted)
        {
            await GraphAnswer.ErrorAsync(context, services.Clock, refusal.StatusCode, "BadRequest", "The request body could not be read.");
        }
    }

    private GraphCall Admit(HttpContext context, GraphNeed need)
    {
        var fault = services.Tokens.Read(context.Request.Headers.Authorization, Audiences, out var caller);
        var tenant = caller is null ? null : services.Directory.FindTenant(caller.TenantId);
        if (fault is not null || caller is null || tenant is null) throw new GraphRefusal(StatusCodes.Status401Unauthorized, "InvalidAuthenticationToken", fault ?? "The tenant of the token is unknown.");
        var held = caller.IsApplication ? caller.Roles : caller.Scopes;
        if (need.PersonOnly && caller.IsApplication) throw GraphRefusal.Denied("Application-only access is not supported for this call: a person must sign in.");
        if (need.Permissions.Count > 0 && !need.Permissions.Any(held.Contains)) throw GraphRefusal.Denied();
        if (!caller.IsApplication) CheckPerson(services.Directory.FindUser(tenant.Id, caller.ObjectId), need);
        if (tenant.Plan < need.Plan) throw GraphRefusal.Unlicensed();
        return new GraphCall(context, caller, tenant, services);
    }

    /// <summary>A scope never gives more than the person has. Source: auth-v2-user 2025 (effective permissions), users-default-permissions 2025.</summary>
    private void CheckPerson(TwinUser? person, GraphNeed need)
    {
        if (person is not { Enabled: true }) throw new GraphRefusal(StatusCodes.Status401Unauthorized, "InvalidAuthenticationToken", "The user of the token does not exist or is disabled.");
        var roles = services.Directory.RolesOf(person);
        if (need.Roles is { } wanted && !wanted.Any(roles.Contains) && !roles.Contains(DirectoryRoles.GlobalAdministrator)) throw GraphRefusal.Denied();
        if (person.IsGuestType && need is { Roles: null, Guests: false } && roles.Count == 0) throw GraphRefusal.Denied();
    }
}
