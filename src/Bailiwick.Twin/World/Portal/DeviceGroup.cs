using Bailiwick.Twin.World.Generator;

namespace Bailiwick.Twin.World.Portal;

/// <summary>How far automated investigations go. Source: machine-groups 2025-12.</summary>
internal enum RemediationLevel
{
    /// <summary>No automated response.</summary>
    None,

    /// <summary>Semi: approval for all folders.</summary>
    SemiAll,

    /// <summary>Semi: approval for non-temporary folders.</summary>
    SemiNonTemporary,

    /// <summary>Semi: approval for system folders.</summary>
    SemiSystem,

    /// <summary>Full remediation.</summary>
    Full,
}

/// <summary>What of a device a rule looks at.</summary>
internal enum DeviceProperty
{
    /// <summary>Host name.</summary>
    Name,

    /// <summary>Domain.</summary>
    Domain,

    /// <summary>One of its tags, the registry's included.</summary>
    Tag,

    /// <summary>OS platform, such as <c>Windows11</c>.</summary>
    Os,
}

/// <summary>How a rule compares; capitals do not matter. The pages name no operators: these are the ones people see.</summary>
internal enum DeviceOperator
{
    /// <summary>The whole value.</summary>
    Equals,

    /// <summary>Its beginning.</summary>
    StartsWith,

    /// <summary>Its end.</summary>
    EndsWith,

    /// <summary>Any part.</summary>
    Contains,
}

/// <summary>One row of a matching rule.</summary>
internal sealed record DeviceCondition(DeviceProperty Property, DeviceOperator Operator, string Value)
{
    /// <summary>True when the device fits this row.</summary>
    public bool Matches(Device device) => Property switch
    {
        DeviceProperty.Name => Fits(device.HostName) || Fits(device.DnsName),
        DeviceProperty.Domain => Fits(device.Domain),
        DeviceProperty.Os => Fits(device.Os),
        _ => device.Tags.Any(Fits) || Fits(device.Department),
    };

    private bool Fits(string text) => Operator switch
    {
        DeviceOperator.Equals => text.Equals(Value, StringComparison.OrdinalIgnoreCase),
        DeviceOperator.StartsWith => text.StartsWith(Value, StringComparison.OrdinalIgnoreCase),
        DeviceOperator.EndsWith => text.EndsWith(Value, StringComparison.OrdinalIgnoreCase),
        _ => text.Contains(Value, StringComparison.OrdinalIgnoreCase),
    };
}

/// <summary>A device group; its place in the tenant's list is its rank. Source: machine-groups 2020 and 2025-12.</summary>
internal sealed record DeviceGroup
{
    /// <summary>Name of the group of devices that no rule takes; fixed, last, without a rule.</summary>
    public const string UnassignedName = "UnassignedGroup";

    /// <summary><c>rbacGroupId</c>; 0 is the unassigned group, and asks for a new number elsewhere.</summary>
    public int Id { get; init; }

    /// <summary>Unique in the tenant, whatever the case; <c>rbacGroupName</c>.</summary>
    public required string Name { get; init; }

    /// <summary>May be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>Automation level.</summary>
    public RemediationLevel Remediation { get; init; } = RemediationLevel.Full;

    /// <summary>Rows of the matching rule: of different properties all must fit, of one property any.</summary>
    public IReadOnlyList<DeviceCondition> Rule { get; init; } = [];

    /// <summary>Security groups whose people may see the devices; empty: everybody with access to the portal.</summary>
    public IReadOnlyList<Guid> Access { get; init; } = [];

    /// <summary>Names that alerts of earlier days bear for this group: its own before a change of name; of the unassigned group also those of deleted groups.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>True for the fixed group of devices without another.</summary>
    public bool IsUnassigned => Name == UnassignedName;

    /// <summary>The name on pages.</summary>
    public string Label => IsUnassigned ? "Ungrouped devices (default)" : Name;

    /// <summary>True when the rule takes the device; a group without rows takes none.</summary>
    public bool Takes(Device device) => Rule.Count > 0 && Rule.GroupBy(row => row.Property).All(rows => rows.Any(row => row.Matches(device)));
}
