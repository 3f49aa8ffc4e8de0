using System.Globalization;
using System.Text;

namespace Bailiwick.Simulation;

/// <summary>What became of a world. Every list but the figures must be empty.</summary>
internal sealed record SimulationResult
{
    public Scenario Scenario { get; init; } = null!;

    /// <summary>States owed that are not in the log.</summary>
    public required IReadOnlyList<string> LostByCollecting { get; init; }

    /// <summary>States in the log that a receiver does not have.</summary>
    public required IReadOnlyList<string> LostByDelivery { get; init; }

    public required long Spurious { get; init; }

    public required long Corrupted { get; init; }

    public required long OutOfOrder { get; init; }

    /// <summary>States that stand in the log twice, or came to a receiver under two keys.</summary>
    public required IReadOnlyList<string> Doubles { get; init; }

    /// <summary>Dead letters that are missing, and such that nobody planted.</summary>
    public required IReadOnlyList<string> WrongDeadLetters { get; init; }

    /// <summary>Hours of the coverage ledger that said more than was true.</summary>
    public required IReadOnlyList<string> FalseClaims { get; init; }

    /// <summary>Exceptions of the hub that no simulated disk threw.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public required int States { get; init; }

    public required int Owed { get; init; }

    public required int Logged { get; init; }

    public required int DeadLetters { get; init; }

    /// <summary>Hours called proven or covered that were held against the truth.</summary>
    public required int Claims { get; init; }

    /// <summary>Deliveries to the recording receiver of what it had already.</summary>
    public required long Repeats { get; init; }

    public long Requests { get; init; }

    public IReadOnlyDictionary<string, long> RequestsBySource { get; init; } = new Dictionary<string, long>();

    /// <summary>How often the process was started.</summary>
    public int Lives { get; init; }

    public string Digest { get; init; } = "";

    public bool IsRight =>
        LostByCollecting.Count + LostByDelivery.Count + Doubles.Count + WrongDeadLetters.Count + FalseClaims.Count + Faults.Count == 0 && Spurious + Corrupted + OutOfOrder == 0;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {Scenario.Seed}: {States} states, {Owed} owed, {Logged} logged, {Repeats} repeats, {DeadLetters} dead letters, {Claims} claims held, {Lives} lives, {Requests} requests");
        if (Spurious + Corrupted + OutOfOrder > 0) text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {Spurious} spurious, {Corrupted} corrupted, {OutOfOrder} out of order");
        Append(text, "not collected", LostByCollecting);
        Append(text, "not delivered", LostByDelivery);
        Append(text, "twice", Doubles);
        Append(text, "wrong dead letter", WrongDeadLetters);
        Append(text, "false claim", FalseClaims);
        Append(text, "fault", Faults);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string what, IReadOnlyList<string> list)
    {
        if (list.Count == 0) return;
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"  {list.Count} {what}:");
        foreach (var line in list.Take(5)) text.AppendLine().Append("    ").Append(line);
    }
}
