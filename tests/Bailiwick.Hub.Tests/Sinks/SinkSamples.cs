using System.Text;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Tests.Samples;

namespace Bailiwick.Hub.Tests.Sinks;

internal static class SinkSamples
{
    public static AlertBatch Batch(string canary, params long[] logNumbers) =>
        SampleAlerts.Batch([.. logNumbers.Select(number => SampleAlerts.Simple(number, $"{canary} {number}"))]);

    public static AlertBatch Unreadable(string canary) => SampleAlerts.Batch(SampleAlerts.Simple(1, canary), SampleAlerts.Version(Encoding.UTF8.GetBytes($"{{\"title\":\"{canary}"), 2));
}
