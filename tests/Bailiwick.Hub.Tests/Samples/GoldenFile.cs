using Shouldly;

namespace Bailiwick.Hub.Tests.Samples;

/// <summary>Compares with a committed file; <c>BAILIWICK_GOLDEN=write</c> writes it anew, for a person to read the difference.</summary>
internal static class GoldenFile
{
    public static void ShouldMatch(string path, string written)
    {
        if (Environment.GetEnvironmentVariable("BAILIWICK_GOLDEN") == "write") File.WriteAllText(path, written + "\n");
        written.ShouldBe(File.ReadAllText(path).TrimEnd('\n'), path);
    }
}
