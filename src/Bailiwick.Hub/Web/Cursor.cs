using System.Buffers.Text;
using System.Text;

namespace Bailiwick.Hub.Web;

/// <summary>
/// The opaque text behind <c>next</c>: the parts of the last row's key, so that a page begins after a row, never at a count. Holds nothing that the
/// caller has not just been shown, and gives no rights: the query behind it checks them again.
/// </summary>
public static class Cursor
{
    private const char Separator = '\u001F';

    /// <summary>Joins the parts of a key.</summary>
    /// <param name="parts">1 to 8 texts; only the last one may hold U+001F.</param>
    public static string Write(params ReadOnlySpan<string> parts) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(Separator, parts)));

    /// <summary>Takes a cursor apart.</summary>
    /// <param name="cursor">What the caller sent; null for the first page.</param>
    /// <param name="count">How many parts it must have.</param>
    /// <param name="parts">The parts; empty for the first page.</param>
    /// <returns>False when the text is not a cursor of this list.</returns>
    public static bool TryRead(string? cursor, int count, out string[] parts)
    {
        parts = [];
        if (cursor is null) return true;
        if (cursor.Length is 0 or > 4096 || !Base64Url.IsValid(cursor)) return false;
        parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(Separator, count);
        return parts.Length == count;
    }
}
