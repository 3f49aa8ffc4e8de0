using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Graph;

/// <summary>
/// What a call needs, least first. The order of checks: token (401), audience (401), permission (403), the person's directory role (403), licence (403),
/// existence (404).
/// </summary>
/// <param name="Permissions">Any of these, as application permission or as scope.</param>
internal sealed record GraphNeed(params IReadOnlyList<string> Permissions)
{
    /// <summary>Directory roles of which a signed-in person must hold one; null: any member of the tenant.</summary>
    public IReadOnlyList<Guid>? Roles { get; init; }

    /// <summary>True lets guests without a role in too: their own things and those they can name.</summary>
    public bool Guests { get; init; }

    /// <summary>True refuses app-only tokens: a person must decide.</summary>
    public bool PersonOnly { get; init; }

    /// <summary>The least edition of Entra ID the tenant must have.</summary>
    public EntraPlan Plan { get; init; }
}
