using Bailiwick.Hub.Delivery;
using Bailiwick.Hub.Sinks;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Delivery;

public sealed class DeliveryObserverTests
{
    [Fact]
    public void Trouble_is_logged_when_it_begins_changes_and_ends_and_not_at_each_try()
    {
        var log = new Lines();
        var observer = new DeliveryObserver(log);

        for (var tries = 0; tries < 3; tries++) observer.Tried("siem", new DeliveryResult.TryLater(DeliveryFailure.Unauthorized, null, "The token."), [], TimeSpan.Zero);
        observer.Tried("files", new DeliveryResult.TryLater(DeliveryFailure.Unreachable), [], TimeSpan.Zero);
        for (var tries = 0; tries < 2; tries++) observer.Tried("siem", new DeliveryResult.TryLater(DeliveryFailure.Unreachable), [], TimeSpan.Zero);
        for (var tries = 0; tries < 2; tries++) observer.Tried("siem", new DeliveryResult.Delivered(), [], TimeSpan.Zero);
        observer.Tried("siem", new DeliveryResult.TryLater(DeliveryFailure.Unreachable), [], TimeSpan.Zero);

        log.Said.Where(line => line.Contains("takes nothing", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ShouldBe(["siem", "files", "siem", "siem"]);
        log.Said.Count(line => line == "Sink siem takes alerts again.").ShouldBe(1);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
