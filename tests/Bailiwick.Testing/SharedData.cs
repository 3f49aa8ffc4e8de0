using Xunit;

namespace Bailiwick.Testing;

/// <summary>Published samples of Microsoft's interfaces that may lie beside the checkout. Tests that use them skip, with the reason, where they are absent.</summary>
public static class SharedData
{
    /// <summary>The repository's root: the nearest folder above the test's output that holds the solution.</summary>
    public static string Root
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Bailiwick.slnx"))) return folder.FullName;
            }

            throw new InvalidOperationException("The test does not run below the repository.");
        }
    }

    /// <summary>A file of the samples.</summary>
    /// <exception cref="SkipException">The samples are absent.</exception>
    public static string FileOrSkip(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data", relative));
        Skip.IfNot(File.Exists(path), $"The published samples are not beside this checkout ({relative}); the same test runs on samples of the project's own.");
        return path;
    }
}
