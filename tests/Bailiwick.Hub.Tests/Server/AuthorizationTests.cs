using System.Net;
using System.Net.Http.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Dapper;
using Microsoft.AspNetCore.Routing;
using Shouldly;
using Xunit;
using Authorization = Bailiwick.Hub.Operators.Authorization;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class AuthorizationTests(HubServer hub)
{
    public static TheoryData<Role, bool> Roles()
    {
        var data = new TheoryData<Role, bool>();
        foreach (var role in Enum.GetValues<Role>())
        {
            if (role != Role.CustomerAdministrator) data.Add(role, false);
            if (role != Role.Owner) data.Add(role, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Every_endpoint_decides_as_the_matrix_says(Role role, bool oneCustomer)
    {
        CustomerId? customer = oneCustomer ? hub.Ours : null;
        var principal = new Principal(new Actor("key", "x"), "x", [new RoleGrant(role, customer)]);
        using var client = hub.Client(await hub.KeyAsync(role, customer));
        foreach (var endpoint in Guarded().Where(endpoint => Requests.MethodOf(endpoint) != "DELETE"))
        {
            var required = endpoint.Metadata.GetMetadata<RequiredAction>()!;
            var decision = Authorization.Decide(principal, required.Action, required.PerCustomer ? hub.Ours : null);
            using var request = Requests.To(endpoint, OurValues);
            using var answer = await client.SendAsync(request);
            var what = $"{role} {(oneCustomer ? "of one customer" : "of all")}: {Requests.NameOf(endpoint)}";
            ((int)answer.StatusCode).ShouldBeLessThan(500, what);
            if (oneCustomer && Requests.PatternOf(endpoint) == Routes.AuditVerify) decision = Decision.Denied; // the whole chain is not one customer's
            (answer.StatusCode == HttpStatusCode.Forbidden).ShouldBe(decision == Decision.Denied, what);
            answer.StatusCode.ShouldNotBe(HttpStatusCode.Unauthorized, what);
        }
    }

    [Theory]
    [InlineData(Role.Engineer)]
    [InlineData(Role.CustomerAdministrator)]
    [InlineData(Role.Approver)]
    public async Task A_foreign_id_and_an_unknown_one_answer_alike(Role role)
    {
        using var client = hub.Client(await hub.KeyAsync(role, hub.Ours));
        foreach (var endpoint in Guarded().Where(endpoint => endpoint.Metadata.GetMetadata<RequiredAction>()!.PerCustomer))
        {
            using var foreign = await client.SendAsync(Requests.To(endpoint, TheirValues));
            using var unknown = await client.SendAsync(Requests.To(endpoint, UnknownValues));
            foreign.StatusCode.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
            foreign.StatusCode.ShouldBe(unknown.StatusCode, Requests.NameOf(endpoint));
            (await Without(foreign)).ShouldBe(await Without(unknown), Requests.NameOf(endpoint));
        }
    }

    [Fact]
    public async Task A_foreign_tenant_in_a_query_or_body_answers_as_an_unknown_one()
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Engineer, hub.Ours));
        var unknown = Guid.NewGuid();
        foreach (var address in new[] { "/api/v1/alerts?tenant={0}", "/api/v1/alerts/one?tenant={0}&id=first", "/api/v1/deadletters?tenant={0}", "/api/v1/coverage?tenant={0}", "/api/v1/coverage/differences?tenant={0}" })
        {
            using var one = await client.GetAsync(new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, hub.TheirTenant.Id), UriKind.Relative));
            using var two = await client.GetAsync(new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, unknown), UriKind.Relative));
            one.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await Without(one)).ShouldBe(await Without(two));
        }

        using var replay = await client.PostAsJsonAsync(Routes.DeadLettersReplay, new DeadLetterSelection(Tenant: hub.TheirTenant.Id), ApiJson.Strict);
        replay.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Lists_hold_only_what_the_caller_may_see()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Analyst, hub.Ours));
        (await api.ListCustomersAsync(null, default)).Items.Select(customer => customer.Id).ShouldBe([hub.Ours]);
        (await api.ListConnectionsAsync(null, default)).Items.ShouldAllBe(connection => connection.Customer == hub.Ours);
        (await api.ListAlertsAsync(new Bailiwick.Api.V1.AlertQuery(), default)).Items.ShouldAllBe(alert => alert.Tenant == hub.OurTenant.Id);
        (await api.ListAlertsAsync(new Bailiwick.Api.V1.AlertQuery(), default)).Items.ShouldNotBeEmpty();
        (await api.ListDeadLettersAsync(new DeadLetterQuery(), default)).Items.ShouldAllBe(letter => letter.Customer == hub.Ours);
        (await api.ListTenantStatusAsync(null, default)).Items.ShouldAllBe(tenant => tenant.Customer == hub.Ours);
        (await api.ListCoverageAsync(new Bailiwick.Api.V1.CoverageQuery(), default)).Items.ShouldAllBe(row => row.Customer == hub.Ours);
        var audit = hub.Api(await hub.KeyAsync(Role.Auditor, hub.Ours));
        (await audit.ListAuditAsync(null, 1000, null, default)).Items.ShouldAllBe(record => record.Tenant == hub.OurTenant.Id);
    }

    [Fact]
    public async Task A_tenant_given_to_another_customer_outside_the_hub_shows_that_customer_nothing()
    {
        var key = await hub.KeyAsync(Role.Engineer, hub.Ours);
        await hub.Api(hub.Owner).AddFeedAsync(new NewFeed("of-ours", "raw", [hub.Ours]), default);
        await GiveTheirTenantAsync(hub.Ours);
        try
        {
            using var client = hub.Client(key);
            foreach (var address in new[]
                     {
                         "/compat/exporter/api/alerts?ago=P1D", "/compat/defender/api/alerts", "/api/v1/feeds/of-ours/next?max=1000", "/api/v1/deadletters?limit=1000",
                         "/api/v1/alerts?limit=1000", "/api/v1/coverage", "/api/v1/status/tenants", "/api/v1/customers", "/api/v1/connections",
                     })
            {
                var text = await client.GetStringAsync(new Uri(address, UriKind.Relative));
                text.ShouldContain(hub.OurTenant.Id.ToString(), customMessage: address);
                text.ShouldNotContain(hub.TheirTenant.Id.ToString(), customMessage: address);
            }

            using var letter = await client.GetAsync(new Uri(Routes.Fill(Routes.DeadLetterRaw, hub.TheirLetter), UriKind.Relative));
            letter.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await GiveTheirTenantAsync(hub.Theirs);
            await hub.Api(hub.Owner).RemoveFeedAsync("of-ours", default);
        }
    }

    [Fact]
    public async Task Nobody_is_answered_without_a_key_and_a_revoked_key_is_refused_at_once()
    {
        using (var nobody = hub.Client(null))
        {
            foreach (var endpoint in Guarded())
            {
                using var answer = await nobody.SendAsync(Requests.To(endpoint, OurValues));
                answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, Requests.NameOf(endpoint));
                answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            }
        }

        var owner = hub.Api(hub.Owner);
        var made = await owner.AddKeyAsync(new Bailiwick.Api.V1.NewApiKey("short lived", "analyst"), default);
        var api = hub.Api(made.Secret);
        await api.ListCustomersAsync(null, default);
        await owner.RevokeKeyAsync(made.Key.Id, default);
        (await Should.ThrowAsync<ProblemException>(() => api.ListCustomersAsync(null, default))).Problem.Status.ShouldBe(401);
    }

    private Task GiveTheirTenantAsync(CustomerId customer) => hub.Get<Database>().WriteAsync(
        write => write.Connection.ExecuteAsync(
            "UPDATE tenants SET customer_id = @customer WHERE tenant_key = @key", new { customer = customer.ToString(), key = hub.TheirTenant.TenantKey }, write.Transaction),
        default);

    private static async Task<string> Without(HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant);
        return (problem! with { TraceId = null }).ToString();
    }

    private static string UnknownValues(string parameter) => parameter == "number" ? "1" : Guid.NewGuid().ToString();

    private IEnumerable<RouteEndpoint> Guarded() => hub.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<RequiredAction>() is not null);

    private string OurValues(string parameter) => parameter switch
    {
        "customer" => hub.Ours.ToString(),
        "tenant" => hub.OurTenant.Id.ToString(),
        "id" => hub.OurCollectorLetter,
        "number" => "1",
        _ => "nothing",
    };

    private string TheirValues(string parameter) => parameter switch
    {
        "customer" => hub.Theirs.ToString(),
        "tenant" => hub.TheirTenant.Id.ToString(),
        "id" => hub.TheirLetter,
        _ => "1",
    };
}
