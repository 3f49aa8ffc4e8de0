using System.Diagnostics.Metrics;
using Bailiwick.Hub.Telemetry;

namespace Bailiwick.Hub.Vault;

/// <summary>What the vault counts: credentials stored, opened and destroyed.</summary>
internal static class VaultMetrics
{
    private static readonly Meter s_meter = new(Meters.Vault);
    private static readonly Counter<long> s_acts = Instruments.VaultActs.Counter(s_meter);

    /// <summary>One act. An opening that failed means an altered or moved row, or a credential that is not there.</summary>
    public static void Count(string act, bool succeeded) => s_acts.Add(
        1, new KeyValuePair<string, object?>(Labels.Act, act), new KeyValuePair<string, object?>(Labels.Result, succeeded ? "ok" : "failed"));
}
