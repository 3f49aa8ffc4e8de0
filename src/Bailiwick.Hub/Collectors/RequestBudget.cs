namespace Bailiwick.Hub.Collectors;

/// <summary>
/// Keeps the requests to one plane of one tenant under its documented limits, so that steady work meets no 429. Two token buckets, nine tenths of the limit.
/// Sources of the same plane share one. Thread safe.
/// </summary>
internal sealed class RequestBudget(RequestLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Bucket _minute = new(limits.PerMinute * 9 / 10, TimeSpan.FromMinutes(1));
    private readonly Bucket? _hour = limits.PerHour is { } perHour ? new Bucket(perHour * 9 / 10, TimeSpan.FromHours(1)) : null;

    /// <summary>Waits until one more request is within the limits.</summary>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate)
        {
            wait = _minute.Take(time.GetUtcNow());
            if (_hour is not null)
            {
                var longer = _hour.Take(time.GetUtcNow());
                if (longer > wait) wait = longer;
            }
        }

        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
    }

    private sealed class Bucket(int size, TimeSpan period)
    {
        private double _level = size;
        private DateTimeOffset? _at;

        public TimeSpan Take(DateTimeOffset now)
        {
            if (_at is { } at && now > at) _level = Math.Min(size, _level + ((now - at) / period * size));
            _at = now;
            _level -= 1;
            return _level >= 0 ? TimeSpan.Zero : -_level / size * period;
        }
    }
}
