
namespace Bailiwick.Cli;

/// <summary>Finds the hub and the key, and makes the client.</summary>
internal static class HubConnection
{
    public const string DefaultHub = "http://127.0.0.1:8480";

    public static Uri Address(Surroundings surroundings, string? flag)
    {
        var text = flag ?? (surroundings.Environment.TryGetValue("BAILIWICK_HUB", out var own) && own.Length > 0 ? own : DefaultHub);
        return Origin(text, "hub");
    }

    public static Uri Origin(string text, string what) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") && uri.UserInfo.Length == 0
            ? uri.Scheme == "https" || uri.IsLoopback ? uri : throw new UsageException($"The {what}'s address {text} is plain http to another machine, and the key would travel readable: use https.")
            : throw new UsageException($"The {what}'s address \"{text}\" is no address: write it as https://host:port.");

    /// <summary>The key from the file that the flag or <c>BAILIWICK_KEY_FILE</c> names; null when neither does.</summary>
    public static string? Key(Surroundings surroundings, string? flag)
    {
        var file = flag ?? (surroundings.Environment.TryGetValue("BAILIWICK_KEY_FILE", out var own) && own.Length > 0 ? own : null);
        if (file is null) return null;
        try
        {
            if (!File.Exists(file)) throw new KeyFileException($"The key file {file} does not exist: name the hub's owner.key or a file made by bailiwick key add.");
            if (!OperatingSystem.IsWindows()
                && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            {
                throw new KeyFileException($"The key file {file} can be read by others: run chmod 600 {file}.");
            }

            var key = File.ReadAllText(file).Trim();
            return key.Length is > 0 and < 1024 && key.All(char.IsAscii) && !key.Any(c => char.IsControl(c) || c == ' ')
                ? key
                : throw new KeyFileException($"The key file {file} does not hold one API key: name the hub's owner.key or a file made by bailiwick key add.");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new KeyFileException($"The key file {file} cannot be read by this user: run as the user who owns it, or name another with --key-file.");
        }
    }

    /// <summary>A client of this machine's person; nothing but the named address is ever asked.</summary>
    public static HttpClient Client(Surroundings surroundings, Uri address)
    {
#pragma warning disable RS0030 // The command line is no part of the hub: the person at the keyboard names the one address that is asked.
        return new HttpClient(surroundings.Http()) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
#pragma warning restore RS0030
    }
}
