using System.Globalization;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Bailiwick.Server.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Server.Endpoints;

/// <summary>The audit trail over REST. Whoever may see single customers only sees the records of their tenants and none of the hub's own.</summary>
internal static class AuditEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Audit, ListAsync).RequireAction(HubAction.AuditRead).WithQuery("tenant", "limit", "cursor")
            .Produces<V1.Page<V1.AuditRecord>>().WithTags("audit").WithSummary("Lists audit records, newest first");
        routes.MapGet(Routes.AuditVerify, VerifyAsync).RequireAction(HubAction.AuditRead)
            .Produces<V1.AuditVerification>().WithTags("audit").WithSummary("Checks the whole chain");
    }

    private static async Task<IResult> ListAsync(HttpContext http, Database database, TenantStore tenants, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var before = query.Cursor(1, 1) is [var sequence] ? long.Parse(sequence, CultureInfo.InvariantCulture) : (long?)null;
        var tenant = query.Tenant("tenant");
        if (query.Refusal() is { } refusal) return refusal;
        var scope = Authorization.ScopeOf(http.GetPrincipal(), HubAction.AuditRead);
        IReadOnlyCollection<TenantId>? only = scope.All ? null : [.. (await tenants.ListAsync(scope.Customers, cancellationToken)).Select(record => record.Id)];
        if (tenant is { } one)
        {
            // A tenant that left the hub has records still: whoever sees everything may ask for them.
            if (only?.Contains(one) == false) return OperatorProblems.NotFound();
            only = [one];
        }

        var page = await AuditLog.ListNewestAsync(database, before, limit, only, cancellationToken);
        return TypedResults.Ok(new V1.Page<V1.AuditRecord>(
            [.. page.Select(ToRecord)], page.Count == limit ? Cursor.Write(page[^1].Sequence.ToString(CultureInfo.InvariantCulture)) : null));
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, Database database, VaultKeyring keyring, ServerOptions options, CancellationToken cancellationToken)
    {
        if (!Authorization.ScopeOf(http.GetPrincipal(), HubAction.AuditRead).All) return OperatorProblems.Denied();
        return await AuditVerifier.VerifyAsync(database, keyring, Path.Combine(options.Data, AuditAnchorWriter.FileName), cancellationToken) switch
        {
            AuditVerdict.Intact intact => TypedResults.Ok(new V1.AuditVerification(Intact: true, intact.Records, intact.Anchors, null, null)),
            AuditVerdict.Broken broken => TypedResults.Ok(new V1.AuditVerification(Intact: false, broken.Position - 1, 0, broken.Position, broken.Fault)),
            AuditVerdict.AnchorsDamaged damaged => TypedResults.Ok(new V1.AuditVerification(Intact: false, 0, 0, null, damaged.Fault)),
            _ => throw new InvalidOperationException("Unknown verdict."),
        };
    }

    private static V1.AuditRecord ToRecord(AuditRecord record) => new(
        record.Sequence,
        new DateTimeOffset(record.At, TimeSpan.Zero),
        record.Event,
        record.ActorKind,
        record.ActorId,
        TenantId.TryParse(record.TenantId, out var tenant) ? tenant : null,
        record.ObjectId,
        record.Detail,
        Convert.ToHexStringLower(record.Hash));
}
