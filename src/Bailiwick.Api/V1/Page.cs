namespace Bailiwick.Api.V1;

/// <summary>One page of a list.</summary>
/// <param name="Items">0 to <see cref="MaxItems"/> items in the list's own stable order; only what the caller may open.</param>
/// <param name="Next">An opaque cursor for the next page, or null after the last one.</param>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null)
{
    /// <summary>The most items on a page.</summary>
    public const int MaxItems = 1000;

    /// <summary>Items on a page when the caller names no number.</summary>
    public const int DefaultItems = 100;
}
