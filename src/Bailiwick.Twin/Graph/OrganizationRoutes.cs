using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Graph;

/// <summary><c>/organization</c>: a collection of one, the caller's tenant. Source: organization-get and organization-list, 2024.</summary>
internal sealed class OrganizationRoutes(PlaneServices services)
{
    public void Map(IEndpointRouteBuilder routes, string root)
    {
        routes.MapGet($"{root}/organization", (RequestDelegate)ListAsync);
        routes.MapGet($"{root}/organization/{{id}}", (RequestDelegate)GetAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, GraphPermissions.Organization, budget: null) is not { } caller) return;
        GraphAnswer.Begin(context, StatusCodes.Status200OK);
        var writer = context.Response.BodyWriter;
        writer.Write(Encoding.UTF8.GetBytes($$"""{"@odata.context":"{{GraphAnswer.Root(context.Request)}}/$metadata#organization","value":["""));
        writer.Write(Body(services.FindTenant(caller.TenantId)!));
        writer.Write("]}"u8);
        await writer.FlushAsync(context.RequestAborted);
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await GraphGate.EnterAsync(context, services, GraphPermissions.Organization, budget: null) is not { } caller) return;
        var id = (string)context.GetRouteValue("id")!;
        if (Guid.TryParse(id, out var tenant) && tenant == caller.TenantId) await GraphAnswer.EntityAsync(context, "organization", Body(services.FindTenant(tenant)!));
        else
        {
            await GraphAnswer.ErrorAsync(
                context, services, StatusCodes.Status404NotFound, "Request_ResourceNotFound",
                $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        }
    }

    private static byte[] Body(TwinTenant tenant) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            id = tenant.Id.ToString("D"),
            createdDateTime = "2019-04-02T07:21:40Z",
            displayName = tenant.DisplayName,
            countryLetterCode = tenant.CountryLetterCode,
            tenantType = "AAD",
            technicalNotificationMails = new[] { $"it@{tenant.DefaultDomain}" },
            securityComplianceNotificationMails = Array.Empty<string>(),
            assignedPlans = tenant.DefenderLicensed
                ? new[] { new { assignedDateTime = "2024-01-15T09:00:00Z", capabilityStatus = "Enabled", service = "WindowsDefenderATP", servicePlanId = "871d91ec-ec1a-452b-a83f-bd76c7d770ef" } }
                : [],
            verifiedDomains = new[] { new { capabilities = "Email, OfficeCommunicationsOnline", isDefault = true, isInitial = true, name = tenant.DefaultDomain, type = "Managed" } },
            partnerTenantType = (string?)null,
        },
        Relaxed.Options);
}
