namespace Bailiwick.Testing;

/// <summary>Waits for something another process or thread does, by asking again; never for a guessed length of time.</summary>
public static class Until
{
    /// <summary>How long to wait before something counts as hung. No test of speed: a loaded machine may take many times what an idle one does.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string, TimeSpan?)"/>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return TrueAsync(() => Task.FromResult(condition()), what, patience);
    }

    /// <summary>Asks every 10 ms until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It stayed no for <paramref name="patience"/>, <see cref="Patience"/> unless told.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var limit = patience ?? Patience;
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > limit) throw new TimeoutException($"It did not happen within {limit.TotalSeconds:0} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
