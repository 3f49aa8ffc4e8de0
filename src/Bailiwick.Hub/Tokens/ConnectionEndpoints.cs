using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tokens;

/// <summary>The tenants' connections over REST.</summary>
internal static class ConnectionEndpoints
{
    private const int AtOnce = 8;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Connections, ListAsync).RequireAction(HubAction.ConnectionsRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.Connection>>().WithTags("connections").WithSummary("Lists every tenant with its connection, in the order of being added");
        routes.MapGet(Routes.Connection, GetAsync).RequireAction(HubAction.ConnectionsRead, TenantAccess.FromRoute("tenant"))
            .Produces<V1.Connection>().WithTags("connections").WithSummary("How one tenant is connected");
        routes.MapPost(Routes.ConnectAppOnly, ConnectAsync).RequireAction(HubAction.ConnectionsChange)
            .Produces<V1.ConnectOutcomes>().WithTags("connections").WithSummary("Connects up to 50 tenants app-only; each outcome stands for itself");
        routes.MapPost(Routes.ConnectCode, BeginAsync).RequireAction(HubAction.ConnectionsChange, TenantAccess.FromRoute("tenant"))
            .Produces<V1.CodeLink>().WithTags("connections").WithSummary("Makes a link for the person who will sign in");
        routes.MapDelete(Routes.Connection, RemoveAsync).RequireAction(HubAction.ConnectionsChange, TenantAccess.FromRoute("tenant")).WithQuery("only")
            .Produces(StatusCodes.Status204NoContent).WithTags("connections").WithSummary("Disconnects a tenant and destroys its credentials, or those of its comparing connection alone");
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, TenantStore tenants, ConnectionStore connections, ApplicationStore applications, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var after = query.Cursor(1, 1) is [var key] ? long.Parse(key, CultureInfo.InvariantCulture) : 0;
        if (query.Refusal() is { } refusal) return refusal;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.ConnectionsRead);
        var page = await tenants.ListAsync(after, limit, scope.Only, cancellationToken);
        TenantId[] ids = [.. page.Select(tenant => tenant.Id)];
        var collecting = await connections.FindAsync(ids, ConnectionPurpose.Collect, cancellationToken);
        var comparing = await connections.FindAsync(ids, ConnectionPurpose.Compare, cancellationToken);
        var names = (await applications.ListAsync(cancellationToken)).ToDictionary(application => application.Id, application => application.Name);
        return TypedResults.Ok(new V1.Page<V1.Connection>(
            [.. page.Select(tenant => ToRecord(tenant, collecting.GetValueOrDefault(tenant.Id), comparing.GetValueOrDefault(tenant.Id), names))],
            page.Count == limit ? Cursor.Write(page[^1].TenantKey.ToString(CultureInfo.InvariantCulture)) : null));
    }

    private static async Task<IResult> GetAsync(
        string tenant, HttpContext http, ConnectionStore connections, ApplicationStore applications, CancellationToken cancellationToken)
    {
        var record = http.GetTenant();
        var names = (await applications.ListAsync(cancellationToken)).ToDictionary(application => application.Id, application => application.Name);
        return TypedResults.Ok(ToRecord(
            record,
            await connections.GetAsync(record.Id, cancellationToken),
            await connections.GetAsync(record.Id, ConnectionPurpose.Compare, cancellationToken),
            names));
    }

    private static async Task<IResult> ConnectAsync(
        V1.ConnectAppOnly request, HttpContext http, TenantStore tenants, ApplicationStore applications, ConnectService connect, CancellationToken cancellationToken)
    {
        var faults = new InputFaults();
        if (request.Tenants.Count is 0 or > V1.ConnectAppOnly.MaxTenants) faults.Add("tenants", $"Name 1 to {V1.ConnectAppOnly.MaxTenants} tenants at once.");
        else if (request.Tenants.Distinct().Count() < request.Tenants.Count) faults.Add("tenants", "Name each tenant once.");
        var sources = CheckSources(request.Source, request.Also, request.Compare, faults);
        var application = await FindApplicationAsync(request.Application, applications, faults, cancellationToken);
        if (faults.Any) return faults.Refuse(Problems.RuleBroken);
        var outcomes = new V1.ConnectOutcome[request.Tenants.Count];
        await Parallel.ForAsync(
            0,
            outcomes.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (i, stop) => outcomes[i] = await ConnectOneAsync(request.Tenants[i], http.GetPrincipal(), tenants, application!, sources, connect, stop));
        return TypedResults.Ok(new V1.ConnectOutcomes(outcomes));
    }

    private static async Task<V1.ConnectOutcome> ConnectOneAsync(
        TenantId id, Principal principal, TenantStore tenants, ProviderApplication application, SourceChoice? sources, ConnectService connect, CancellationToken cancellationToken)
    {
        const string Unknown = "There is no such tenant, or you may not see it: add it to a customer first.";
        try
        {
            if (await tenants.GetAsync(id, cancellationToken) is not { } tenant) return new V1.ConnectOutcome(id, null, Connected: false, "unknown_tenant", Unknown);
            return Authorization.Decide(principal, HubAction.ConnectionsChange, tenant.Customer) switch
            {
                Decision.Hidden => new V1.ConnectOutcome(id, null, Connected: false, "unknown_tenant", Unknown),
                Decision.Denied => new V1.ConnectOutcome(id, tenant.CustomerName, Connected: false, "forbidden", "Your role does not allow this for the tenant's customer."),
                _ => await (sources is null
                    ? connect.ConnectComparingAsync(principal.Actor, id, application.Id, cancellationToken)
                    : connect.ConnectAsync(principal.Actor, id, application.Id, sources, cancellationToken)) switch
                {
                    ConnectResult.Connected => new V1.ConnectOutcome(id, tenant.CustomerName, Connected: true),
                    ConnectResult.Refused refused => new V1.ConnectOutcome(id, tenant.CustomerName, Connected: false, refused.Error, refused.Detail),
                    ConnectResult.TryLater later => new V1.ConnectOutcome(id, tenant.CustomerName, Connected: false, "unreachable", later.Detail),
                    var other => throw new InvalidOperationException($"Unknown result {other.GetType().Name}."),
                },
            };
        }
        catch (SealBrokenException broken)
        {
            return new V1.ConnectOutcome(id, null, Connected: false, "seal_broken", broken.Message);
        }
    }

    private static async Task<IResult> BeginAsync(
        string tenant, V1.BeginCode request, HttpContext http, ApplicationStore applications, ConnectService connect, CancellationToken cancellationToken)
    {
        var faults = new InputFaults();
        var sources = CheckSources(request.Source, request.Also, request.Compare, faults);
        var application = await FindApplicationAsync(request.Application, applications, faults, cancellationToken);
        if (faults.Any) return faults.Refuse(Problems.RuleBroken);
        var purpose = sources is null ? ConnectionPurpose.Compare : ConnectionPurpose.Collect;
        if (sources is null)
        {
            (sources, var refused) = await connect.ChooseComparedAsync(http.GetTenant().Id, ConnectionFlow.AuthorizationCode, cancellationToken);
            if (sources is null) return Answers.RuleBroken("compare", refused!.Detail);
        }

        if (await connect.FindFaultAsync(http.GetTenant().Id, sources, cancellationToken) is { } fault) return Answers.RuleBroken("source", fault);
        var host = new Uri($"{http.Request.Scheme}://{http.Request.Host}");
        if (host.Scheme != Uri.UriSchemeHttps && !host.IsLoopback)
            return Answers.Refuse(Problems.RuleBroken, "People sign in over https only: ask this hub by an https address, or on its own machine.");
        var record = http.GetTenant();
        var ticket = await connect.BeginAsync(http.GetPrincipal().Actor, record.Id, application!.Id, sources, purpose, new Uri(host, Routes.ConnectCallback), cancellationToken);
        return ticket is null
            ? OperatorProblems.NotFound()
            : TypedResults.Ok(new V1.CodeLink(new Uri(host, Routes.Fill(Routes.ConnectPage, ticket.Ticket)), ticket.ExpiresAt, record.Id, application.ClientId, ticket.Permissions));
    }

    private static async Task<IResult> RemoveAsync(string tenant, HttpContext http, ConnectionStore connections, TokenProvider tokens, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var onlyComparing = query.OneOf("only", "comparing") is not null;
        if (query.Refusal() is { } refusal) return refusal;
        var id = http.GetTenant().Id;
        if (!await connections.RemoveAsync(http.GetPrincipal().Actor, id, onlyComparing, cancellationToken)) return OperatorProblems.NotFound();
        tokens.Forget(id);
        return TypedResults.NoContent();
    }

    /// <summary>The sources wished for; null for comparing, which reads what the tenant is collected from.</summary>
    private static SourceChoice? CheckSources(string? source, IReadOnlyList<string>? also, bool compare, InputFaults faults)
    {
        if (compare)
        {
            if (source is not null || also is not null) faults.Add("compare", "A comparing connection reads the source that the tenant is collected from: leave out source and also.");
            return null;
        }

        var choice = SourceChoice.Read(source, also, out var wrong);
        foreach (var (field, fault) in wrong) faults.Add(field, fault);
        return choice;
    }

    private static async Task<ProviderApplication?> FindApplicationAsync(string? name, ApplicationStore applications, InputFaults faults, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            if (await applications.FindByNameAsync(name, cancellationToken) is { } named) return named;
            faults.Add("application", "There is no application of that name: add it first.");
            return null;
        }

        var all = await applications.ListAsync(cancellationToken);
        if (all.Count == 1) return await applications.GetAsync(all[0].Id, cancellationToken);
        faults.Add("application", all.Count == 0 ? "There is no application yet: add one first." : "There are several applications: name one.");
        return null;
    }

    private static V1.Connection ToRecord(TenantRecord tenant, TenantConnection? connection, TenantConnection? comparing, Dictionary<ApplicationId, string> names) => new(
        tenant.Id,
        tenant.Customer,
        tenant.CustomerName,
        connection is null ? null : KindOf(connection.Flow),
        connection is null ? null : names.GetValueOrDefault(connection.Application),
        connection?.Source,
        StateOf(connection?.State),
        connection?.Visibility,
        connection?.LastError,
        connection?.LastDetail,
        connection?.ProvenAt,
        connection is { Also.Count: > 0 } ? connection.Also : null,
        comparing is null
            ? null
            : new V1.ComparingConnection(
                KindOf(comparing.Flow), names.GetValueOrDefault(comparing.Application), StateOf(comparing.State), comparing.Visibility, comparing.LastError, comparing.LastDetail, comparing.ProvenAt));

    private static V1.ConnectionKind KindOf(ConnectionFlow flow) => flow == ConnectionFlow.AppOnly ? V1.ConnectionKind.AppOnly : V1.ConnectionKind.Code;

    /// <summary>The word for people; null is a tenant without a connection.</summary>
    internal static V1.ConnectionState StateOf(ConnectionState? state) => state switch
    {
        null => V1.ConnectionState.NotConnected,
        ConnectionState.Connected => V1.ConnectionState.Connected,
        _ => V1.ConnectionState.NeedsAttention,
    };
}
