namespace Bailiwick.Twin.World.Governance;

/// <summary>
/// What becomes of a guest that entitlement management made, once the last assignment ended: nothing, no more sign-in, or deletion after some days. A deletion under way
/// is not re-timed by later settings. Source: entitlement-management-external-users, 2025. Callers hold the tenant's gate.
/// </summary>
internal sealed class GuestLifecycle(GovernanceState state)
{
    /// <summary>Waits for deletions that are under way; after a start or a restore.</summary>
    public void Load(Guid tenant)
    {
        foreach (var end in state.Ends.Of(tenant).OrderBy(end => end.DeleteAt).ThenBy(end => end.UserId)) Schedule(end);
    }

    /// <summary>An assignment of the guest ended.</summary>
    public void Left(Guid tenant, Guid user)
    {
        if (state.Directory.FindUser(tenant, user) is not { Governed: true, IsGuest: true } guest || IsWanted(tenant, user)) return;
        var settings = state.SettingsOf(tenant);
        if (settings.ExternalUserLifecycleAction == "none" || state.Ends.Find(GovernanceState.Key(tenant, user)) is not null) return;
        state.Directory.UpdateUser(guest with { Enabled = false });
        Log(tenant, "Disable account", "Update", guest);
        var deletes = settings.ExternalUserLifecycleAction == "blockSignInAndDelete";
        var end = new GuestEnd(tenant, user, state.Now, deletes ? state.Now + settings.DurationUntilExternalUserDeletedAfterBlocked : null);
        state.Ends.Put(end);
        if (end.DeleteAt <= state.Now) Delete(end);
        else Schedule(end);
    }

    /// <summary>A guest gets access again: what blocked them is taken back.</summary>
    public void Return(Guid tenant, Guid user)
    {
        if (state.Ends.Remove(GovernanceState.Key(tenant, user)) is null || state.Directory.FindUser(tenant, user) is not { Enabled: false } guest) return;
        state.Directory.UpdateUser(guest with { Enabled = true });
        Log(tenant, "Enable account", "Update", guest);
    }

    private void Schedule(GuestEnd end)
    {
        if (end.DeleteAt is not { } at) return;
        state.At(end.TenantId, at, () =>
        {
            if (state.Ends.Find(GovernanceState.Key(end.TenantId, end.UserId)) == end) Delete(end);
        });
    }

    private void Delete(GuestEnd end)
    {
        state.Ends.Remove(GovernanceState.Key(end.TenantId, end.UserId));
        if (state.Directory.FindUser(end.TenantId, end.UserId) is not { Enabled: false } guest || IsWanted(end.TenantId, end.UserId)) return;
        state.Directory.RemoveUser(guest);
        Log(end.TenantId, "Delete user", "Delete", guest);
    }

    private bool IsWanted(Guid tenant, Guid user) =>
        state.Assignments.Of(tenant).Any(held => held.IsHeld && held.Target.ObjectId == user)
        || state.Requests.Of(tenant).Any(request => request is { State: "scheduled" or "delivering" } && request.Target.ObjectId == user);

    private void Log(Guid tenant, string activity, string operation, TwinUser guest) =>
        state.Services.Audit.Write(new TwinAct(tenant, activity, "UserManagement")
        {
            Actor = new TwinActor(null, null, "Azure AD Identity Governance - Entitlement Management"),
            Operation = operation,
            Targets = [new TwinTarget(guest.Id.ToString("D"), "User", guest.DisplayName, guest.UserPrincipalName)],
        });
}
