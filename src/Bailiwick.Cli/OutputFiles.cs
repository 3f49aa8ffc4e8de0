namespace Bailiwick.Cli;

/// <summary>Writes files that a command was asked for; never over an existing one.</summary>
internal static class OutputFiles
{
    /// <summary>Writes a new file.</summary>
    /// <exception cref="UsageException">The file exists or cannot be written.</exception>
    public static async Task WriteNewAsync(string file, byte[] content, string what, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await stream.WriteAsync(content, cancellationToken);
        }
        catch (IOException) when (File.Exists(file))
        {
            throw new UsageException($"The file {file} exists already: name a new one for the {what}.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"The {what} cannot be written to {file}: name a file in a directory this user may write to.");
        }
    }
}
