using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Entra;

/// <summary>One resource with the permissions asked of it.</summary>
/// <param name="Identifier">As the client wrote it.</param>
/// <param name="Resource">The resource meant.</param>
/// <param name="Names">Delegated permission names; empty for <c>.default</c>.</param>
internal sealed record RequestedResource(string Identifier, TwinResource Resource, IReadOnlyList<string> Names)
{
    public bool IsDefault => Names.Count == 0;
}

/// <summary>A parsed <c>scope</c> (or v1 <c>resource</c>) parameter. Source: scopes-oidc, 2025.</summary>
/// <param name="OpenId">Of <c>openid profile email offline_access</c>.</param>
/// <param name="Resources">In order of first mention; may be empty.</param>
internal sealed record ScopeRequest(IReadOnlyList<string> OpenId, IReadOnlyList<RequestedResource> Resources)
{
    private const string Default = ".default";

    public bool Offline => OpenId.Contains("offline_access");

    /// <summary>Parses a v2.0 scope: bare names mean Graph, the text after the last slash is the permission.</summary>
    public static EntraError? TryParse(TwinDirectory directory, string scope, string tenant, out ScopeRequest parsed)
    {
        List<string> openId = [];
        List<(string Identifier, TwinResource Resource, List<string> Names, bool IsDefault)> resources = [];
        parsed = new ScopeRequest([], []);
        foreach (var part in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is "openid" or "profile" or "email" or "offline_access")
            {
                if (!openId.Contains(part)) openId.Add(part);
                continue;
            }

            var slash = part.LastIndexOf('/');
            var (identifier, name) = slash < 0 ? (TwinResource.Graph.Identifier, part) : (part[..slash], part[(slash + 1)..]);
            if (name.Length == 0 || identifier.Length == 0) return EntraError.BadScope(scope, "A scope names a permission after the last slash.");
            if (directory.FindResource(identifier) is not { } resource) return EntraError.ResourceMissing(identifier, tenant);
            var at = resources.FindIndex(known => known.Resource.AppId == resource.AppId);
            if (at < 0) resources.Add((identifier, resource, name == Default ? [] : [name], name == Default));
            else if (resources[at].IsDefault != (name == Default)) return EntraError.BadScope(scope, ".default scope can't be combined with resource-specific scopes.");
            else if (name != Default && !resources[at].Names.Contains(name)) resources[at].Names.Add(name);
        }

        if (resources.Exists(resource => resource.IsDefault) && resources.Exists(resource => !resource.IsDefault)) return EntraError.BadScope(scope, ".default scope can't be combined with resource-specific scopes.");
        parsed = new ScopeRequest(openId, [.. resources.Select(resource => new RequestedResource(resource.Identifier, resource.Resource, resource.Names))]);
        return null;
    }

    /// <summary>Parses a v1.0 <c>resource</c>: the static list of it, with sign-in and a refresh token always.</summary>
    public static EntraError? TryParseLegacy(TwinDirectory directory, string? resource, string tenant, out ScopeRequest parsed)
    {
        parsed = new ScopeRequest(["openid", "profile", "offline_access"], []);
        if (string.IsNullOrEmpty(resource)) return null;
        if (directory.FindResource(resource) is not { } found) return EntraError.ResourceMissing(resource, tenant);
        parsed = parsed with { Resources = [new RequestedResource(resource, found, [])] };
        return null;
    }
}
