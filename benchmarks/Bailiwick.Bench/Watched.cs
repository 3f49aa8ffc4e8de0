using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Bailiwick.Bench;

/// <summary>A child process whose CPU time and memory are read from the kernel.</summary>
internal sealed class Watched : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _disposed;

    private Watched(Process process) => _process = process;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory now, in MB.</summary>
    public double ResidentMb => StatusKb("VmRSS") / 1024.0;

    /// <summary>The most resident memory so far, in MB.</summary>
    public double PeakMb => StatusKb("VmHWM") / 1024.0;

    /// <summary>Bytes handed to write calls so far.</summary>
    public long Written => File.ReadLines($"/proc/{_process.Id}/io")
        .Where(line => line.StartsWith("wchar", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .First();

    /// <summary>Starts a program and waits for a line of its output that contains a text.</summary>
    /// <returns>The process and that line.</returns>
    public static async Task<(Watched Process, string Line)> StartAsync(string program, string[] arguments, string until)
    {
        var watched = new Watched(new Process { StartInfo = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true } });
        watched._process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(until, StringComparison.Ordinal) == true) watched._said.TrySetResult(line.Data);
        };
        watched._process.ErrorDataReceived += (_, line) =>
        {
            lock (watched._errors)
            {
                if (watched._errors.Length < 10_000) watched._errors.AppendLine(line.Data);
            }
        };
        watched._process.EnableRaisingEvents = true;
        watched._process.Exited += (_, _) => watched._said.TrySetException(new InvalidOperationException($"{program} ended: {watched._errors}"));
        watched._process.Start();
        watched._process.BeginOutputReadLine();
        watched._process.BeginErrorReadLine();
        return (watched, await watched._said.Task.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it in order, unless it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited)
        {
            using var term = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private long StatusKb(string name) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture))
        .First();
}
