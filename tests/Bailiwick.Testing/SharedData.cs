using Xunit;

namespace Bailiwick.Testing;

/// <summary>Published samples of Microsoft's interfaces that may lie beside the checkout. Tests that use them skip, with the reason, where they are absent.</summary>
public static class SharedData
{
    private static readonly string Folder = Path.GetFullPath(Repository.Path("..", "shared", "data"));

    /// <summary>Whether the samples are there.</summary>
    public static bool Exists => Directory.Exists(Folder);

    /// <summary>A file of the samples.</summary>
    /// <exception cref="SkipException">The samples are absent.</exception>
    public static string FileOrSkip(string relative)
    {
        var path = Path.Combine(Folder, relative);
        Skip.IfNot(File.Exists(path), $"The published sample {relative} is not beside this checkout.");
        return path;
    }

    /// <summary>The folder of the samples.</summary>
    /// <exception cref="SkipException">The samples are absent.</exception>
    public static string FolderOrSkip()
    {
        Skip.IfNot(Exists, "The published samples are not beside this checkout.");
        return Folder;
    }
}
