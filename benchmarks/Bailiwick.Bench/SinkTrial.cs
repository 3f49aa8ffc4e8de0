using System.Diagnostics;
using System.Text.Json;
using Bailiwick.Api.V1;

namespace Bailiwick.Bench;

/// <summary>One kind of sink with a receiver that counts.</summary>
/// <param name="What">For the report.</param>
/// <param name="Kind">The kind's word.</param>
/// <param name="Settings">Its settings for a run of that name: what one run wrote must not be there already for the next.</param>
/// <param name="Secret">Its secret; null for none.</param>
/// <param name="Taken">Records that the receiver has taken for a run of that name, over all its runs when it does not tell them apart; null when only the hub knows.</param>
/// <param name="Receiver">Who receives, and its CPU time so far; null when nobody spends any.</param>
internal sealed record SinkTrial(string What, string Kind, Func<string, object> Settings, string? Secret, Func<string, long>? Taken, (string Whose, Func<TimeSpan> Cpu)? Receiver)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    /// <summary>Adds the sink at the beginning of the log, waits until the hub knows that everything was acknowledged, and removes it.</summary>
    /// <param name="stage">Where the hub runs.</param>
    /// <param name="run">The run's name.</param>
    /// <param name="alerts">How many it gets.</param>
    /// <param name="customers">Whose; null for everybody's.</param>
    public async Task<SinkCost> RunAsync(Stage stage, string run, long alerts, IReadOnlyList<Api.CustomerId>? customers)
    {
        var settings = JsonSerializer.SerializeToElement(Settings(run));
        var (before, cpu, receiver) = (Taken?.Invoke(run) ?? 0, stage.Hub.Cpu, Receiver?.Cpu() ?? TimeSpan.Zero);
        var watch = Stopwatch.StartNew();
        await stage.Client.AddSinkAsync(new NewSink(run, Kind, settings, Secret, Routing: new SinkRouting(customers)), CancellationToken.None);
        while (Taken is not null && Taken(run) - before < alerts) await PauseAsync(stage, watch, TimeSpan.FromMilliseconds(20)); // asking the hub costs it something
        while (await WaitingAsync(stage) > 0) await PauseAsync(stage, watch, TimeSpan.FromMilliseconds(50));
        var cost = new SinkCost(watch.Elapsed, stage.Hub.Cpu - cpu, (Receiver?.Cpu() ?? TimeSpan.Zero) - receiver);
        var status = await StatusAsync(stage);
        await stage.Client.RemoveSinkAsync(run, CancellationToken.None);
        if (status.DeadLetters > 0) throw new InvalidOperationException($"{What}: {status.DeadLetters} records were refused.");
        return cost;
    }

    private static async Task<long> WaitingAsync(Stage stage) => (await StatusAsync(stage)).Waiting;

    private static async Task<SinkStatus> StatusAsync(Stage stage) => (await stage.Client.GetStatusAsync(CancellationToken.None)).Sinks.Single();

    private async Task PauseAsync(Stage stage, Stopwatch watch, TimeSpan pause)
    {
        if (watch.Elapsed > s_patience) throw new TimeoutException($"{What}: not everything was acknowledged after {s_patience.TotalMinutes:0} minutes; the hub says {await StatusAsync(stage)}.");
        await Task.Delay(pause, TimeProvider.System);
    }
}

/// <summary>What a run cost.</summary>
/// <param name="Took">From adding the sink to the last acknowledgement.</param>
/// <param name="Hub">CPU time of the hub's process.</param>
/// <param name="Receiver">CPU time of the receiver's.</param>
internal sealed record SinkCost(TimeSpan Took, TimeSpan Hub, TimeSpan Receiver);
