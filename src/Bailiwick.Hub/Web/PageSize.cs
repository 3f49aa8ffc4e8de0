using Bailiwick.Api.V1;

namespace Bailiwick.Hub.Web;

/// <summary>How many items a caller may ask for.</summary>
public static class PageSize
{
    /// <summary>The number to use, or null when the caller's is not within 1 and <see cref="Page{T}.MaxItems"/>.</summary>
    public static int? Read(int? limit) => limit switch
    {
        null => Page<object>.DefaultItems,
        >= 1 and <= Page<object>.MaxItems => limit,
        _ => null,
    };
}
