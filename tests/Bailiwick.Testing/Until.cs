namespace Bailiwick.Testing;

/// <summary>Waits for something another process or thread does, by asking again; never for a guessed length of time.</summary>
public static class Until
{
    /// <summary>Asks every 10 ms until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It stayed no for 20 s.</exception>
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        for (var tries = 0; !condition(); tries++)
        {
            if (tries > 2000) throw new TimeoutException($"It did not happen within 20 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
