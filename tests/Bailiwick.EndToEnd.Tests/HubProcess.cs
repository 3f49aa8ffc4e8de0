using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Bailiwick.Testing;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>The hub as a process of its own, the built <c>bailiwick serve</c>, so that it can be killed.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _disposed;

    private HubProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri Address => _listening.Task.IsCompletedSuccessfully ? _listening.Task.Result : throw new InvalidOperationException("The hub does not listen yet.");

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    /// <summary>Writes the configuration of a hub on a twin.</summary>
    public static async Task<string> WriteConfigurationAsync(string folder, TwinFixture twin)
    {
        var cloud = HubFixture.CloudOf(twin);
        var file = Path.Combine(folder, "bailiwick.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            Data = Path.Combine(folder, "data"),
            Urls = new[] { "http://127.0.0.1:0" },
            Profile = "test",
            Clouds = new { twin = new { cloud.Login, cloud.Graph, cloud.Defender, cloud.Exporter, cloud.CaFile } },
            Sources = new { GraphAlerts = new { PollInterval = "00:00:01" }, DefenderAlerts = new { PollInterval = "00:00:01" } },
        }));
        return file;
    }

    public static async Task<HubProcess> StartAsync(string configuration, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Cli.BailiwickCli).Assembly.Location, "serve", "--config", configuration, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var hub = new HubProcess(new Process { StartInfo = start });
        hub._process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Split("listens on ") is [_, var after]) hub._listening.TrySetResult(new Uri(after.Split(';', ' ')[0]));
        };
        hub._process.ErrorDataReceived += (_, line) =>
        {
            lock (hub._errors) hub._errors.AppendLine(line.Data);
        };
        hub._process.EnableRaisingEvents = true;
        hub._process.Exited += (_, _) => hub._listening.TrySetException(new InvalidOperationException($"The hub ended with {hub._process.ExitCode}: {hub.Errors}"));
        hub._process.Start();
        hub._process.BeginOutputReadLine();
        hub._process.BeginErrorReadLine();
        await hub._listening.Task.WaitAsync(Until.Patience);
        return hub;
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
