using System.Xml;

namespace Bailiwick.Twin.World;

/// <summary>What a group of the partner's may do in the customer's tenant.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Group">A security group of the partner's tenant.</param>
/// <param name="Roles">Directory roles, of those that the relationship has.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ChangedAt">UTC.</param>
/// <param name="Version">Grows with each change; its ETag.</param>
public sealed record TwinRelationshipAccess(Guid Id, Guid Group, IReadOnlyList<Guid> Roles, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, int Version = 1);

/// <summary>A granular delegated admin relationship (GDAP): a customer lets groups of a partner hold roles in its tenant. Source: delegatedadminrelationship resource type, 2025.</summary>
public sealed record TwinRelationship
{
    /// <summary>Two GUIDs joined by a hyphen.</summary>
    public required string Id { get; init; }

    /// <summary>The partner's tenant, which reads it.</summary>
    public required Guid PartnerId { get; init; }

    /// <summary>The customer's tenant.</summary>
    public required Guid CustomerId { get; init; }

    /// <summary>Unique for the partner, 50 characters at most.</summary>
    public required string DisplayName { get; init; }

    /// <summary>From activation to its end.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What it is extended by at its end; zero: not at all.</summary>
    public TimeSpan AutoExtend { get; init; }

    /// <summary>Directory roles the customer agreed to, by template id.</summary>
    public IReadOnlyList<Guid> Roles { get; init; } = [];

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the customer approved; null while it waits. UTC.</summary>
    public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>Grows with each change; its ETag.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Groups of the partner and their roles.</summary>
    public IReadOnlyList<TwinRelationshipAccess> Access { get; init; } = [];

    /// <summary>When it ends; null while it waits.</summary>
    public DateTimeOffset? EndsAt => ActivatedAt + Duration;

    /// <summary><c>approvalPending</c>, <c>active</c> or <c>expired</c> at a moment.</summary>
    public string Status(DateTimeOffset now) => EndsAt is not { } end ? "approvalPending" : end > now || AutoExtend > TimeSpan.Zero ? "active" : "expired";

    /// <summary>A duration as Graph writes it.</summary>
    public static string Text(TimeSpan duration) => XmlConvert.ToString(duration);
}

public sealed partial class TwinDirectory
{
    /// <summary>Relationships of a partner, no order.</summary>
    public IReadOnlyList<TwinRelationship> Relationships(Guid partner) => [.. _relationships.Of(partner)];

    /// <summary>One relationship of a partner, or null.</summary>
    public TwinRelationship? FindRelationship(Guid partner, string id) => _relationships.Find(id) is { } known && known.PartnerId == partner ? known : null;

    /// <summary>Adds or replaces a relationship.</summary>
    /// <exception cref="TwinDirectoryException">A tenant does not exist, or the name is taken.</exception>
    public void PutRelationship(TwinRelationship relationship)
    {
        lock (_gate)
        {
            if (FindTenant(relationship.CustomerId) is null) throw new TwinDirectoryException($"Tenant {relationship.CustomerId} does not exist.");
            if (relationship.CustomerId == relationship.PartnerId) throw new TwinDirectoryException("A tenant cannot be its own partner.");
            if (Relationships(relationship.PartnerId).Any(other => other.Id != relationship.Id && other.DisplayName.Equals(relationship.DisplayName, StringComparison.OrdinalIgnoreCase)))
                throw new TwinDirectoryException($"A relationship named '{relationship.DisplayName}' exists already.");
            _relationships.Put(relationship);
        }
    }
}
