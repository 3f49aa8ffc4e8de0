using System.Diagnostics;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>What a run of the program left behind.</summary>
internal sealed record Told(int Code, string Out, string Error)
{
    /// <summary>The lines on standard error.</summary>
    public string[] Errors => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>The built <c>bailiwick</c>, run as a person runs it.</summary>
internal static class Executable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static string File => typeof(Cli.BailiwickCli).Assembly.Location;

    /// <summary>What starts it; of the environment's own variables for the program none is passed on.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [File, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("BAILIWICK_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return start;
    }

    /// <summary>Runs it to its end, with nothing on standard input.</summary>
    public static Task<Told> RunAsync(params string[] arguments) => RunAsync(arguments, null, null);

    /// <summary>Runs it to its end.</summary>
    public static async Task<Told> RunAsync(string[] arguments, string? input, IReadOnlyDictionary<string, string>? environment)
    {
        using var process = Process.Start(Start(arguments, environment))!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            using var limit = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            throw new TimeoutException($"bailiwick {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s.", e);
        }

        return new Told(process.ExitCode, await output, await error);
    }
}
