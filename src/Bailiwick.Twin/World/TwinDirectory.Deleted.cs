namespace Bailiwick.Twin.World;

/// <summary>A user, group or application that was deleted and can come back for 30 days. Source: directory-deleteditems, 2024.</summary>
/// <param name="Id">Object id, as before.</param>
/// <param name="TenantId">Its tenant.</param>
/// <param name="DeletedAt">UTC.</param>
public sealed record TwinDeletedObject(Guid Id, Guid TenantId, DateTimeOffset DeletedAt)
{
    /// <summary>Time until an object is gone for good.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>The user, when it was one.</summary>
    public TwinUser? User { get; init; }

    /// <summary>The group, when it was one.</summary>
    public TwinGroup? Group { get; init; }

    /// <summary>The registration, when it was one.</summary>
    public TwinApp? App { get; init; }

    /// <summary>Groups the user was a member of; restoring brings these back.</summary>
    public IReadOnlyList<Guid> MemberOf { get; init; } = [];
}

public sealed partial class TwinDirectory
{
    /// <summary>What a tenant deleted in the last 30 days, no order.</summary>
    public IReadOnlyList<TwinDeletedObject> Deleted(Guid tenant)
    {
        var oldest = _clock.GetUtcNow() - TwinDeletedObject.Kept;
        return [.. _deleted.Of(tenant).Where(deleted => deleted.DeletedAt > oldest)];
    }

    /// <summary>One of them, or null.</summary>
    public TwinDeletedObject? FindDeleted(Guid tenant, Guid id) => _deleted.Find(UserKey(tenant, id)) is { } deleted && deleted.DeletedAt > _clock.GetUtcNow() - TwinDeletedObject.Kept ? deleted : null;

    /// <summary>Removes a user object; memberships and personal consents go with it.</summary>
    public void RemoveUser(TwinUser user)
    {
        lock (_gate)
        {
            if (_users.Remove(UserKey(user.TenantId, user.Id)) is null) return;
            _usersByName = _usersByName.Remove(user.UserPrincipalName);
            if (user.HomeUserId is { } home) _guests = _guests.Remove((user.TenantId, home));
            var groups = Groups(user.TenantId).Where(group => group.Members.Contains(user.Id)).ToList();
            foreach (var group in groups) _groups.Put(group with { Members = [.. group.Members.Where(id => id != user.Id)] });
            RemoveGrantsWhere(grant => grant.TenantId == user.TenantId && grant.PrincipalId == user.Id);
            _deleted.Put(new TwinDeletedObject(user.Id, user.TenantId, _clock.GetUtcNow()) { User = user, MemberOf = [.. groups.Select(group => group.Id)] });
        }
    }

    /// <summary>Removes a group.</summary>
    public void RemoveGroup(TwinGroup group)
    {
        lock (_gate)
        {
            if (_groups.Remove(UserKey(group.TenantId, group.Id)) is not null) _deleted.Put(new TwinDeletedObject(group.Id, group.TenantId, _clock.GetUtcNow()) { Group = group });
        }
    }

    /// <summary>Brings a deleted object back as it was.</summary>
    /// <exception cref="TwinDirectoryException">Its name was taken since.</exception>
    public void Restore(TwinDeletedObject deleted)
    {
        lock (_gate)
        {
            if (deleted.User is { } user)
            {
                AddUser(user);
                foreach (var group in deleted.MemberOf) if (FindGroup(user.TenantId, group) is not null) AddMember(user.TenantId, group, user.Id);
            }

            if (deleted.Group is { } held) _groups.Put(held);
            if (deleted.App is { } app)
            {
                if (FindApp(app.AppId) is not null) throw new TwinDirectoryException($"Application {app.AppId} exists already.");
                _apps.Put(app);
            }

            _deleted.Remove(UserKey(deleted.TenantId, deleted.Id));
        }
    }

    /// <summary>Ends a deleted object for good.</summary>
    public void Purge(TwinDeletedObject deleted) => _deleted.Remove(UserKey(deleted.TenantId, deleted.Id));
}
