namespace Bailiwick.Twin.World.Governance;

/// <summary>Who is in a set of people, who belongs to which organization, whom a policy is for.</summary>
internal sealed class People(GovernanceState state)
{
    private TwinDirectory Directory => state.Directory;

    /// <summary>A person of the tenant or a guest, by the object there.</summary>
    public Subject Of(TwinUser user) => new()
    {
        Id = user.Id,
        ObjectId = user.Id,
        HomeTenantId = user.HomeTenantId ?? (user.IsGuest ? null : user.TenantId),
        DisplayName = user.DisplayName,
        Email = user.Mail.Length > 0 ? user.Mail : user.UserPrincipalName,
        PrincipalName = user.UserPrincipalName,
        OrganizationId = user.IsGuest ? OrganizationOf(user.TenantId, user.HomeTenantId, user.Mail)?.Id : null,
    };

    /// <summary>A person who signed in at home: the object in the tenant where there is one.</summary>
    public Subject Of(Guid tenant, TwinUser home)
    {
        if (Directory.FindPresence(home, tenant) is { } presence) return Of(presence);
        return new Subject
        {
            Id = state.Derived("subject", tenant, home.Id.ToString()),
            HomeTenantId = home.TenantId,
            DisplayName = home.DisplayName,
            Email = home.Mail,
            PrincipalName = home.UserPrincipalName,
            OrganizationId = OrganizationOf(tenant, home.TenantId, home.UserPrincipalName)?.Id,
        };
    }

    /// <summary>A person named by an address.</summary>
    public Subject Of(Guid tenant, string address)
    {
        if (Directory.FindHome(address) is { } home) return Of(tenant, home) with { Unknown = Directory.FindPresence(home, tenant) is null };
        if (Directory.Users(tenant).FirstOrDefault(user => user.Mail.Equals(address, StringComparison.OrdinalIgnoreCase)) is { } guest) return Of(guest);
        return new Subject { Id = state.Derived("subject", tenant, address.ToLowerInvariant()), DisplayName = address.Split('@')[0], Email = address, PrincipalName = address, Unknown = true };
    }

    /// <summary>The object in the tenant as it is now; null where there is none.</summary>
    public TwinUser? Presence(Guid tenant, Subject person)
    {
        if (person.ObjectId is { } id && Directory.FindUser(tenant, id) is { } present) return present;
        return Directory.FindHome(person.Email) is { } home ? Directory.FindPresence(home, tenant) : null;
    }

    public ConnectedOrganization? OrganizationOf(Guid tenant, Guid? homeTenant, string address) =>
        homeTenant is { } home ? state.Organizations.Of(tenant).OrderBy(item => item.CreatedAt).FirstOrDefault(item => item.Holds(home, DomainOf(address))) : null;

    public static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..];

    /// <summary>Users of the sets, each once, in order of the sets. Managers are nobody: the twin's people have none.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="sets">The sets.</param>
    /// <param name="about">Whose sponsors count.</param>
    public IReadOnlyList<TwinUser> Resolve(Guid tenant, IEnumerable<SubjectSet> sets, Subject? about) =>
        [.. sets.SelectMany(set => Members(tenant, set, about)).Where(user => user.Enabled).DistinctBy(user => user.Id)];

    /// <summary>True when a policy is for this person.</summary>
    public bool IsTarget(AssignmentPolicy policy, Subject person)
    {
        var tenant = policy.TenantId;
        var presence = Presence(tenant, person);
        var external = presence?.IsGuest ?? true;
        return policy.Body.AllowedTargetScope switch
        {
            "specificDirectoryUsers" or "specificConnectedOrganizationUsers" => policy.Body.SpecificAllowedTargets.Any(set => Contains(tenant, set, person, presence)),
            "allMemberUsers" => presence is { IsGuestType: false },
            "allDirectoryUsers" => presence is not null,
            "allConfiguredConnectedOrganizationUsers" => external && OrganizationOf(tenant, person.HomeTenantId, person.Email) is { State: "configured" },
            "allExternalUsers" => external,
            _ => false,
        };
    }

    private bool Contains(Guid tenant, SubjectSet set, Subject person, TwinUser? presence)
    {
        if (set.ConnectedOrganizationId is { } organization)
            return person.HomeTenantId is { } home && home != tenant && state.Organizations.Find(GovernanceState.Key(tenant, organization))?.Holds(home, DomainOf(person.Email)) == true;
        if (presence is null) return false;
        if (set.UserId is { } user) return user == presence.Id;
        return set.GroupId is { } group && Directory.GroupsOf(tenant, presence.Id).Any(held => held.Id == group);
    }

    private IEnumerable<TwinUser> Members(Guid tenant, SubjectSet set, Subject? about)
    {
        if (set.UserId is { } user) return Directory.FindUser(tenant, user) is { } one ? [one] : [];
        if (set.GroupId is { } group) return Directory.MembersOf(tenant, group).OrderBy(member => member.Id);
        var organization = about?.OrganizationId is { } id ? state.Organizations.Find(GovernanceState.Key(tenant, id)) : null;
        IEnumerable<Guid> sponsors = set.Kind switch
        {
            "#microsoft.graph.internalSponsors" => organization?.InternalSponsors ?? [],
            "#microsoft.graph.externalSponsors" => organization?.ExternalSponsors ?? [],
            "#microsoft.graph.targetUserSponsors" => about is null ? [] : Presence(tenant, about)?.Sponsors ?? [],
            _ => [],
        };
        return sponsors.Select(sponsor => Directory.FindUser(tenant, sponsor)).OfType<TwinUser>();
    }
}
