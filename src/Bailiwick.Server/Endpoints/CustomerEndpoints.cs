using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>Customers and their tenants over REST. Here and not beside the stores, because customers and operators stand on one floor.</summary>
internal static class CustomerEndpoints
{
    public const long MaxImportBytes = 10 * 1024 * 1024;

    private const int MaxTenants = 100;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Customers, ListAsync).RequireAction(HubAction.CustomersRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.Customer>>().WithTags("customers").WithSummary("Lists customers with their tenants, in the order of being added");
        routes.MapGet(Routes.Customer, GetAsync).RequireAction(HubAction.CustomersRead, "customer")
            .Produces<V1.Customer>().WithTags("customers").WithSummary("One customer with its tenants");
        routes.MapPost(Routes.Customers, AddAsync).RequireAction(HubAction.CustomersAdd)
            .Produces<V1.Customer>(StatusCodes.Status201Created).WithTags("customers").WithSummary("Adds a customer with its tenants: all of it or nothing");
        routes.MapPost(Routes.CustomerTenants, AddTenantAsync).RequireAction(HubAction.CustomersChange, "customer")
            .Produces<V1.Tenant>(StatusCodes.Status201Created).WithTags("customers").WithSummary("Adds a tenant to a customer");
        routes.MapPost(Routes.CustomerPause, PauseAsync).RequireAction(HubAction.CustomersChange, "customer")
            .Produces<V1.Customer>().WithTags("customers").WithSummary("Puts a customer's collection on hold until a time");
        routes.MapPost(Routes.CustomerResume, ResumeAsync).RequireAction(HubAction.CustomersChange, "customer")
            .Produces<V1.Customer>().WithTags("customers").WithSummary("Ends a pause; what was missed is walked then");
        routes.MapPost(Routes.CustomerImport, ImportAsync).RequireAction(HubAction.CustomersAdd).WithMetadata(new BodyLimit(MaxImportBytes))
            .Produces<V1.CustomerImportResult>().WithTags("customers").WithSummary("Adds many customers and tenants: all or none");
    }

    private static async Task<IResult> ListAsync(HttpContext http, CustomerStore customers, TenantStore tenants, CustomerPauses pauses, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var cursor = query.Cursor(1, 0);
        var after = default(CustomerId?);
        if (cursor is [var text])
        {
            if (CustomerId.TryParse(text, out var id)) after = id;
            else query.Fault("cursor", "The cursor is not one of this list.");
        }

        if (query.Refusal() is { } refusal) return refusal;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.CustomersRead);
        var page = await customers.ListAsync(after, limit, scope.Only, cancellationToken);
        var owned = (await tenants.ListAsync([.. page.Select(customer => customer.Id)], cancellationToken)).ToLookup(tenant => tenant.Customer);
        var paused = await pauses.ListAsync(cancellationToken);
        return TypedResults.Ok(new V1.Page<V1.Customer>(
            [.. page.Select(customer => ToRecord(customer, owned[customer.Id], paused.GetValueOrDefault(customer.Id)))], page.Count == limit ? Cursor.Write(page[^1].Id.ToString()) : null));
    }

    private static async Task<IResult> GetAsync(string customer, CustomerStore customers, TenantStore tenants, CustomerPauses pauses, CancellationToken cancellationToken) =>
        CustomerId.TryParse(customer, out var id) && await customers.GetAsync(id, cancellationToken) is { } found
            ? TypedResults.Ok(ToRecord(found, await tenants.ListAsync(id, cancellationToken), await pauses.FindAsync(id, cancellationToken)))
            : OperatorProblems.NotFound();

    private static async Task<IResult> PauseAsync(
        string customer, V1.PauseCustomer wish, HttpContext http, CustomerStore customers, TenantStore tenants, CustomerPauses pauses, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!CustomerId.TryParse(customer, out var id) || await customers.GetAsync(id, cancellationToken) is not { } found) return OperatorProblems.NotFound();
        if (CustomerPauses.FaultOf(wish.Reason, wish.Until, time.GetUtcNow()) is var (field, fault)) return Answers.RuleBroken(field, fault);
        var pause = await pauses.PauseAsync(http.GetPrincipal().Actor, id, wish.Reason, wish.Until.ToUniversalTime(), cancellationToken);
        return TypedResults.Ok(ToRecord(found, await tenants.ListAsync(id, cancellationToken), pause));
    }

    private static async Task<IResult> ResumeAsync(
        string customer, HttpContext http, CustomerStore customers, TenantStore tenants, CustomerPauses pauses, CancellationToken cancellationToken)
    {
        if (!CustomerId.TryParse(customer, out var id) || await customers.GetAsync(id, cancellationToken) is not { } found) return OperatorProblems.NotFound();
        await pauses.ResumeAsync(http.GetPrincipal().Actor, id, cancellationToken);
        return TypedResults.Ok(ToRecord(found, await tenants.ListAsync(id, cancellationToken)));
    }

    private static async Task<IResult> AddAsync(V1.NewCustomer wish, HttpContext http, CustomerImporter importer, TenantStore tenants, CancellationToken cancellationToken)
    {
        var wanted = wish.Tenants ?? [];
        if (wanted.Count > MaxTenants) return Answers.RuleBroken("tenants", $"A customer is added with at most {MaxTenants} tenants; import the rest.");
        if (NullFault("tenants", wanted) is { } fault) return fault;
        var rows = wanted.Select(tenant => new CustomerImportRow(wish.Name, tenant.Id, tenant.Cloud, tenant.Region)).ToList();
        switch (await importer.AddAsync(http.GetPrincipal().Actor, wish.Name, rows, cancellationToken))
        {
            case AddCustomerResult.Added added:
                return TypedResults.Created(
                    Routes.Fill(Routes.Customer, added.Customer.Id.ToString()), ToRecord(added.Customer, await tenants.ListAsync(added.Customer.Id, cancellationToken)));
            case AddCustomerResult.NameTaken:
                return Answers.Refuse(Problems.Conflict, "There is a customer of that name already; choose another name.");
            case AddCustomerResult.BadName bad:
                return Answers.RuleBroken("name", bad.Reason);
            case AddCustomerResult.BadTenants bad:
                var faults = new InputFaults();
                foreach (var one in bad.Faults) faults.Add($"tenants[{one.Row - 1}].{(one.Field == "tenant" ? "id" : one.Field)}", one.Reason);
                return faults.Refuse(Problems.RuleBroken);
            default:
                throw new InvalidOperationException("Unknown result of adding a customer.");
        }
    }

    private static async Task<IResult> AddTenantAsync(
        string customer, V1.NewTenant wish, HttpContext http, CustomerStore customers, TenantStore tenants, CancellationToken cancellationToken)
    {
        if (!CustomerId.TryParse(customer, out var id) || await customers.GetAsync(id, cancellationToken) is null) return OperatorProblems.NotFound();
        return await tenants.AddAsync(http.GetPrincipal().Actor, wish.Id, id, wish.Cloud ?? "public", wish.Region, cancellationToken) switch
        {
            AddTenantResult.Added added => TypedResults.Created(Routes.Fill(Routes.Customer, id.ToString()), ToRecord(added.Tenant)),
            AddTenantResult.Unchanged same => TypedResults.Ok(ToRecord(same.Tenant)),
            AddTenantResult.Refused { Field: "id" } refused => Answers.Refuse(Problems.Conflict, refused.Reason, new Dictionary<string, string[]> { ["id"] = [refused.Reason] }),
            AddTenantResult.Refused refused => Answers.RuleBroken(refused.Field, refused.Reason),
            _ => throw new InvalidOperationException("Unknown result of adding a tenant."),
        };
    }

    private static async Task<IResult> ImportAsync(V1.CustomerImport import, HttpContext http, CustomerImporter importer, CancellationToken cancellationToken)
    {
        if (import.Lines.Count is 0 or > V1.CustomerImport.MaxLines) return Answers.RuleBroken("lines", $"Send 1 to {V1.CustomerImport.MaxLines} lines at once.");
        if (NullFault("lines", import.Lines) is { } fault) return fault;
        var rows = import.Lines.Select(line => new CustomerImportRow(line.Customer, line.Tenant, line.Cloud, line.Region)).ToList();
        switch (await importer.ImportAsync(http.GetPrincipal().Actor, rows, cancellationToken))
        {
            case CustomerImportResult.Imported imported:
                return TypedResults.Ok(new V1.CustomerImportResult(imported.Customers, imported.Tenants, imported.Unchanged));
            case CustomerImportResult.Refused refused:
                var faults = new InputFaults();
                foreach (var one in refused.Faults) faults.Add($"lines[{one.Row - 1}].{one.Field}", $"Line {import.Lines[one.Row - 1].Line}: {one.Reason}");
                return faults.Refuse(Problems.RuleBroken);
            default:
                throw new InvalidOperationException("Unknown result of an import.");
        }
    }

    /// <summary>JSON can say null where a list's items may not be.</summary>
    private static IResult? NullFault<T>(string field, IReadOnlyList<T?> items)
        where T : class
    {
        var faults = new InputFaults();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is null) faults.Add($"{field}[{i}]", "An item of this list is not null.");
        }

        return faults.Any ? faults.Refuse(Problems.InvalidInput) : null;
    }

    private static V1.Customer ToRecord(Customer customer, IEnumerable<TenantRecord> tenants, CustomerPause? pause = null) => new(
        customer.Id,
        customer.Name,
        customer.CreatedAt,
        [.. tenants.Select(ToRecord)],
        pause is null ? null : new V1.CustomerPause(pause.Reason, pause.By, pause.At, pause.Until));

    private static V1.Tenant ToRecord(TenantRecord tenant) => new(tenant.Id, tenant.Customer, tenant.Cloud, tenant.Region, tenant.CreatedAt);

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
