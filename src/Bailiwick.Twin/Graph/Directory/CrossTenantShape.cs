using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Cross-tenant access settings on the wire. Source: crosstenantaccesspolicyconfigurationdefault, crosstenantaccesspolicyconfigurationpartner and crosstenantidentitysyncpolicypartner resource types, 2025.</summary>
internal static class CrossTenantShape
{
    /// <summary>Names that stand for many, by what they may stand for.</summary>
    private static readonly IReadOnlyDictionary<string, string> Collective = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AllUsers"] = "user",
        ["AllApplications"] = "application",
        ["Office365"] = "application",
        ["MicrosoftAdminPortals"] = "application",
    };

    private static readonly EntityType Target = new("crossTenantAccessPolicyTarget", Edm.Text("target", 256) with { Required = true }, Edm.Member("targetType", "user", "group", "application") with { Required = true });

    private static readonly EntityType Configuration = new(
        "crossTenantAccessPolicyTargetConfiguration", Edm.Member("accessType", "allowed", "blocked") with { Required = true }, Edm.Complex("targets", Target) with { Many = true, Required = true });

    private static readonly EntityType B2B = new("crossTenantAccessPolicyB2BSetting", Edm.Complex("usersAndGroups", Configuration), Edm.Complex("applications", Configuration));
    private static readonly EntityType Restrictions = new("crossTenantAccessPolicyTenantRestrictions", Edm.Complex("usersAndGroups", Configuration), Edm.Complex("applications", Configuration), Edm.Open("devices"));
    private static readonly EntityType Trust = new("crossTenantAccessPolicyInboundTrust", Edm.Flag("isMfaAccepted"), Edm.Flag("isCompliantDeviceAccepted"), Edm.Flag("isHybridAzureADJoinedDeviceAccepted"));
    private static readonly EntityType Consent = new("inboundOutboundPolicyConfiguration", Edm.Flag("inboundAllowed"), Edm.Flag("outboundAllowed"));

    private static readonly EntityType Redemption = new(
        "defaultInvitationRedemptionIdentityProviderConfiguration",
        Edm.Member("primaryIdentityProviderPrecedenceOrder", "azureActiveDirectory", "externalFederation", "socialIdentityProviders") with { Many = true },
        Edm.Member("fallbackIdentityProvider", "defaultConfiguredIdp", "emailOneTimePasscode", "microsoftAccount"));

    private static readonly IReadOnlyList<string> B2BSettings = ["b2bCollaborationInbound", "b2bCollaborationOutbound", "b2bDirectConnectInbound", "b2bDirectConnectOutbound"];

    public static readonly EntitySet Policy = new("policies/crossTenantAccessPolicy", new EntityType(
        "crossTenantAccessPolicy",
        Edm.Text("id") with { ReadOnly = true },
        Edm.Text("displayName") with { ReadOnly = true },
        new EntityProperty("allowedCloudEndpoints", ValueKind.Member) { Many = true, Members = ["microsoftonline.com", "microsoftonline.us", "partner.microsoftonline.cn"] }));

    public static readonly EntitySet Default = new("policies/crossTenantAccessPolicy/default", new EntityType(
        "crossTenantAccessPolicyConfigurationDefault",
        [Edm.Flag("isServiceDefault") with { ReadOnly = true }, Edm.Complex("invitationRedemptionIdentityProviderConfiguration", Redemption), .. Settings()]));

    public static readonly EntitySet Partners = new("policies/crossTenantAccessPolicy/partners", new EntityType(
        "crossTenantAccessPolicyConfigurationPartner",
        [
            Edm.Id("tenantId") with { Required = true, Fixed = true, Filter = ["eq", "in"] },
            Edm.Flag("isServiceProvider") with { Filter = ["eq"] },
            Edm.Flag("isInMultiTenantOrganization") with { ReadOnly = true, Filter = ["eq"] },
            .. Settings(),
        ])
    {
        Relations = ["identitySynchronization"],
    });

    public static readonly EntitySet Synchronization = new("policies/crossTenantAccessPolicy/partners/identitySynchronization", new EntityType(
        "crossTenantIdentitySyncPolicyPartner",
        Edm.Id("tenantId") with { ReadOnly = true },
        Edm.Text("displayName", 256),
        Edm.Complex("userSyncInbound", new EntityType("crossTenantUserSyncInbound", Edm.Flag("isSyncAllowed")))));

    public static JsonObject PolicyOf(TwinCrossTenantDefault? known) => new()
    {
        ["id"] = "crossTenantAccessPolicy",
        ["displayName"] = "CrossTenantAccessPolicy",
        ["allowedCloudEndpoints"] = new JsonArray([.. (known?.AllowedCloudEndpoints ?? []).Select(endpoint => JsonValue.Create(endpoint))]),
    };

    /// <summary>What holds towards everybody else: the system's settings with what the tenant wrote over them.</summary>
    public static JsonObject DefaultOf(TwinCrossTenantDefault? known)
    {
        var shape = new JsonObject { ["isServiceDefault"] = known is not { Body.Count: > 0 } };
        foreach (var (name, value) in System()) shape[name] = known?.Body[name]?.DeepClone() ?? value?.DeepClone();
        return shape;
    }

    public static JsonObject PartnerOf(TwinPartner partner)
    {
        var shape = new JsonObject { ["tenantId"] = partner.PartnerId.ToString("D"), ["isServiceProvider"] = partner.Body["isServiceProvider"]?.DeepClone(), ["isInMultiTenantOrganization"] = false };
        foreach (var property in Settings()) shape[property.Name] = partner.Body[property.Name]?.DeepClone();
        shape["automaticUserConsentSettings"] ??= new JsonObject { ["inboundAllowed"] = null, ["outboundAllowed"] = null };
        return shape;
    }

    public static JsonObject? SynchronizationOf(TwinPartner partner)
    {
        if (partner.Body["identitySynchronization"] is not JsonObject written) return null;
        return new JsonObject { ["tenantId"] = partner.PartnerId.ToString("D"), ["displayName"] = written["displayName"]?.DeepClone(), ["userSyncInbound"] = written["userSyncInbound"]?.DeepClone() };
    }

    /// <summary>What was written, with a validated change over it: an object in the change adds to the object that is there, null takes it away.</summary>
    /// <exception cref="GraphRefusal">A target is none.</exception>
    public static JsonObject Merge(JsonObject written, JsonObject change)
    {
        foreach (var name in B2BSettings.Append("tenantRestrictions"))
        {
            foreach (var (part, kinds) in new[] { ("usersAndGroups", (IReadOnlyList<string>)["user", "group"]), ("applications", ["application"]) }) Check(name, change[name]?[part], kinds);
        }

        var merged = (JsonObject)written.DeepClone();
        foreach (var (name, value) in change)
        {
            if (value is null) merged.Remove(name);
            else if (value is JsonObject part && merged[name] is JsonObject present) foreach (var (inner, newer) in part) present[inner] = newer?.DeepClone();
            else merged[name] = value.DeepClone();
        }

        return merged;
    }

    private static void Check(string setting, JsonNode? configuration, IReadOnlyList<string> kinds)
    {
        if (configuration is null) return;
        if (configuration["accessType"] is null || configuration["targets"] is not JsonArray { Count: > 0 } targets) throw GraphRefusal.BadRequest($"'{setting}' needs an accessType and at least one target.");
        foreach (var target in targets)
        {
            var (name, kind) = (target!["target"]!.GetValue<string>(), target["targetType"]!.GetValue<string>());
            if (!kinds.Contains(kind)) throw GraphRefusal.BadRequest($"A target of '{setting}' is of type '{kind}', which does not belong there.");
            if (!Guid.TryParse(name, out _) && Collective.GetValueOrDefault(name) != kind) throw GraphRefusal.BadRequest($"'{(name.Length > 60 ? name[..60] : name)}' of '{setting}' is neither an id nor one of {string.Join(", ", Collective.Keys)}.");
        }
    }

    private static IReadOnlyList<EntityProperty> Settings() =>
    [
        .. B2BSettings.Select(name => Edm.Complex(name, B2B)), Edm.Complex("inboundTrust", Trust), Edm.Complex("automaticUserConsentSettings", Consent), Edm.Complex("tenantRestrictions", Restrictions),
    ];

    /// <summary>Collaboration open both ways, no trust, direct connect closed.</summary>
    private static JsonObject System()
    {
        static JsonObject Everything(string access, string target, string kind) => new() { ["accessType"] = access, ["targets"] = new JsonArray(new JsonObject { ["target"] = target, ["targetType"] = kind }) };
        static JsonObject Both(string access) => new() { ["usersAndGroups"] = Everything(access, "AllUsers", "user"), ["applications"] = Everything(access, "AllApplications", "application") };
        return new JsonObject
        {
            ["b2bCollaborationInbound"] = Both("allowed"),
            ["b2bCollaborationOutbound"] = Both("allowed"),
            ["b2bDirectConnectInbound"] = Both("blocked"),
            ["b2bDirectConnectOutbound"] = Both("blocked"),
            ["inboundTrust"] = new JsonObject { ["isMfaAccepted"] = false, ["isCompliantDeviceAccepted"] = false, ["isHybridAzureADJoinedDeviceAccepted"] = false },
            ["automaticUserConsentSettings"] = new JsonObject { ["inboundAllowed"] = false, ["outboundAllowed"] = false },
            ["invitationRedemptionIdentityProviderConfiguration"] = new JsonObject { ["primaryIdentityProviderPrecedenceOrder"] = new JsonArray("externalFederation", "azureActiveDirectory", "socialIdentityProviders"), ["fallbackIdentityProvider"] = "defaultConfiguredIdp" },
            ["tenantRestrictions"] = Both("blocked"),
        };
    }
}
