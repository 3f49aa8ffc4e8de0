namespace Bailiwick.Testing;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>The nearest folder above the test's output that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder of the checkout.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Bailiwick.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException("The test does not run below the repository.");
    }
}
