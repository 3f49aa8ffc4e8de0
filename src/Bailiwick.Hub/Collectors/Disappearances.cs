namespace Bailiwick.Hub.Collectors;

/// <summary>
/// Alerts that the log holds and the source no longer shows. One walk may miss an alert because it changed meanwhile, so only what two walks in a row
/// missed counts: a role was narrowed, or the source suppressed the alert. In memory; not thread safe.
/// </summary>
internal sealed class Disappearances
{
    /// <summary>What was gone for longer than the widest regular walk reaches back is forgotten.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private readonly Dictionary<string, (DateTimeOffset Since, int Times)> _missing = new(StringComparer.Ordinal);

    /// <summary>How many are gone.</summary>
    public int Count { get; private set; }

    /// <summary>When the first of them was missed first; null when none is gone.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>Takes a walk's findings in.</summary>
    /// <param name="held">What the log holds of the window.</param>
    /// <param name="shown">What the source showed.</param>
    /// <param name="now">The walk's time.</param>
    public void Compare(IReadOnlyCollection<string> held, IReadOnlySet<string> shown, DateTimeOffset now)
    {
        if (_missing.Count > 0)
        {
            foreach (var (id, missing) in _missing.ToList())
            {
                if (shown.Contains(id) || now - missing.Since > Memory) _missing.Remove(id);
            }
        }

        foreach (var id in held)
        {
            if (shown.Contains(id)) continue;
            var known = _missing.GetValueOrDefault(id, (Since: now, Times: 0));
            _missing[id] = (known.Since, known.Times + 1);
        }

        var gone = _missing.Values.Where(missing => missing.Times > 1).ToList();
        Count = gone.Count;
        Since = gone.Count == 0 ? null : gone.Min(missing => missing.Since);
    }
}
