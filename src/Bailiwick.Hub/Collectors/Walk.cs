using System.Buffers.Binary;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <summary>How a walk over one window ended.</summary>
internal abstract record WalkResult
{
    private WalkResult()
    {
    }

    /// <summary>Every record of the window was handed over, the server warned of nothing.</summary>
    public sealed record Clean : WalkResult;

    /// <summary>The walk is not complete; what came so far was handed over.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="Detail">One sentence for people.</param>
    /// <param name="After">The server's own wish, if any.</param>
    /// <param name="NeedsPerson">True when trying again changes nothing until somebody acts.</param>
    public sealed record Stopped(UpstreamFailure Reason, string Detail, TimeSpan? After, bool NeedsPerson) : WalkResult;
}

/// <summary>
/// Lists one window of last-update time completely, or says why not. Works in any server order, with clamped pages, with and without continuation links,
/// and with a capped <c>$skip</c>: a page that may be cut short is followed by smaller windows until each is proven whole. A page that keeps failing is
/// narrowed until the record that the server cannot list is alone.
/// </summary>
/// <param name="get">Gets one page within the budget; the second argument is true for a look behind a page that is still held.</param>
/// <param name="source">Builds addresses.</param>
/// <param name="origin">The plane's address.</param>
/// <param name="options">Page size and limits.</param>
/// <param name="obstacles">What this (tenant, source) is known not to list, from walk to walk.</param>
internal sealed partial class Walk(
    Func<Uri, bool, CancellationToken, Task<PageAnswer>> get, IAlertSource source, Uri origin, CollectorOptions options, Obstacles obstacles)
{
    private readonly Stack<Piece> _open = new();
    private int _requests;
    private string? _warning;
    private bool _completed;

    /// <summary>
    /// Whether a page with fewer records than the server was seen to put into one counts as whole without a look behind it. For walks over what a walk that
    /// proves lists again soon: a server that cuts pages at different lengths is caught by that one.
    /// </summary>
    public bool TrustsShortPages { get; init; }

    /// <summary>Walks.</summary>
    /// <param name="window">The closed-open window.</param>
    /// <param name="store">Takes each page over and stores it durably. The second argument is true for the page that completes a clean walk; such a call always comes, if need be with an empty page.</param>
    /// <param name="cancellationToken">Stops between and inside requests.</param>
    public async Task<WalkResult> RunAsync(TimeWindow window, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        foreach (var piece in obstacles.Split(window)) _open.Push(piece);
        while (_open.TryPop(out var piece))
        {
            if (await WalkPieceAsync(piece, store, cancellationToken) is { } stopped) return stopped;
        }

        if (_warning is not null) return new WalkResult.Stopped(UpstreamFailure.Partial, _warning, null, NeedsPerson: false);
        if (!_completed) await store(UpstreamPage.Empty, true);
        return new WalkResult.Clean();
    }

    private async Task<WalkResult.Stopped?> WalkPieceAsync(Piece piece, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(source.Address(origin, piece.Window, options.PageSize, 0), cancellationToken);
        if (answer is not PageAnswer.Page(var page, var warning)) return await StopOrNarrowAsync(piece, answer, store, cancellationToken);
        obstacles.Forget(piece.Window);
        _warning ??= warning;
        if (piece.ExpectAtLeast is { } expected && page.TotalCount < expected) _open.Push(piece.Doubted!);
        if (page is { NextLink: not null, TotalCount: { } total }) return await FollowAsync(piece, page, total, store, cancellationToken);
        var whole = await IsWholeAsync(page, piece.Window, cancellationToken);
        if (whole.Failure is not null)
        {
            page.Dispose();
            return await StopOrNarrowAsync(piece, whole.Failure, store, cancellationToken);
        }

        if (whole.Value)
        {
            await StoreLastAsync(page, store);
            return null;
        }

        if (page.Alerts.Count == 0)
        {
            page.Dispose();
            return new WalkResult.Stopped(UpstreamFailure.CannotEnumerate, "The server counts records that it does not list.", null, NeedsPerson: false);
        }

        if (piece.Window.Width <= TimeSpan.FromTicks(1)) return await SkipThroughInstantAsync(page, piece.Window, store, cancellationToken);
        Divide(piece, page);
        await store(page, false);
        return null;
    }

    /// <summary>Whether a page holds all records of its window. A continuation without a count says that it does not, and is not followed: nothing could tell whether rows moved meanwhile.</summary>
    private async Task<(bool Value, PageAnswer? Failure)> IsWholeAsync(UpstreamPage page, TimeWindow window, CancellationToken cancellationToken)
    {
        var count = page.Alerts.Count;
        if (page.TotalCount is { } total) return (total <= count, null);
        if (page.NextLink is not null) return (false, null);
        if (count == 0 || (TrustsShortPages && count < obstacles.LargestPage)) return (true, null);
        obstacles.LargestPage = Math.Max(obstacles.LargestPage, count);
        try
        {
            // The server may clamp pages below what was asked for, so a short page proves nothing: look behind it. Rows move up when one before them leaves
            // the window, and one could pass unseen; so the last record read must still stand where it stood.
            var (behind, failure) = await LookBehindAsync(window, 2, count - 1, cancellationToken);
            if (behind is not [var same] || !IsSame(same, page.Alerts[^1]))
            {
                if (behind is { Count: > 1 }) obstacles.LargestPage = count;
                return (false, failure);
            }

            if (obstacles.LargestPage > 1) return (true, null);
            (behind, failure) = await LookBehindAsync(window, 1, count, cancellationToken); // its pages may hold no more than one
            return (behind is [], failure);
        }
        catch
        {
            page.Dispose();
            throw;
        }
    }

    /// <summary>The records from a place on, or why the server does not say; neither when <c>$skip</c> is capped: unknown, so divide.</summary>
    private async Task<(IReadOnlyList<UpstreamAlert>? Records, PageAnswer? Failure)> LookBehindAsync(TimeWindow window, int top, int skip, CancellationToken cancellationToken)
    {
        switch (await GetAsync(source.Address(origin, window, top, skip), cancellationToken, behind: true))
        {
            case PageAnswer.Page(var page, var warning):
                _warning ??= warning;
                page.Dispose(); // ids and digests stay
                return (page.Alerts, null);
            case PageAnswer.Refused { Reason: UpstreamFailure.BadRequest }:
                return (null, null);
            case var other:
                return (null, other);
        }
    }

    /// <summary>Follows continuations. They may count rows, and rows move while they are followed: what came must be as many as were counted, else the window is halved.</summary>
    private async Task<WalkResult.Stopped?> FollowAsync(Piece piece, UpstreamPage page, long total, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        var links = new HashSet<Uri>();
        var digests = new HashSet<ReadOnlyMemory<byte>>(DigestComparer.Instance);
        var read = 0;
        while (true)
        {
            read += page.Alerts.Count;
            foreach (var alert in page.Alerts) digests.Add(alert.Digest);
            if (page.TotalCount > total) total = page.TotalCount.Value;
            if (page.NextLink is not { } next) break;
            await store(page, false);
            if (!links.Add(next)) return new WalkResult.Stopped(UpstreamFailure.BadContinuation, "The server's continuation leads in a circle.", null, NeedsPerson: false);
            var answer = await GetAsync(next, cancellationToken);
            if (answer is not PageAnswer.Page(var following, var warning)) return await StopOrNarrowAsync(piece, answer, store, cancellationToken);
            _warning ??= warning;
            page = following;
        }

        if (digests.Count == read && digests.Count >= total)
        {
            await StoreLastAsync(page, store);
            return null;
        }

        await store(page, false);
        if (piece.Window.Width <= ShortestWindow) return Moved();
        Halve(piece);
        return null;
    }

    private static WalkResult.Stopped Moved() => new(UpstreamFailure.CannotEnumerate, "Records moved while they were read.", null, NeedsPerson: false);

    private static bool IsSame(UpstreamAlert left, UpstreamAlert right) => left.Id == right.Id && left.Digest.Span.SequenceEqual(right.Digest.Span);

    /// <summary>The page that completes its piece; with no piece left it completes the walk.</summary>
    private Task StoreLastAsync(UpstreamPage page, Func<UpstreamPage, bool, Task> store)
    {
        _completed = _open.Count == 0 && _warning is null;
        return store(page, _completed);
    }

    /// <summary>More records share one instant than fit a page: only <c>$skip</c> is left.</summary>
    private async Task<WalkResult.Stopped?> SkipThroughInstantAsync(
        UpstreamPage page, TimeWindow window, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        for (var skip = 0; ;)
        {
            skip += page.Alerts.Count;
            var last = page.Alerts[^1] with { Raw = default };
            var again = page.Alerts.Count > 1 ? 1 : 0; // from the last one on, to see that it still stands there; not when pages may hold no more than one
            await store(page, false);
            skip -= again;
            var answer = await GetAsync(source.Address(origin, window, options.PageSize, skip), cancellationToken);
            if (answer is PageAnswer.Refused { Reason: UpstreamFailure.BadRequest })
            {
                return new WalkResult.Stopped(
                    UpstreamFailure.CannotEnumerate,
                    $"More alerts than the server lists share the update time {window.From:O}: this tenant cannot be enumerated through this source.",
                    null,
                    NeedsPerson: true);
            }

            if (answer is not PageAnswer.Page(var following, var warning)) return Stop(answer);
            _warning ??= warning;
            page = following;
            if (again == 1 && (page.Alerts.Count == 0 || !IsSame(page.Alerts[0], last)))
            {
                await store(page, false);
                return Moved();
            }

            if (page.Alerts.Count == again) break;
        }

        await StoreLastAsync(page, store);
        return null;
    }

    /// <summary>
    /// Divides the window of a page that was cut short. When the page is in time order, the rest lies on one side of it; the count that the server gave is
    /// then held against the rest's own count, and on doubt the part thought done is walked as well. Else the window is cut into equal parts.
    /// </summary>
    private void Divide(Piece piece, UpstreamPage page)
    {
        var window = piece.Window;
        if (page.TotalCount is { } total && !piece.InEqualParts && Rest(window, page) is { } rest)
        {
            var outside = page.Alerts.Count(alert => alert.Updated is { } at && (at < rest.Window.From || at >= rest.Window.To));
            var doubted = new Piece(rest.Done) { InEqualParts = true };
            _open.Push(new Piece(rest.Window) { ExpectAtLeast = total - outside, Doubted = doubted });
            return;
        }

        var parts = page.TotalCount is { } count ? Math.Clamp((count / Math.Max(1, page.Alerts.Count * 3 / 4)) + 1, 2, 64) : 2;
        parts = Math.Min(parts, window.Width.Ticks);
        var step = window.Width.Ticks / parts;
        for (var part = 0; part < parts; part++)
        {
            var from = window.From.AddTicks(part * step);
            _open.Push(new Piece(new TimeWindow(from, part == parts - 1 ? window.To : from.AddTicks(step))) { InEqualParts = piece.InEqualParts });
        }
    }

    /// <summary>Two equal parts, met at a whole millisecond if there is one between, so that what is narrowed down to has the same bounds in every walk.</summary>
    private void Halve(Piece piece)
    {
        var (from, to) = (piece.Window.From, piece.Window.To);
        var middle = from + (piece.Window.Width / 2);
        if (piece.Window.Width > ShortestWindow)
        {
            var whole = StartOfMillisecond(middle);
            middle = whole > from ? whole : whole + ShortestWindow;
        }

        _open.Push(new Piece(new TimeWindow(middle, to)) { InEqualParts = true, IsObstacle = piece.IsObstacle });
        _open.Push(new Piece(new TimeWindow(from, middle)) { InEqualParts = true, IsObstacle = piece.IsObstacle });
    }

    private static DateTimeOffset StartOfMillisecond(DateTimeOffset at) => at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerMillisecond));

    private static (TimeWindow Window, TimeWindow Done)? Rest(TimeWindow window, UpstreamPage page)
    {
        bool rising = true, falling = true;
        DateTimeOffset? last = null;
        foreach (var alert in page.Alerts)
        {
            if (alert.Updated is not { } at || at < window.From || at >= window.To) return null;
            rising &= last is null || at >= last;
            falling &= last is null || at <= last;
            last = at;
        }

        if (last is not { } edge || rising == falling) return null; // one single instant, or no order
        var rest = falling ? new TimeWindow(window.From, edge.AddTicks(1)) : new TimeWindow(edge, window.To);
        var done = falling ? new TimeWindow(edge.AddTicks(1), window.To) : new TimeWindow(window.From, edge);
        return rest.Width < window.Width ? (rest, done) : null;
    }

    private async Task<PageAnswer> GetAsync(Uri address, CancellationToken cancellationToken, bool behind = false)
    {
        if (++_requests > options.MaxRequestsPerWalk)
        {
            return new PageAnswer.TryLater(UpstreamFailure.CannotEnumerate, $"The walk was given up after {options.MaxRequestsPerWalk} requests.");
        }

        return await get(address, behind, cancellationToken);
    }

    private static WalkResult.Stopped Stop(PageAnswer answer) => answer switch
    {
        PageAnswer.TryLater later => new WalkResult.Stopped(later.Reason, later.Detail, later.After, NeedsPerson: false),
        PageAnswer.Refused refused => new WalkResult.Stopped(refused.Reason, refused.Detail, null, NeedsPerson: true),
        _ => throw new InvalidOperationException($"A {answer.GetType().Name} does not stop a walk."),
    };

    /// <summary>Digests are hashes already: their first bytes serve.</summary>
    private sealed class DigestComparer : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public static readonly DigestComparer Instance = new();

        public bool Equals(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) => left.Span.SequenceEqual(right.Span);

        public int GetHashCode(ReadOnlyMemory<byte> digest) => BinaryPrimitives.ReadInt32LittleEndian(digest.Span);
    }

    /// <summary>A part of the window that is still to be walked.</summary>
    internal sealed record Piece(TimeWindow Window)
    {
        /// <summary>Set when the page's order was trusted: what the server must still count here, else <see cref="Doubted"/> is walked too.</summary>
        public long? ExpectAtLeast { get; init; }

        public Piece? Doubted { get; init; }

        /// <summary>It holds a record that the server was seen not to list.</summary>
        public bool IsObstacle { get; init; }

        /// <summary>The order of pages is not trusted here.</summary>
        public bool InEqualParts { get; init; }
    }
}
