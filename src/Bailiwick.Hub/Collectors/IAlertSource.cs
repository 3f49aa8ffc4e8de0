using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>A feed of alert versions that can be listed by windows of last-update time.</summary>
public interface IAlertSource
{
    /// <summary>Its name, as in <see cref="AlertSources"/>.</summary>
    string Name { get; }

    /// <summary>The plane its tokens are for.</summary>
    TokenAudience Audience { get; }

    /// <summary>How it spells the fields that collecting needs.</summary>
    AlertShape Shape { get; }

    /// <summary>Its documented request limits per application and tenant.</summary>
    RequestLimits Limits { get; }

    /// <summary>The address of a list call.</summary>
    /// <param name="origin">The plane's address in the tenant's cloud and region.</param>
    /// <param name="window">Closed-open window of last-update time.</param>
    /// <param name="top">Records asked for; the server may give fewer.</param>
    /// <param name="skip">Records to leave out; 0 except to look behind a page.</param>
    /// <param name="plain">True: without expansions, for a record that the server cannot list with them.</param>
    Uri Address(Uri origin, TimeWindow window, int top, int skip, bool plain = false);

    /// <summary>The address of one record by its id; null when the source has none or nothing leads there.</summary>
    Uri? AddressOf(Uri origin, string id) => null;

    /// <summary>Whether <see cref="Address"/> leaves anything out when plain.</summary>
    bool HasExpansions => false;
}

/// <summary>Documented request limits of one API, per application and tenant.</summary>
/// <param name="PerMinute">Requests in any minute.</param>
/// <param name="PerHour">Requests in any hour; null when none is documented.</param>
public sealed record RequestLimits(int PerMinute, int? PerHour);

/// <summary>A closed-open window of last-update time, UTC.</summary>
/// <param name="From">First instant inside.</param>
/// <param name="To">First instant after.</param>
public readonly record struct TimeWindow(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>How long it is; never negative.</summary>
    public TimeSpan Width => To - From;

    /// <summary>Whether the two share an instant.</summary>
    public bool Meets(TimeWindow other) => From < other.To && other.From < To;
}
