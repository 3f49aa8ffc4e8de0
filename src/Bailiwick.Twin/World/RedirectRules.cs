namespace Bailiwick.Twin.World;

/// <summary>What a redirect URI may look like, and when a requested one matches. Source: reply-url, 2022.</summary>
public static class RedirectRules
{
    private const int MaxLength = 256;

    /// <summary>Says why a URI cannot be registered; null when it can.</summary>
    public static string? Fault(string uri)
    {
        if (uri.Length > MaxLength) return $"Redirect URI '{uri}' is longer than {MaxLength} characters.";
        if (uri.IndexOfAny(['!', '$', '\'', '(', ')', ',', ';']) >= 0) return $"Redirect URI '{uri}' holds one of the characters ! $ ' ( ) , ;";
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed)) return $"Redirect URI '{uri}' is not absolute.";
        if (parsed.Fragment.Length > 0) return $"Redirect URI '{uri}' has a fragment.";
        return parsed.Scheme == Uri.UriSchemeHttp && !parsed.IsLoopback ? $"Redirect URI '{uri}' is plain http and not loopback." : null;
    }

    /// <summary>True when a requested URI is the registered one: exact, but the port of <c>http://localhost</c> does not matter.</summary>
    public static bool Matches(string registered, string requested)
    {
        if (registered == requested) return true;
        if (!Uri.TryCreate(registered, UriKind.Absolute, out var left) || !Uri.TryCreate(requested, UriKind.Absolute, out var right)) return false;
        if (left.Scheme != right.Scheme || !left.Host.Equals(right.Host, StringComparison.OrdinalIgnoreCase)) return false;
        var samePort = left.Port == right.Port || (left.Scheme == Uri.UriSchemeHttp && left.Host == "localhost");
        return samePort && left.AbsolutePath == right.AbsolutePath && left.Query == right.Query;
    }
}
