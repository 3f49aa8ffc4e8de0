using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Bailiwick.Testing;

/// <summary>A script run by Node: a JSON object per line in and out. What it needs from npm is installed once for each folder of scripts.</summary>
public sealed class NodeScript : IDisposable
{
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(3);
    private static readonly ConcurrentDictionary<string, Lazy<Task<(string Folder, string? Refusal)>>> Installations = new(StringComparer.Ordinal);
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly CancellationTokenSource _stop = new(Until.Patience);

    private NodeScript(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a script and hands it its first line; skips the test, with the reason, where Node or the packages are not to be had.</summary>
    /// <param name="source">The folder of the script, with its <c>package.json</c> and lock file, below the root of the repository.</param>
    /// <param name="name">The script's file name.</param>
    /// <param name="given">The first line.</param>
    /// <param name="caFile">CA certificates the script believes besides Node's own; null for none.</param>
    public static async Task<NodeScript> StartOrSkipAsync(string source, string name, object given, string? caFile = null)
    {
        var (folder, refusal) = await Installations.GetOrAdd(source, from => new(() => InstallAsync(from))).Value;
        Skip.If(refusal is not null, refusal);
        var start = new ProcessStartInfo("node", [Path.Combine(folder, name)]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var variable in new[] { "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "NODE_USE_ENV_PROXY", "NODE_TLS_REJECT_UNAUTHORIZED" }) start.Environment.Remove(variable);
        if (caFile is not null) start.Environment["NODE_EXTRA_CA_CERTS"] = caFile;
        var script = new NodeScript(Process.Start(start)!);
        await script.WriteAsync(given);
        return script;
    }

    /// <summary>Hands the script one more line.</summary>
    public async Task WriteAsync(object line)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(line));
        await _process.StandardInput.FlushAsync(_stop.Token);
    }

    /// <summary>The next line; a failure that the script reports or dies of is thrown.</summary>
    public async Task<JsonElement> ReadAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync(_stop.Token) ?? throw new InvalidOperationException($"The script ended: {await _errors}");
        var answer = JsonDocument.Parse(line).RootElement;
        return answer.TryGetProperty("failed", out var failed) ? throw new InvalidOperationException($"The script failed: {failed}") : answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _stop.Dispose();
    }

    /// <summary>Copies the scripts to the artifacts folder and installs there, from the exact versions of the lock file, unless that was done for this very lock file.</summary>
    private static async Task<(string Folder, string? Refusal)> InstallAsync(string from)
    {
        var source = Repository.Path(from.Split('/'));
        var folder = Repository.Path("artifacts", "node", from.Replace('/', '-'));
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        var mark = Path.Combine(folder, "node_modules", ".installed");
        if (await RunAsync("node", ["--version"], folder) is { } noNode) return (folder, $"Node is not to be had: {noNode}");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark) == wanted) return (folder, null);
        if (await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder) is { } refusal) return (folder, $"npm ci failed: {refusal}");
        await File.WriteAllTextAsync(mark, wanted);
        return (folder, null);
    }

    /// <returns>Null when the program ended well, else why not.</returns>
    private static async Task<string?> RunAsync(string program, string[] arguments, string folder)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var patience = new CancellationTokenSource(InstallPatience);
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return $"{program} did not end within {InstallPatience}";
            }

            return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {await errors}{await output}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
