using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>Groups on the wire. Source: group resource type 2025, aad-advanced-queries 2025.</summary>
internal static class GroupShape
{
    public static readonly EntitySet Set = new("groups", new EntityType(
        "group",
        Edm.Key(),
        Edm.Time("deletedDateTime") with { ReadOnly = true },
        Edm.Text("classification"),
        Edm.Time("createdDateTime") with { ReadOnly = true, Filter = Edm.Order, Advanced = ["ne", "not"] },
        Edm.Directory("description", 1024),
        Edm.Directory("displayName", 256) with { Required = true, Sort = true },
        new EntityProperty("groupTypes", ValueKind.Member) { Many = true, Members = ["Unified", "DynamicMembership"], Filter = ["any"] },
        Edm.Flag("isAssignableToRole") with { Fixed = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Directory("mail") with { ReadOnly = true },
        Edm.Flag("mailEnabled") with { Required = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Directory("mailNickname", 64) with { Required = true },
        Edm.Text("membershipRule"),
        Edm.Text("visibility"),
        Edm.Flag("onPremisesSyncEnabled") with { ReadOnly = true },
        Edm.Time("renewedDateTime") with { ReadOnly = true },
        Edm.Flag("securityEnabled") with { Required = true, Filter = Edm.Equal, Advanced = ["ne", "not"] },
        Edm.Text("securityIdentifier") with { ReadOnly = true },
        Edm.Directory("uniqueName", 128) with { Fixed = true })
    {
        Relations = ["members", "owners", "memberOf", "transitiveMembers"],
    })
    {
        IsDirectory = true,
        Search = ["displayName", "description", "mail", "mailNickname"],
    };

    public static JsonObject Of(TwinGroup group)
    {
        var made = UserShape.Second(group.CreatedAt);
        return new JsonObject
        {
            ["id"] = group.Id.ToString("D"),
            ["deletedDateTime"] = null,
            ["classification"] = null,
            ["createdDateTime"] = made,
            ["description"] = group.Description,
            ["displayName"] = group.DisplayName,
            ["groupTypes"] = new JsonArray([.. group.GroupTypes.Select(type => JsonValue.Create(type))]),
            ["isAssignableToRole"] = group.RoleAssignable ? true : null,
            ["mail"] = null,
            ["mailEnabled"] = group.MailEnabled,
            ["mailNickname"] = group.MailNickname ?? group.Id.ToString("N")[..9],
            ["membershipRule"] = null,
            ["visibility"] = null,
            ["onPremisesSyncEnabled"] = null,
            ["renewedDateTime"] = made,
            ["securityEnabled"] = group.SecurityEnabled,
            ["securityIdentifier"] = SecurityIdentifier(group.Id),
            ["uniqueName"] = group.UniqueName,
        };
    }

    /// <summary>The object as it stands in lists of several types.</summary>
    public static JsonObject AsMember(TwinGroup group)
    {
        var shape = Of(group);
        shape.Insert(0, "@odata.type", "#microsoft.graph.group");
        return shape;
    }

    /// <summary>The group with a validated change applied.</summary>
    public static TwinGroup With(TwinGroup group, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            group = name switch
            {
                "displayName" => group with { DisplayName = value!.GetValue<string>() },
                "description" => group with { Description = value?.GetValue<string>() },
                "mailNickname" => group with { MailNickname = value!.GetValue<string>() },
                "mailEnabled" => group with { MailEnabled = value!.GetValue<bool>() },
                "securityEnabled" => group with { SecurityEnabled = value!.GetValue<bool>() },
                "groupTypes" => group with { GroupTypes = [.. value!.AsArray().Select(type => type!.GetValue<string>())] },
                "isAssignableToRole" => group with { RoleAssignable = value?.GetValue<bool>() == true },
                "uniqueName" => group with { UniqueName = value?.GetValue<string>() },
                _ => group,
            };
        }

        return group;
    }

    /// <summary>A cloud group's SID is its object id in four numbers.</summary>
    private static string SecurityIdentifier(Guid id)
    {
        var bytes = id.ToByteArray();
        return $"S-1-12-1-{BitConverter.ToUInt32(bytes, 0)}-{BitConverter.ToUInt32(bytes, 4)}-{BitConverter.ToUInt32(bytes, 8)}-{BitConverter.ToUInt32(bytes, 12)}";
    }
}
