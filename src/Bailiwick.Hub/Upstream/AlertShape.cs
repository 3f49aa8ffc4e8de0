namespace Bailiwick.Hub.Upstream;

/// <summary>How one source spells the fields that collecting needs.</summary>
/// <param name="Id">The record's id.</param>
/// <param name="Tenant">The tenant the record was created in.</param>
/// <param name="Updated">Last update: the cursor field.</param>
/// <param name="Created">Creation; never moves.</param>
/// <param name="Severity">Severity as a word.</param>
/// <param name="Status">Status as a word.</param>
public sealed record AlertShape(string Id, string Tenant, string Updated, string Created, string Severity, string Status);
