using System.Diagnostics;
using Bailiwick.Testing;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>aiosmtpd, an SMTP server of other people's, that keeps what it gets in a maildir. Absent where Python or the package is.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly Process _process;
    private readonly TempDirectory _folder;

    private MailServer(Process process, TempDirectory folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    /// <summary>Starts one; skips the test where it cannot.</summary>
    public static async Task<MailServer> StartOrSkipAsync()
    {
        Skip.IfNot(File.Exists(Python) && await ExitsWellAsync("-c", "import aiosmtpd"), "needs /usr/bin/python3 with aiosmtpd (Debian: python3-aiosmtpd)");
        var folder = new TempDirectory();
        var port = LocalPort.Free();
        var process = Start("-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", Path.Combine(folder.Path, "mail"));
        await Until.TrueAsync(() => LocalPort.Answers(port), "the mail server listens");
        return new MailServer(process, folder, port);
    }

    /// <summary>Waits until so many mails have come; the texts of all, lines ended with LF.</summary>
    public async Task<IReadOnlyList<string>> MailsAsync(int count)
    {
        var folder = Path.Combine(_folder.Path, "mail", "new");
        await Until.TrueAsync(() => Directory.Exists(folder) && Directory.GetFiles(folder).Length >= count, $"{count} mails came");
        return [.. Directory.GetFiles(folder).Select(file => File.ReadAllText(file).ReplaceLineEndings("\n"))];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private static async Task<bool> ExitsWellAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
