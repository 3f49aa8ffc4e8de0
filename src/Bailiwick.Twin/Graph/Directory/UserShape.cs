using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Users on the wire. Source: user resource type 2024, aad-advanced-queries 2025 (what may be filtered), users-default-permissions 2025.</summary>
internal static class UserShape
{
    private static readonly IReadOnlyList<string> ProfileTexts = ["givenName", "surname", "jobTitle", "mobilePhone", "officeLocation", "preferredLanguage"];
    private static readonly IReadOnlyList<string> SelectedTexts = ["department", "companyName", "usageLocation", "city", "country", "employeeId", "streetAddress", "state", "postalCode", "mailNickname", "ageGroup", "employeeType"];

    private static readonly EntityType Identity = new("objectIdentity", Edm.Text("signInType"), Edm.Text("issuer"), Edm.Text("issuerAssignedId"));

    private static readonly EntityType PasswordProfile = new(
        "passwordProfile", Edm.Text("password", 256) with { Required = true }, Edm.Flag("forceChangePasswordNextSignIn"), Edm.Flag("forceChangePasswordNextSignInWithMfa"));

    public static readonly EntitySet Set = new("users", new EntityType(
        "user",
        [
            new EntityProperty("businessPhones", ValueKind.Text) { Many = true },
            Edm.Directory("displayName", 256) with { Required = true, Sort = true },
            .. ProfileTexts.Select(name => Edm.Directory(name, 128)),
            Edm.Directory("mail", 256),
            Edm.Directory("userPrincipalName", 256) with { Required = true, Sort = true },
            Edm.Key(),
            .. SelectedTexts.Select(name => Edm.Directory(name, 1024) with { OnSelect = true }),
            Edm.Flag("accountEnabled") with { OnSelect = true, Required = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
            Edm.Member("userType", "Member", "Guest") with { OnSelect = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
            Edm.Text("externalUserState") with { OnSelect = true, ReadOnly = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
            Edm.Time("externalUserStateChangeDateTime") with { OnSelect = true, ReadOnly = true },
            Edm.Text("creationType") with { OnSelect = true, ReadOnly = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
            Edm.Time("createdDateTime") with { OnSelect = true, ReadOnly = true, Filter = Edm.Order, Advanced = ["ne", "not"], Sort = true },
            Edm.Complex("identities", Identity) with { Many = true, OnSelect = true, ReadOnly = true, Filter = ["any"] },
            new EntityProperty("otherMails", ValueKind.Text) { Many = true, OnSelect = true, Filter = ["any"] },
            new EntityProperty("proxyAddresses", ValueKind.Text) { Many = true, OnSelect = true, ReadOnly = true, Filter = ["any"] },
            Edm.Time("signInSessionsValidFromDateTime") with { OnSelect = true, ReadOnly = true },
            Edm.Open("signInActivity") with { OnSelect = true, ReadOnly = true },
            Edm.Open("assignedPlans") with { OnSelect = true, ReadOnly = true },
            Edm.Open("assignedLicenses") with { OnSelect = true, ReadOnly = true },
            Edm.Complex("passwordProfile", PasswordProfile) with { OnSelect = true },
        ])
    {
        Relations = ["memberOf", "transitiveMemberOf", "sponsors", "manager"],
    })
    {
        IsDirectory = true,
        Search = ["displayName", "mail", "userPrincipalName", "givenName", "surname", "otherMails"],
    };

    public static JsonObject Of(TwinUser user, TwinDirectory directory)
    {
        var shape = new JsonObject { ["businessPhones"] = new JsonArray(), ["displayName"] = user.DisplayName };
        foreach (var name in ProfileTexts) shape[name] = user.Profile.GetValueOrDefault(name);
        shape["mail"] = user.Mail.Length == 0 ? null : user.Mail;
        shape["userPrincipalName"] = user.UserPrincipalName;
        shape["id"] = user.Id.ToString("D");
        foreach (var name in SelectedTexts) shape[name] = user.Profile.GetValueOrDefault(name);
        shape["accountEnabled"] = user.Enabled;
        shape["userType"] = user.IsGuestType ? "Guest" : "Member";
        shape["externalUserState"] = !user.Invited && user.HomeTenantId is null ? null : user.Accepted ? "Accepted" : "PendingAcceptance";
        shape["externalUserStateChangeDateTime"] = user.StateChangedAt is { } changed ? WireTime.Trimmed(changed.UtcTicks) : null;
        shape["creationType"] = user.IsGuest ? "Invitation" : null;
        shape["createdDateTime"] = Second(user.CreatedAt);
        shape["identities"] = Identities(user, directory);
        shape["otherMails"] = new JsonArray([.. user.OtherMails.Select(mail => JsonValue.Create(mail))]);
        shape["proxyAddresses"] = user.Mail.Length == 0 ? new JsonArray() : new JsonArray($"SMTP:{user.Mail}");
        shape["signInSessionsValidFromDateTime"] = Second(user.SignInSessionsValidFrom > user.CreatedAt ? user.SignInSessionsValidFrom : user.CreatedAt);
        var last = user.LastSignInAt is { } at ? Second(at) : null;
        shape["signInActivity"] = new JsonObject { ["lastSignInDateTime"] = last, ["lastSignInRequestId"] = last is null ? null : user.Id.ToString("D"), ["lastNonInteractiveSignInDateTime"] = last, ["lastSuccessfulSignInDateTime"] = last };
        shape["assignedPlans"] = new JsonArray();
        shape["assignedLicenses"] = new JsonArray();
        shape["passwordProfile"] = null;
        return shape;
    }

    /// <summary>The object as it stands in lists of several types.</summary>
    public static JsonObject AsMember(TwinUser user, TwinDirectory directory)
    {
        var shape = Set.Shape(Of(user, directory), null, []);
        shape.Insert(0, "@odata.type", "#microsoft.graph.user");
        return shape;
    }

    /// <summary>The user with a validated change applied; the name's domain is the caller's check.</summary>
    public static TwinUser With(TwinUser user, JsonObject change)
    {
        var profile = new Dictionary<string, string>(user.Profile, StringComparer.Ordinal);
        foreach (var (name, value) in change)
        {
            if (ProfileTexts.Contains(name) || SelectedTexts.Contains(name))
            {
                if (value is null) profile.Remove(name);
                else profile[name] = value.GetValue<string>();
                continue;
            }

            user = name switch
            {
                "displayName" => user with { DisplayName = value!.GetValue<string>() },
                "mail" => user with { Mail = value?.GetValue<string>() ?? "" },
                "userPrincipalName" => user with { UserPrincipalName = value!.GetValue<string>() },
                "accountEnabled" => user with { Enabled = value!.GetValue<bool>() },
                "userType" => user with { UserType = value?.GetValue<string>() },
                "otherMails" => user with { OtherMails = [.. value!.AsArray().Select(mail => mail!.GetValue<string>())] },
                "passwordProfile" when value is JsonObject password => user with { PasswordDigest = SecretDigest.Of(password["password"]!.GetValue<string>()) },
                _ => user,
            };
        }

        return user with { Profile = profile };
    }

    /// <summary>A time to the second, as directory objects carry it.</summary>
    public static string Second(DateTimeOffset time) => WireTime.Trimmed(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond));

    private static JsonArray Identities(TwinUser user, TwinDirectory directory)
    {
        var initial = directory.FindTenant(user.TenantId)?.DefaultDomain;
        var identities = new JsonArray();
        if (user is { IsGuest: true, Accepted: true }) identities.Add(new JsonObject { ["signInType"] = "federated", ["issuer"] = "ExternalAzureAD", ["issuerAssignedId"] = null });
        if (user is { IsGuest: true, Accepted: false }) identities.Add(new JsonObject { ["signInType"] = "federated", ["issuer"] = "mail", ["issuerAssignedId"] = user.Mail });
        identities.Add(new JsonObject { ["signInType"] = "userPrincipalName", ["issuer"] = initial, ["issuerAssignedId"] = user.UserPrincipalName });
        return identities;
    }
}
