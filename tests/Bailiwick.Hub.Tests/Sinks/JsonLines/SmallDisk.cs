using System.Diagnostics;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.JsonLines;

/// <summary>A file system of a few KiB, so that a disk can be full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Mounts it, or skips the test with the reason.</summary>
    public static SmallDisk MountOrSkip(string path, string size)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root can mount a small file system.");
        Directory.CreateDirectory(path);
        Skip.If(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) != 0, "This machine does not allow mounting a tmpfs.");
        return new SmallDisk(path);
    }

    public void Dispose() => Run("umount", Path).ShouldBe(0);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
