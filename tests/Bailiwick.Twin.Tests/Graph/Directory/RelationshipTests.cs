using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class RelationshipTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    [Theory]
    [InlineData("tenantId='{0}'")]
    [InlineData("tenantId=%27{0}%27")]
    [InlineData("tenantId={0}")]
    public async Task A_tenant_is_found_by_id_in_every_spelling(string parameter)
    {
        var found = await twin.SendAsync(HttpMethod.Get, $"/tenantRelationships/findTenantInformationByTenantId({string.Format(null, parameter, twin.Twin.Cedar.Id)})");

        (found.Status, found.Body.GetProperty("defaultDomainName").GetString()).ShouldBe((200, "cedar.example"));
    }

    [Fact]
    public async Task A_tenant_is_found_by_domain_and_an_unknown_one_is_not()
    {
        var relationships = (await twin.GraphAsync()).TenantRelationships;

        (await relationships.FindTenantInformationByDomainNameWithDomainName("birch.example").GetAsync())!.TenantId.ShouldBe(twin.Twin.Birch.Id.ToString());
        (await relationships.FindTenantInformationByTenantIdWithTenantId(twin.Twin.Birch.Id.ToString()).GetAsync())!.DisplayName.ShouldBe("Birch Bank");
        (await Should.ThrowAsync<ODataError>(() => relationships.FindTenantInformationByDomainNameWithDomainName("nobody.example").GetAsync())).ResponseStatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task A_partner_gives_its_groups_roles_of_a_relationship_by_ETag()
    {
        var partner = twin.Twin.Provider;
        var made = await twin.Twin.Control.CreateRelationshipAsync(partner.Id, new NewRelationship("alder.example", "Alder operations", ["Security Reader", "Security Operator"]), default);
        var group = await twin.Twin.Control.CreateGroupAsync(partner.Id, new NewGroup("Tier 1"), default);
        var graph = await twin.GraphAsync(partner);
        var relationship = (await graph.TenantRelationships.DelegatedAdminRelationships.GetAsync(request => request.QueryParameters.Filter = "status eq 'active'"))!.Value!.Single(known => known.Id == made.Id);
        relationship.Duration.ShouldBe(TimeSpan.FromDays(365));
        relationship.EndDateTime.ShouldBe(relationship.ActivatedDateTime!.Value.AddDays(365));
        relationship.AccessDetails!.UnifiedRoles!.Count.ShouldBe(2);
        var assignments = graph.TenantRelationships.DelegatedAdminRelationships[made.Id].AccessAssignments;

        var access = (await assignments.PostAsync(Access(group.Id, DirectoryRoles.SecurityReader)))!;
        var etag = (string)access.AdditionalData["@odata.etag"];

        await assignments[access.Id].PatchAsync(new DelegatedAdminAccessAssignment { AccessDetails = Details(DirectoryRoles.SecurityOperator) }, request => request.Headers.Add("If-Match", etag));
        (await assignments[access.Id].GetAsync())!.AccessDetails!.UnifiedRoles!.Single().RoleDefinitionId.ShouldBe(DirectoryRoles.SecurityOperator.ToString());
        (await Should.ThrowAsync<ODataError>(() => assignments[access.Id].DeleteAsync(request => request.Headers.Add("If-Match", etag)))).ResponseStatusCode.ShouldBe(412);
        (await Should.ThrowAsync<ODataError>(() => assignments[access.Id].DeleteAsync())).ResponseStatusCode.ShouldBe(412);
        (await Should.ThrowAsync<ODataError>(() => assignments.PostAsync(Access(group.Id, DirectoryRoles.SecurityReader)))).ResponseStatusCode.ShouldBe(409);
        (await graph.TenantRelationships.DelegatedAdminCustomers.GetAsync())!.Value!.ShouldContain(customer => customer.TenantId == twin.Twin.Alder.Id.ToString());
        var last = (string)(await assignments[access.Id].GetAsync())!.AdditionalData["@odata.etag"];
        await assignments[access.Id].DeleteAsync(request => request.Headers.Add("If-Match", last));
        (await assignments.GetAsync())!.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_relationship_ends_and_one_that_waits_takes_no_group()
    {
        await using var own = await RunningTwin.StartAsync();
        var waiting = await own.Control.CreateRelationshipAsync(own.Provider.Id, new NewRelationship("birch.example", "Waiting", ["Global Reader"], Approved: false), default);
        var ending = await own.Control.CreateRelationshipAsync(own.Provider.Id, new NewRelationship("birch.example", "Ending", ["Global Reader"], Days: 30), default);
        await own.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 31 * 86400 }, default);
        var now = own.Host.Services.Clock.GetUtcNow();

        (own.Host.Services.Directory.FindRelationship(own.Provider.Id, waiting.Id)!.Status(now), own.Host.Services.Directory.FindRelationship(own.Provider.Id, ending.Id)!.Status(now)).ShouldBe(("approvalPending", "expired"));
        (await Should.ThrowAsync<TwinControlException>(() => own.Control.CreateRelationshipAsync(own.Provider.Id, new NewRelationship("birch.example", "waiting", ["Global Reader"]), default))).Message.ShouldContain("waiting");
    }

    private static DelegatedAdminAccessAssignment Access(Guid group, Guid role) => new()
    {
        AccessContainer = new DelegatedAdminAccessContainer { AccessContainerId = group.ToString(), AccessContainerType = DelegatedAdminAccessContainerType.SecurityGroup },
        AccessDetails = Details(role),
    };

    private static DelegatedAdminAccessDetails Details(Guid role) => new() { UnifiedRoles = [new UnifiedRole { RoleDefinitionId = role.ToString() }] };
}
