using System.Text;

namespace Bailiwick.Cli;

/// <summary>Reads what people hand over by file or standard input (<c>-</c>). Secrets come this way only, never as an argument.</summary>
internal static class InputFiles
{
    private const int MostSecretBytes = 64 * 1024;

    /// <summary>A secret: UTF-8, one trailing line end taken off.</summary>
    public static async Task<string> ReadSecretAsync(Surroundings surroundings, string file, string what, CancellationToken cancellationToken)
    {
        var bytes = await ReadAsync(surroundings, file, what, MostSecretBytes, cancellationToken);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"The {what} in {Name(file)} is not UTF-8 text: give the value as text.");
        }

        if (text.EndsWith('\n')) text = text[..^1];
        if (text.EndsWith('\r')) text = text[..^1];
        return text.Length > 0 ? text : throw new UsageException($"The {what} in {Name(file)} is empty: put the value there.");
    }

    /// <summary>A whole file, or all of standard input.</summary>
    public static async Task<byte[]> ReadAsync(Surroundings surroundings, string file, string what, int mostBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var own = file == "-" ? null : File.OpenRead(file);
            var from = own ?? surroundings.In;
            using var into = new MemoryStream();
            var buffer = new byte[81920];
            for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                into.Write(buffer, 0, read);
                if (into.Length > mostBytes) throw new UsageException($"The {what} in {Name(file)} is larger than {mostBytes / 1024} KiB: split it.");
            }

            return into.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"The file {file} for the {what} does not exist: name an existing file, or - for standard input.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"The file {file} for the {what} cannot be read: give this user the right to read it.");
        }
    }

    private static string Name(string file) => file == "-" ? "standard input" : file;
}
