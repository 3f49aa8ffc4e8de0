using System.Globalization;

namespace Bailiwick.Twin.World;

public sealed partial class TwinDirectory
{
    /// <summary>A group by id.</summary>
    public TwinGroup? FindGroup(Guid tenant, Guid id) => _groups.Find(UserKey(tenant, id));

    /// <summary>A free id for a new group: stable for a seed, tenant, name and how often that name was used.</summary>
    public Guid NewGroupId(Guid tenant, string name)
    {
        for (var n = 0; ; n++)
        {
            var id = n == 0 ? _random.Id("group", tenant.ToString(), name) : _random.Id("group", tenant.ToString(), name, n.ToString(CultureInfo.InvariantCulture));
            if (FindGroup(tenant, id) is null && _deleted.Find(UserKey(tenant, id)) is null) return id;
        }
    }

    /// <summary>Adds or replaces a group.</summary>
    public void PutGroup(TwinGroup group) => _groups.Put(group);

    /// <summary>Groups a principal is in, also through nested groups; no order.</summary>
    public IReadOnlyList<TwinGroup> GroupsOf(Guid tenant, Guid principal)
    {
        Dictionary<Guid, TwinGroup> found = [];
        Queue<Guid> open = new([principal]);
        while (open.TryDequeue(out var member))
        {
            foreach (var group in _groups.Of(tenant).Where(group => group.Members.Contains(member)))
            {
                if (found.TryAdd(group.Id, group)) open.Enqueue(group.Id);
            }
        }

        return [.. found.Values];
    }

    /// <summary>Users of a group, also through nested groups; no order.</summary>
    public IReadOnlyList<TwinUser> MembersOf(Guid tenant, Guid group)
    {
        HashSet<Guid> seen = [group];
        Dictionary<Guid, TwinUser> users = [];
        Queue<Guid> open = new([group]);
        while (open.TryDequeue(out var id))
        {
            foreach (var member in FindGroup(tenant, id)?.Members ?? [])
            {
                if (FindUser(tenant, member) is { } user) users[user.Id] = user;
                else if (seen.Add(member)) open.Enqueue(member);
            }
        }

        return [.. users.Values];
    }

    /// <summary>Directory roles of a person: own ones and those of groups they are in.</summary>
    public IReadOnlySet<Guid> RolesOf(TwinUser user)
    {
        if (!_groups.Of(user.TenantId).Any(group => group.Roles.Count > 0)) return user.Roles.ToHashSet();
        return user.Roles.Concat(GroupsOf(user.TenantId, user.Id).SelectMany(group => group.Roles)).ToHashSet();
    }

    /// <summary>Puts a principal into a group; false when it is in already.</summary>
    /// <exception cref="TwinDirectoryException">The group does not exist.</exception>
    public bool AddMember(Guid tenant, Guid group, Guid principal)
    {
        lock (_gate)
        {
            var held = FindGroup(tenant, group) ?? throw new TwinDirectoryException($"Group {group} does not exist.");
            if (held.Members.Contains(principal)) return false;
            _groups.Put(held with { Members = [.. held.Members, principal] });
            return true;
        }
    }

    /// <summary>Takes a principal out of a group; false when it is not in it.</summary>
    public bool RemoveMember(Guid tenant, Guid group, Guid principal)
    {
        lock (_gate)
        {
            if (FindGroup(tenant, group) is not { } held || !held.Members.Contains(principal)) return false;
            _groups.Put(held with { Members = [.. held.Members.Where(member => member != principal)] });
            return true;
        }
    }
}
