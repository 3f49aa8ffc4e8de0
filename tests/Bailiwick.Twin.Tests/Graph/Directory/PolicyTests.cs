using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class PolicyTests(DirectoryTwin twin) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task The_authorization_policy_is_one_object_and_changes_in_part()
    {
        var graph = await twin.GraphAsync(twin.Twin.Birch);
        (await graph.Policies.AuthorizationPolicy.GetAsync())!.AllowInvitesFrom.ShouldBe(AllowInvitesFrom.Everyone);

        await graph.Policies.AuthorizationPolicy.PatchAsync(new AuthorizationPolicy
        {
            AllowInvitesFrom = AllowInvitesFrom.AdminsGuestInvitersAndAllMembers,
            GuestUserRoleId = DirectoryRoles.RestrictedGuest,
            DefaultUserRolePermissions = new DefaultUserRolePermissions { AllowedToCreateApps = false },
        });

        var read = (await graph.Policies.AuthorizationPolicy.GetAsync())!;
        (read.AllowInvitesFrom, read.GuestUserRoleId).ShouldBe((AllowInvitesFrom.AdminsGuestInvitersAndAllMembers, DirectoryRoles.RestrictedGuest));
        (read.DefaultUserRolePermissions!.AllowedToCreateApps, read.DefaultUserRolePermissions.AllowedToCreateSecurityGroups).ShouldBe((false, true));
        var audit = (await graph.AuditLogs.DirectoryAudits.GetAsync(request => request.QueryParameters.Filter = "activityDisplayName eq 'Update authorization policy'"))!.Value![0];
        audit.TargetResources!.Single().ModifiedProperties!.ShouldContain(change => change.DisplayName == "allowInvitesFrom" && change.OldValue == "\"everyone\"");
        (await Should.ThrowAsync<ODataError>(() => graph.Policies.AuthorizationPolicy.PatchAsync(new AuthorizationPolicy { GuestUserRoleId = DirectoryRoles.GlobalAdministrator }))).ResponseStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task The_admin_centre_is_hidden_through_beta_only()
    {
        (await twin.SendAsync(HttpMethod.Patch, "/beta/admin/entra/uxSetting", new { restrictNonAdminAccess = "true" })).Status.ShouldBe(204);

        (await twin.SendAsync(HttpMethod.Get, "/beta/admin/entra/uxSetting")).Body.GetProperty("restrictNonAdminAccess").GetString().ShouldBe("true");
        (await twin.SendAsync(HttpMethod.Get, "/admin/entra/uxSetting")).Status.ShouldBeOneOf(400, 404);
        twin.Directory.AuthorizationPolicy(twin.Twin.Alder.Id).RestrictNonAdminAccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_partner_is_added_once_changed_in_part_and_removed()
    {
        var graph = await twin.GraphAsync();
        var partners = graph.Policies.CrossTenantAccessPolicy.Partners;
        var id = twin.Twin.Birch.Id.ToString();
        CrossTenantAccessPolicyConfigurationPartner Wanted() => new()
        {
            TenantId = id,
            InboundTrust = new CrossTenantAccessPolicyInboundTrust { IsMfaAccepted = true },
            B2bCollaborationInbound = new CrossTenantAccessPolicyB2BSetting
            {
                Applications = new CrossTenantAccessPolicyTargetConfiguration
                {
                    AccessType = CrossTenantAccessPolicyTargetConfigurationAccessType.Allowed,
                    Targets = [new CrossTenantAccessPolicyTarget { Target = "Office365", TargetType = CrossTenantAccessPolicyTargetType.Application }],
                },
            },
        };

        await partners.PostAsync(Wanted());

        (await Should.ThrowAsync<ODataError>(() => partners.PostAsync(Wanted()))).ResponseStatusCode.ShouldBe(409);
        await partners[id].PatchAsync(new CrossTenantAccessPolicyConfigurationPartner { InboundTrust = new CrossTenantAccessPolicyInboundTrust { IsCompliantDeviceAccepted = true } });
        var read = (await partners[id].GetAsync())!;
        (read.InboundTrust!.IsMfaAccepted, read.InboundTrust.IsCompliantDeviceAccepted).ShouldBe((true, true));
        read.B2bCollaborationInbound!.Applications!.Targets!.Single().TargetType.ShouldBe(CrossTenantAccessPolicyTargetType.Application);
        read.B2bDirectConnectInbound.ShouldBeNull();
        await partners[id].IdentitySynchronization.PutAsync(new CrossTenantIdentitySyncPolicyPartner { DisplayName = "Birch", UserSyncInbound = new CrossTenantUserSyncInbound { IsSyncAllowed = true } });
        (await partners[id].IdentitySynchronization.GetAsync())!.UserSyncInbound!.IsSyncAllowed.ShouldBe(true);
        await partners[id].DeleteAsync();
        (await Should.ThrowAsync<ODataError>(() => partners[id].GetAsync())).ResponseStatusCode.ShouldBe(404);
    }

    [Fact]
    public async Task Defaults_are_written_over_and_reset()
    {
        var policy = (await twin.GraphAsync()).Policies.CrossTenantAccessPolicy;

        await policy.Default.PatchAsync(new CrossTenantAccessPolicyConfigurationDefault { InboundTrust = new CrossTenantAccessPolicyInboundTrust { IsMfaAccepted = true } });

        var written = (await policy.Default.GetAsync())!;
        (written.IsServiceDefault, written.InboundTrust!.IsMfaAccepted, written.InboundTrust.IsCompliantDeviceAccepted).ShouldBe((false, true, false));
        written.B2bDirectConnectInbound!.UsersAndGroups!.AccessType.ShouldBe(CrossTenantAccessPolicyTargetConfigurationAccessType.Blocked);
        await policy.Default.ResetToSystemDefault.PostAsync();
        (await policy.Default.GetAsync())!.IsServiceDefault.ShouldBe(true);
    }

    [Fact]
    public async Task Consent_that_both_sides_give_spares_a_guest_the_question()
    {
        var (alder, provider) = (await twin.GraphAsync(), await twin.GraphAsync(twin.Twin.Provider));

        await alder.Policies.CrossTenantAccessPolicy.Partners.PostAsync(new CrossTenantAccessPolicyConfigurationPartner { TenantId = twin.Twin.Provider.Id.ToString(), AutomaticUserConsentSettings = new InboundOutboundPolicyConfiguration { InboundAllowed = true } });
        twin.Directory.RedeemsAlone(twin.Twin.Alder.Id, twin.Twin.Provider.Id).ShouldBeFalse();
        await provider.Policies.CrossTenantAccessPolicy.Partners.PostAsync(new CrossTenantAccessPolicyConfigurationPartner { TenantId = twin.Twin.Alder.Id.ToString(), AutomaticUserConsentSettings = new InboundOutboundPolicyConfiguration { OutboundAllowed = true } });

        twin.Directory.RedeemsAlone(twin.Twin.Alder.Id, twin.Twin.Provider.Id).ShouldBeTrue();
    }
}
