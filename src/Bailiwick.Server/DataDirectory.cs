using Bailiwick.Server.Configuration;

namespace Bailiwick.Server;

/// <summary>The hub's directory, held by one hub at a time.</summary>
public sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream hold)
    {
        Path = path;
        _lock = hold;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Makes the directory if it is absent, checks that others cannot read it, and takes it for this process.</summary>
    /// <exception cref="DataDirectoryException">It cannot be used; the message says why and how to fix it.</exception>
    public static DataDirectory Take(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            if (!Directory.Exists(full))
            {
                if (OperatingSystem.IsWindows()) Directory.CreateDirectory(full);
                else Directory.CreateDirectory(full, OwnerOnly);
            }

            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(full) & (UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
            {
                throw new DataDirectoryException($"The data directory {full} is open to others: run chmod 700 {full}.");
            }

            return new DataDirectory(full, new FileStream(System.IO.Path.Combine(full, "hub.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataDirectoryException($"The data directory {full} cannot be used by this user: give the right to read and write it, or name another with --data.", e);
        }
        catch (IOException e) when (File.Exists(full) || HasFileAbove(full))
        {
            throw new DataDirectoryException($"The data directory {full} cannot be made, because a file stands in the way: name another with --data.", e);
        }
        catch (IOException e) when (Directory.Exists(full))
        {
            throw new DataDirectoryException($"The data directory {full} is in use by another hub, or its disk does not take files: stop that hub, or name another directory with --data.", e);
        }
        catch (IOException e)
        {
            throw new DataDirectoryException($"The data directory {full} cannot be made: name one that this user can write with --data.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static bool HasFileAbove(string path)
    {
        for (var above = System.IO.Path.GetDirectoryName(path); above is not null; above = System.IO.Path.GetDirectoryName(above))
        {
            if (File.Exists(above)) return true;
        }

        return false;
    }
}
