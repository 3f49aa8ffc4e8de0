namespace Bailiwick.Hub.Collectors;

/// <summary>
/// What one (tenant, source) is known not to list: short windows around records that make the server fail. Kept from walk to walk in memory, so that
/// the next walk goes round them instead of searching them again; after a restart they are found anew. Not thread safe: one walk at a time uses it.
/// </summary>
internal sealed class Obstacles
{
    private readonly HashSet<TimeWindow> _windows = [];
    private readonly HashSet<string> _places = new(StringComparer.Ordinal);

    /// <summary>True when a failing page is to be narrowed at once instead of waiting for the server to recover.</summary>
    public bool Narrow { get; set; }

    /// <summary>The most records that one page was seen to hold since the server last cut one short.</summary>
    public int LargestPage { get; set; }

    /// <summary>Whether any is known.</summary>
    public bool Any => _windows.Count > 0;

    /// <summary>The parts of a window, each obstacle alone.</summary>
    public IEnumerable<Walk.Piece> Split(TimeWindow window)
    {
        var from = window.From;
        foreach (var obstacle in _windows.Where(window.Meets).OrderBy(known => known.From))
        {
            var start = obstacle.From > from ? obstacle.From : from;
            if (start > from) yield return new Walk.Piece(new TimeWindow(from, start));
            var end = obstacle.To < window.To ? obstacle.To : window.To;
            if (end > start) yield return new Walk.Piece(new TimeWindow(start, end)) { IsObstacle = true };
            from = end;
        }

        if (window.To > from || window.Width <= TimeSpan.Zero) yield return new Walk.Piece(new TimeWindow(from, window.To));
    }

    /// <summary>Whether the record at a place was set aside.</summary>
    public bool Knows(string place) => _places.Contains(place);

    /// <summary>The record at a place is set aside.</summary>
    public void Know(string place) => _places.Add(place);

    /// <summary>Remembers a window that the server does not list.</summary>
    public void Add(TimeWindow window) => _windows.Add(window);

    /// <summary>The server listed this window after all.</summary>
    public void Forget(TimeWindow window)
    {
        if (_windows.Count > 0) _windows.RemoveWhere(known => window.From <= known.From && known.To <= window.To);
    }
}
