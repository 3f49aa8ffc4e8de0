using System.Net.Mail;

namespace Bailiwick.Twin.World;

public sealed partial class TwinDirectory
{
    /// <summary>True for one plain address: a local part without quotes, and a host name.</summary>
    public static bool IsAddress(string address) =>
        address.Length <= 254 && MailAddress.TryCreate(address, out var parsed) && parsed.Address == address && !address.Contains('"') && !address.Any(c => c > '~' || c <= ' ')
        && Uri.CheckHostName(parsed.Host) == UriHostNameType.Dns;

    /// <summary>
    /// The guest object of an address in a tenant, made when there is none. Whose address it is, is looked for among the people the twin knows; an address nobody has stays
    /// pending until somebody of that name signs in. Source: invitation resource type, 2024.
    /// </summary>
    /// <param name="tenantId">The inviting tenant.</param>
    /// <param name="address">The invited address.</param>
    /// <param name="displayName">Null takes the person's own name, or the address.</param>
    /// <param name="sponsor">Who invites, or null.</param>
    /// <param name="governed">Entitlement management makes it.</param>
    /// <exception cref="TwinDirectoryException">The address is that of a member.</exception>
    public TwinUser Invite(Guid tenantId, string address, string? displayName, Guid? sponsor, bool governed = false)
    {
        var tenant = FindTenant(tenantId) ?? throw new TwinDirectoryException($"Tenant {tenantId} does not exist.");
        var home = FindHome(address);
        if (home?.TenantId == tenantId || address.EndsWith("@" + tenant.DefaultDomain, StringComparison.OrdinalIgnoreCase)) throw new TwinDirectoryException("The invited user already exists in the directory as object of a different type.");
        lock (_gate)
        {
            var present = home is not null ? FindPresence(home, tenantId) : Users(tenantId).FirstOrDefault(user => user.IsGuest && user.Mail.Equals(address, StringComparison.OrdinalIgnoreCase));
            if (present is not null) return present;
            var now = _clock.GetUtcNow();
            return AddUser(new TwinUser
            {
                Id = home is null ? FreeId(tenantId, "invited", address.ToLowerInvariant()) : FreeId(tenantId, "guest", home.Id.ToString()),
                TenantId = tenantId,
                UserPrincipalName = $"{address.Replace('@', '_')}#EXT#@{tenant.DefaultDomain}",
                DisplayName = displayName ?? home?.DisplayName ?? address.Split('@')[0],
                Mail = address,
                HomeTenantId = home?.TenantId,
                HomeUserId = home?.Id,
                Accepted = false,
                Invited = true,
                Governed = governed,
                Sponsors = sponsor is { } who ? [who] : [],
                StateChangedAt = now,
                CreatedAt = now,
            });
        }
    }

    /// <summary>Ties a pending guest to the person who signed in, and accepts the invitation.</summary>
    public TwinUser Redeem(TwinUser guest, TwinUser home)
    {
        var accepted = guest with { Accepted = true, HomeTenantId = home.TenantId, HomeUserId = home.Id, StateChangedAt = _clock.GetUtcNow() };
        UpdateUser(accepted);
        return accepted;
    }

    /// <summary>A stable id; once an object that had it was deleted, the next one.</summary>
    private Guid FreeId(Guid tenant, string kind, string name)
    {
        for (var n = 0; ; n++)
        {
            var id = n == 0 ? _random.Id(kind, tenant.ToString(), name) : _random.Id(kind, tenant.ToString(), name, n.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (FindUser(tenant, id) is null && _deleted.Find(UserKey(tenant, id)) is null) return id;
        }
    }
}
