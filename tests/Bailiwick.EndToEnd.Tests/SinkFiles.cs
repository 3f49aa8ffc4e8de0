namespace Bailiwick.EndToEnd.Tests;

/// <summary>What a JSON-lines sink has written.</summary>
internal static class SinkFiles
{
    /// <summary>The whole lines of every file in the sink's folder; a last line that is still being written is left out.</summary>
    public static List<string> Lines(string folder) => [.. Each(folder)];

    /// <summary>The same, one file at a time: for runs too long to hold them all.</summary>
    public static IEnumerable<string> Each(string folder) => Directory.EnumerateFiles(folder, "*.jsonl").SelectMany(ReadWhole);

    private static string[] ReadWhole(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
