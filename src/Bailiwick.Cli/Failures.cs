using Bailiwick.Api;
using Bailiwick.Cli.Output;
using Bailiwick.Hub.Storage;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Cli;

/// <summary>What was given on the command line, in a file or on standard input cannot be used. One sentence: what, where, how to fix.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A key file cannot be used. One sentence: what, where, how to fix.</summary>
internal sealed class KeyFileException(string message) : Exception(message);

/// <summary>Turns what went wrong into sentences on standard error and an exit code. The only place that decides on either.</summary>
internal static class Failures
{
    /// <param name="failure">What went wrong.</param>
    /// <param name="terminal">Where to say it.</param>
    /// <param name="hub">The address that was asked, if one was.</param>
    /// <param name="subject">What the command was about, as typed; named when the hub knows no such thing.</param>
    public static int Report(Exception failure, Terminal terminal, Uri? hub, string? subject = null)
    {
        switch (failure)
        {
            case UsageException:
                return Say(terminal, ExitCodes.Usage, failure.Message);
            case ConfigurationException configuration:
                foreach (var fault in configuration.Faults) terminal.Error(fault);
                return ExitCodes.Configuration;
            case KeyFileException or DataDirectoryException or NewerDataException:
                return Say(terminal, ExitCodes.DataDirectory, failure.Message);
            case PortInUseException:
                return Say(terminal, ExitCodes.PortInUse, failure.Message);
            case ProblemException refused:
                return Refused(refused, terminal, subject);
            case HttpRequestException or UnreadableAnswerException:
                return Say(terminal, ExitCodes.Unreachable, Unreachable(failure, hub));
            case TaskCanceledException { InnerException: TimeoutException }:
                return Say(terminal, ExitCodes.Unreachable, $"{hub} did not answer in time: look at its log, or try again.");
            case OperationCanceledException:
                return Say(terminal, ExitCodes.Stopped, "Stopped.");
            default:
                return Say(terminal, ExitCodes.Unexpected, $"A fault of this program: {failure.GetType().Name}: {failure.Message}");
        }
    }

    public static int CodeOf(Problem problem) => Problems.Find(problem.Type) switch
    {
        { } type when type == Problems.Unauthenticated || type == Problems.Forbidden => ExitCodes.NotAuthorized,
        { } type when type == Problems.NotFound => ExitCodes.NotFound,
        { } type when type == Problems.Conflict => ExitCodes.Conflict,
        { } type when type == Problems.TooManyRequests => ExitCodes.TooManyRequests,
        { } type when type == Problems.Internal => ExitCodes.Unexpected,
        { Status: 423 or 503 or 507 } => ExitCodes.NotNow,
        { } => ExitCodes.Usage,
        null => problem.Status >= 500 ? ExitCodes.Unexpected : ExitCodes.Usage,
    };

    private static int Refused(ProblemException refused, Terminal terminal, string? subject)
    {
        var problem = refused.Problem;
        var code = CodeOf(problem);
        var hint = code == ExitCodes.NotAuthorized ? " Name a key that may do this with --key-file or BAILIWICK_KEY_FILE." : "";
        var faults = (problem.Errors ?? new Dictionary<string, string[]>()).SelectMany(field => field.Value.Select(fault => (Field: field.Key, Fault: fault))).ToList();
        var about = code == ExitCodes.NotFound && subject is { Length: > 0 } ? $" ({subject})" : "";
        terminal.Error($"{problem.Title}{about}: {problem.Detail ?? "the hub gave no detail."}{hint}");
        if (faults is not [var only] || only.Fault != problem.Detail) // a single fault has been said already
        {
            foreach (var (field, fault) in faults) terminal.Error($"  {field}: {fault}");
        }

        if (code == ExitCodes.Unexpected && problem.TraceId is { } trace) terminal.Error($"  The hub's log has it as trace {trace}.");
        return code;
    }

    private static string Unreachable(Exception failure, Uri? address) => failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
        ? $"The certificate of {address} is not trusted: use the address its certificate names, or add its CA to the system's."
        : failure is UnreadableAnswerException
            ? $"What answers at {address} is not a Bailiwick hub of this version: {failure.Message}"
            : $"Nothing answers at {address}: start it (bailiwick serve), or name the right address with --hub, BAILIWICK_HUB or, for a twin, --control.";

    private static int Say(Terminal terminal, int code, string sentence)
    {
        terminal.Error(sentence);
        return code;
    }
}
