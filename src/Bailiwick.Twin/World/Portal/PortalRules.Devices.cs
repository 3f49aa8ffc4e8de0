namespace Bailiwick.Twin.World.Portal;

/// <content>Device groups. Source: machine-groups 2020 and 2025-12.</content>
internal static partial class PortalRules
{
    /// <summary>Adds a device group above the unassigned one, or replaces the one of its id. Rank is kept; of the unassigned group only level and access change.</summary>
    public static PortalState SaveDeviceGroup(PortalState state, DeviceGroup group)
    {
        var old = state.DeviceGroups.FirstOrDefault(known => group.IsUnassigned ? known.IsUnassigned : group.Id != 0 && known.Id == group.Id);
        if (old is null && (group.Id != 0 || group.IsUnassigned)) throw new PortalRefusedException("There is no such device group.");
        CheckAccess(state, group, old);
        if (old is { IsUnassigned: true }) return Swap(old, old with { Remediation = group.Remediation, Access = [.. group.Access.Distinct()] });
        var name = Name(group.Name, "device group");
        if (Same(name, DeviceGroup.UnassignedName) || state.DeviceGroups.Any(known => known != old && Same(known.Name, name))) throw new PortalRefusedException($"There is already a device group named '{name}'.");
        IReadOnlyList<DeviceCondition> rule = [.. group.Rule.Select(row => row with { Value = Clean(row.Value) }).Where(row => row.Value.Length > 0)];
        foreach (var rows in rule.GroupBy(row => row.Property))
        {
            if (rows.Count() > MaxRows) throw new PortalRefusedException($"A rule has at most {MaxRows} rows for {rows.Key.ToString().ToLowerInvariant()}; this one has {rows.Count()}.");
        }

        if (rule.FirstOrDefault(row => row.Value.Length > MaxName) is not null) throw new PortalRefusedException($"A value of a rule has at most {MaxName} characters.");
        var saved = group with
        {
            Id = old?.Id ?? NextId(state),
            Name = name,
            Description = Description(group.Description),
            Rule = rule,
            Access = [.. group.Access.Distinct()],
            FormerNames = old is null ? [] : [.. old.FormerNames.Append(old.Name).Where(former => former != name).Distinct()],
        };
        if (old is not null) return Swap(old, saved);
        return state with { DeviceGroups = [.. Room(state.DeviceGroups).Where(known => !known.IsUnassigned), saved, .. state.DeviceGroups.Where(known => known.IsUnassigned)] };

        PortalState Swap(DeviceGroup from, DeviceGroup to) => state with { DeviceGroups = [.. state.DeviceGroups.Select(known => known == from ? to : known)] };
    }

    /// <summary>Moves a group one rank up or down; nothing happens at either end, and the unassigned group stays last.</summary>
    public static PortalState Move(PortalState state, int id, bool up)
    {
        var groups = state.DeviceGroups.ToList();
        var at = groups.FindIndex(group => group.Id == id && !group.IsUnassigned);
        if (at < 0) throw new PortalRefusedException(id == 0 ? "Ungrouped devices keep the lowest rank." : "There is no such device group.");
        var to = up ? at - 1 : at + 1;
        if (to < 0 || groups[to].IsUnassigned) return state;
        (groups[at], groups[to]) = (groups[to], groups[at]);
        return state with { DeviceGroups = groups };
    }

    /// <summary>Deletes a group. It leaves every e-mail rule; a rule whose only group it was is deleted with it.</summary>
    public static PortalState DeleteDeviceGroup(PortalState state, int id)
    {
        var group = state.DeviceGroups.FirstOrDefault(known => known.Id == id) ?? throw new PortalRefusedException("There is no such device group.");
        if (group.IsUnassigned) throw new PortalRefusedException("Ungrouped devices (default) cannot be deleted.");
        return state with
        {
            DeviceGroups =
            [
                .. state.DeviceGroups.Where(known => known != group)
                    .Select(known => known.IsUnassigned ? known with { FormerNames = [.. known.FormerNames, group.Name, .. group.FormerNames] } : known),
            ],
            MailRules =
            [
                .. state.MailRules.Select(rule => rule.DeviceGroups is { } named ? rule with { DeviceGroups = [.. named.Where(number => number != id)] } : rule)
                    .Where(rule => rule.DeviceGroups is null or { Count: > 0 }),
            ],
        };
    }

    /// <summary>A group's rules in full: the rank decides, the first that takes the device has it.</summary>
    public static DeviceGroup GroupOf(PortalState state, Generator.Device device) =>
        state.DeviceGroups.FirstOrDefault(group => group.Takes(device)) ?? state.DeviceGroups.First(group => group.IsUnassigned);

    private static void CheckAccess(PortalState state, DeviceGroup group, DeviceGroup? old)
    {
        var allowed = state.GroupsWithRole();
        foreach (var id in group.Access)
        {
            if (!allowed.Contains(id) && old?.Access.Contains(id) != true) throw new PortalRefusedException($"{id} has no Defender role; give its group a role first.");
        }
    }

    private static int NextId(PortalState state) => Math.Max(100, state.DeviceGroups.Max(group => group.Id) + 1);
}
