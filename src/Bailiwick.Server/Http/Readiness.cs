using Bailiwick.Api.V1;
using Bailiwick.Hub.Telemetry;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Server.Http;

/// <summary>Asks every registered <see cref="IReadiness"/> at once, each for at most 5 s.</summary>
public sealed partial class Readiness(IEnumerable<IReadiness> checks, TimeProvider time, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What does not work, by check; empty when all does.</summary>
    public async Task<IReadOnlyList<HealthReason>> AskAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(checks.Select(check => AskAsync(check, cancellationToken)));
        return [.. answers.OfType<HealthReason>()];
    }

    private async Task<HealthReason?> AskAsync(IReadiness check, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await check.CheckAsync(either.Token).AsTask().WaitAsync(either.Token) is { } reason ? new HealthReason(check.Name, reason) : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthReason(check.Name, "No answer within 5 s.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.Failed(logger, check.Name, e);
            return new HealthReason(check.Name, "The check itself failed; see the hub's log.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The readiness check {Check} failed")]
        public static partial void Failed(ILogger logger, string check, Exception exception);
    }
}
