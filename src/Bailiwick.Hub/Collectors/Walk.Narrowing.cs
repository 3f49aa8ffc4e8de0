using System.Globalization;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Upstream;

namespace Bailiwick.Hub.Collectors;

/// <content>How a page that keeps failing is narrowed until the record that the server cannot list is alone.</content>
internal sealed partial class Walk
{
    /// <summary>Update times move in steps of 1/300 s at the finest; below this width a window is not divided any more.</summary>
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(1);

    private const int MostFailuresInARow = 3;

    /// <summary>Records that could not be had; the collector sets them aside with the next page it stores.</summary>
    public List<RejectedRecord> SetAside { get; } = [];

    /// <summary>Whether trying the same page again may go on failing for ever because of what is in it.</summary>
    public static bool IsContent(UpstreamFailure reason) => reason is UpstreamFailure.ServerError or UpstreamFailure.Torn or UpstreamFailure.TimedOut;

    /// <summary>A page that is too large is narrowed at once, another failure only when it has come again and again.</summary>
    private async Task<WalkResult.Stopped?> StopOrNarrowAsync(Piece piece, PageAnswer answer, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        var failsOnContent = answer is PageAnswer.Refused { Reason: UpstreamFailure.TooLarge }
            || ((obstacles.Narrow || piece.IsObstacle) && answer is PageAnswer.TryLater { After: null } later && IsContent(later.Reason));
        if (!failsOnContent) return Stop(answer);
        if (piece.Doubted is { } doubted) _open.Push(doubted); // the order it was cut by may not hold
        if (piece.Window.Width <= ShortestWindow) return await IsolateAsync(piece.Window, answer, store, cancellationToken);
        Halve(piece);
        return null;
    }

    /// <summary>Reads the records of one instant one by one; those that fail alone, while the server answers beside them, are set aside.</summary>
    private async Task<WalkResult.Stopped?> IsolateAsync(TimeWindow window, PageAnswer failure, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        if (!await AnswersBesideAsync(window, cancellationToken)) return Stop(failure);
        if (source.Shape.Form == ListForm.Array) return await IsolateWholeAsync(window, store, cancellationToken);
        obstacles.Add(window);
        var inARow = 0;
        for (var skip = 0; ; skip++)
        {
            switch (await GetOneAsync(window, skip, cancellationToken))
            {
                case PageAnswer.Page(var page, var warning):
                    _warning ??= warning;
                    inARow = 0;
                    if (page.Alerts.Count == 0)
                    {
                        page.Dispose();
                        return null;
                    }

                    await store(page, false);
                    break;
                case PageAnswer.Refused { Reason: UpstreamFailure.BadRequest } when skip > 0:
                    SetAside.Add(GiveUp(window, skip, "The server lists no further at this update time.", default));
                    return null;
                case PageAnswer.TryLater { After: null } later when IsContent(later.Reason):
                    await SetAsideAsync(window, skip, later, store, cancellationToken);
                    if (++inARow == MostFailuresInARow) return null;
                    break;
                case PageAnswer.Refused { Reason: UpstreamFailure.TooLarge } large:
                    SetAside.Add(GiveUp(window, skip, large.Detail, default));
                    if (++inARow == MostFailuresInARow) return null;
                    break;
                case var other:
                    return Stop(other);
            }
        }
    }

    /// <summary>A source that gives an instant only as a whole is asked for it once more, for its failures may have passed.</summary>
    private async Task<WalkResult.Stopped?> IsolateWholeAsync(TimeWindow window, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        switch (await GetAsync(source.Address(origin, window, options.PageSize, 0), cancellationToken))
        {
            case PageAnswer.Page(var page, var warning):
                _warning ??= warning;
                await store(page, false);
                return null;
            case PageAnswer.Refused { Reason: UpstreamFailure.TooLarge } or PageAnswer.TryLater { After: null, Reason: UpstreamFailure.ServerError or UpstreamFailure.Torn or UpstreamFailure.TimedOut }:
                obstacles.Add(window);
                SetAside.Add(GiveUp(window, 0, "The source gives this instant only as a whole, and fails.", default));
                return null;
            case var other:
                return Stop(other);
        }
    }

    /// <summary>One record by its place. Only what fails again and again is held to fail because of the record, unless it is known to.</summary>
    private async Task<PageAnswer> GetOneAsync(TimeWindow window, int skip, CancellationToken cancellationToken, bool plain = false)
    {
        var answer = await GetAsync(source.Address(origin, window, 1, skip, plain), cancellationToken);
        for (var tries = 1; tries < 2 * options.NarrowAfter && !obstacles.Knows(PlaceOf(window, skip)) && answer is PageAnswer.TryLater { After: null } later && IsContent(later.Reason); tries++)
        {
            answer = await GetAsync(source.Address(origin, window, 1, skip, plain), cancellationToken);
        }

        return answer;
    }

    /// <summary>A record the server cannot list: without its expansions if that works, and in any case set aside.</summary>
    private async Task SetAsideAsync(TimeWindow window, int skip, PageAnswer.TryLater failure, Func<UpstreamPage, bool, Task> store, CancellationToken cancellationToken)
    {
        if (source.HasExpansions && await GetOneAsync(window, skip, cancellationToken, plain: true) is PageAnswer.Page(var page, var warning))
        {
            _warning ??= warning;
            var any = page.Alerts.Count > 0;
            await store(page, false);
            if (!any) return; // beyond the last record
            SetAside.Add(GiveUp(window, skip, $"Stored without its evidence, which the server fails to list. {failure.Detail}", failure.Excerpt));
            return;
        }

        SetAside.Add(GiveUp(window, skip, failure.Detail, failure.Excerpt));
    }

    /// <summary>Whether the server answers at all: asked for an instant shortly after the window that fails.</summary>
    private async Task<bool> AnswersBesideAsync(TimeWindow window, CancellationToken cancellationToken)
    {
        var beside = new TimeWindow(window.To + ShortestWindow, window.To + (ShortestWindow * 2)); // a source that reads bounds by the millisecond would meet the record at the edge
        if (await GetAsync(source.Address(origin, beside, 1, 0), cancellationToken) is not PageAnswer.Page(var page, _)) return false;
        page.Dispose();
        return true;
    }

    private RejectedRecord GiveUp(TimeWindow window, int skip, string detail, ReadOnlyMemory<byte> excerpt)
    {
        var place = PlaceOf(window, skip);
        obstacles.Know(place);
        return new RejectedRecord("", "unlistable", $"The record last updated at {place} cannot be read. {detail}", excerpt) { Place = place };
    }

    private static string PlaceOf(TimeWindow window, int skip) =>
        string.Create(CultureInfo.InvariantCulture, $"{StartOfMillisecond(window.From).UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}, record {skip + 1}");
}
