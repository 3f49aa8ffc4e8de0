using Bailiwick.Cli.Local;

namespace Bailiwick.Cli;

/// <summary>Everything a command touches outside itself, so that a test can play the person and the machine.</summary>
internal sealed record Surroundings
{
    /// <summary>Standard output as bytes.</summary>
    public required Stream Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input.</summary>
    public required Stream In { get; init; }

    /// <summary>The environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Whether standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether standard error is a terminal; progress is shown only there.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the handler behind the client that talks to the hub.</summary>
    public required Func<HttpMessageHandler> Http { get; init; }

    /// <summary>What <c>bailiwick demo</c> runs.</summary>
    public required IDemo Demo { get; init; }

    /// <summary>The real machine.</summary>
    public static Surroundings Machine() => new()
    {
        Out = Console.OpenStandardOutput(),
        Error = Console.Error,
        In = Console.OpenStandardInput(),
        Environment = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal),
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Http = () => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) },
        Demo = new Demo.DemoRunner(Machine),
    };
}
