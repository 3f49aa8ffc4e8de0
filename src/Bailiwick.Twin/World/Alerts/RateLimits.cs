using System.Collections.Concurrent;

namespace Bailiwick.Twin.World.Alerts;

/// <summary>
/// Request budgets per application and tenant, counted in windows that open with their first request. A refused request counts for
/// nothing. Source: get-alerts 2025-03, throttling-security 2024; whether the counter is per application and tenant is unconfirmed for Defender.
/// </summary>
internal sealed class RateLimits(TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Budget, Guid App, Guid Tenant, TimeSpan Length), Window> _windows = [];

    /// <summary>Counts one request against every given limit, or none of them.</summary>
    /// <returns>Null when it may pass, else whole seconds to wait (at least 1).</returns>
    public int? Take(string budget, Guid app, Guid tenant, params ReadOnlySpan<(int Most, TimeSpan Length)> limits)
    {
        var now = clock.GetUtcNow();
        var taken = new List<Window>(limits.Length);
        foreach (var (most, length) in limits)
        {
            var window = _windows.GetOrAdd((budget, app, tenant, length), _ => new Window());
            if (window.Take(now, most, length) is { } wait)
            {
                foreach (var earlier in taken) earlier.GiveBack();
                return wait;
            }

            taken.Add(window);
        }

        return null;
    }

    private sealed class Window
    {
        private readonly Lock _gate = new();
        private DateTimeOffset _opened;
        private int _count;

        public int? Take(DateTimeOffset now, int most, TimeSpan length)
        {
            lock (_gate)
            {
                if (_count == 0 || now - _opened >= length || now < _opened) (_opened, _count) = (now, 0);
                if (_count >= most) return Math.Max(1, (int)Math.Ceiling((_opened + length - now).TotalSeconds));
                _count++;
                return null;
            }
        }

        public void GiveBack()
        {
            lock (_gate) _count--;
        }
    }
}
