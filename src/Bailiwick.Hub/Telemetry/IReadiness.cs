namespace Bailiwick.Hub.Telemetry;

/// <summary>One thing that must work before the hub calls itself ready. Register as many as there are; all are asked. Thread safe.</summary>
public interface IReadiness
{
    /// <summary>A stable word such as <c>vault</c> or <c>database</c>.</summary>
    string Name { get; }

    /// <summary>Looks, quickly (the caller stops waiting after 5 s) and without side effects.</summary>
    /// <returns>Null when it works, else one sentence for people: what does not work and who can mend it; no secret, no path.</returns>
    ValueTask<string?> CheckAsync(CancellationToken cancellationToken);
}
