namespace Bailiwick.Api.V1;

/// <summary>One act on record.</summary>
/// <param name="Number">1, 2, 3 … without gaps over the whole hub.</param>
/// <param name="At">UTC.</param>
/// <param name="Event">The stable code, for example <c>sink.added</c>.</param>
/// <param name="ActorKind"><c>key</c>, <c>person</c>, <c>job</c> or <c>cli</c>.</param>
/// <param name="ActorId">Stable id within the kind.</param>
/// <param name="Tenant">Whose data; null when it is the hub's own.</param>
/// <param name="ObjectId">What was acted on.</param>
/// <param name="Detail">Fixed words and ids.</param>
/// <param name="Hash">The chain's hash at this record: 64 lower-case hex digits.</param>
public sealed record AuditRecord(
    long Number,
    DateTimeOffset At,
    string Event,
    string ActorKind,
    string ActorId,
    TenantId? Tenant,
    string? ObjectId,
    string? Detail,
    string Hash);

/// <summary>What checking the whole chain found.</summary>
/// <param name="Intact">True when every number, hash and MAC is right.</param>
/// <param name="Records">How many records fit, from the first on.</param>
/// <param name="Anchors">How many anchors outside the database were compared.</param>
/// <param name="FirstBad">The first wrong position; null when intact.</param>
/// <param name="Detail">One sentence: what is wrong there.</param>
public sealed record AuditVerification(bool Intact, long Records, int Anchors, long? FirstBad, string? Detail);
