using Bailiwick.Api;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Audit;

/// <summary>Who acted: an operator's key or sign-in, or a job of the hub.</summary>
/// <param name="Kind">The closed set: <c>key</c>, <c>person</c>, <c>job</c>, <c>cli</c>.</param>
/// <param name="Id">Stable identifier within the kind; never a name typed by people.</param>
public sealed record Actor(string Kind, string Id)
{
    /// <summary>A job of the hub itself.</summary>
    public static Actor Job(string name) => new("job", name);
}

/// <summary>One act to be recorded.</summary>
/// <param name="Event">Stable event code such as <c>sink.added</c>; success and failure have different codes.</param>
/// <param name="Actor">Who.</param>
/// <param name="Tenant">Whose data, or null when it is the hub's own.</param>
/// <param name="ObjectId">The id of what was acted on.</param>
/// <param name="Detail">Fixed words and ids only; never a secret, never text from outside.</param>
public sealed record AuditEntry(string Event, Actor Actor, TenantId? Tenant = null, string? ObjectId = null, string? Detail = null);

/// <summary>The append-only record of who did what, written in the transaction of the act itself.</summary>
public sealed class AuditLog
{
    /// <summary>Appends one record to the chain. If this throws, the act must not happen.</summary>
    public Task AppendAsync(WriteTransaction write, AuditEntry entry) => throw new NotSupportedException();
}
