using System.Text.Json.Nodes;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class RestartTests
{
    [Fact]
    public async Task Registrations_roles_policies_partners_and_relationships_outlive_the_twin()
    {
        using var folder = new TempDirectory();
        var options = new TwinOptions { DataDirectory = folder.Path };
        Guid alder, birch, user;
        TwinApp kept, deleted;
        TwinRelationship relationship;
        await using (var first = await RunningTwin.StartAsync(options))
        {
            var world = first.Host.Services.Directory;
            (alder, birch, user) = (first.Alder.Id, first.Birch.Id, first.AlderAdmin.Id);
            kept = App(first, "Kept") with { Other = new JsonObject { ["tags"] = new JsonArray("a") }, Owners = [user], Secrets = [new TwinSecret(Guid.NewGuid(), "a.b", "abc", DateTimeOffset.UnixEpoch) { DisplayName = "hub", StartsAt = DateTimeOffset.UnixEpoch.AddDays(1) }] };
            deleted = App(first, "Deleted");
            world.AddApp(kept);
            world.AddApp(deleted);
            world.DeleteApp(deleted);
            world.AssignRole(alder, new TwinRoleAssignment(DirectoryRoles.SecurityReader, world.FindServicePrincipal(alder, kept.AppId)!.Id));
            world.ActivateRole(new TwinActiveRole(alder, DirectoryRoles.GuestInviter));
            world.PutPolicy(new TwinAuthorizationPolicy(alder) { Other = new JsonObject { ["allowedToUseSSPR"] = false } });
            world.PutCloudEndpoints(alder, ["microsoftonline.us"]);
            world.PutPartner(new TwinPartner(alder, birch, new JsonObject { ["inboundTrust"] = new JsonObject { ["isMfaAccepted"] = true } }));
            relationship = await first.Control.CreateRelationshipAsync(alder, new NewRelationship("birch.example", "Kept", ["Security Reader"]), default);
            world.PutRelationship(relationship with { Access = [new TwinRelationshipAccess(Guid.NewGuid(), Guid.NewGuid(), [DirectoryRoles.SecurityReader], first.Host.Services.Clock.GetUtcNow(), first.Host.Services.Clock.GetUtcNow(), Version: 3)] });
        }

        await using var second = await RunningTwin.StartAsync(options);
        var again = second.Host.Services.Directory;

        var app = again.FindApp(kept.AppId)!;
        (app.Owners.Single(), app.Other["tags"]![0]!.GetValue<string>(), app.Secrets[0].DisplayName, app.Secrets[0].StartsAt).ShouldBe((user, "a", "hub", DateTimeOffset.UnixEpoch.AddDays(1)));
        again.FindDeleted(alder, deleted.ObjectId)!.App!.AppId.ShouldBe(deleted.AppId);
        again.FindServicePrincipal(alder, kept.AppId)!.Roles.ShouldBe([DirectoryRoles.SecurityReader]);
        again.ActiveRoles(alder).ShouldContain(DirectoryRoles.GuestInviter);
        again.AuthorizationPolicy(alder).Other["allowedToUseSSPR"]!.GetValue<bool>().ShouldBeFalse();
        again.CrossTenantDefault(alder)!.AllowedCloudEndpoints.ShouldBe(["microsoftonline.us"]);
        again.FindPartner(alder, birch)!.Body["inboundTrust"]!["isMfaAccepted"]!.GetValue<bool>().ShouldBeTrue();
        var read = again.FindRelationship(alder, relationship.Id)!;
        (read.Duration, read.EndsAt, read.Access.Single().Version).ShouldBe((TimeSpan.FromDays(365), relationship.EndsAt, 3));
    }

    private static TwinApp App(RunningTwin twin, string name)
    {
        var id = twin.Host.Services.Directory.NewAppId(twin.Alder.Id, name);
        return new TwinApp { AppId = id, ObjectId = Guid.NewGuid(), HomeTenantId = twin.Alder.Id, DisplayName = name };
    }
}
