using System.Diagnostics.Metrics;

namespace Bailiwick.Hub.Telemetry;

/// <summary>The name, unit and meaning of one instrument, as it stands in <c>docs/telemetry.md</c>.</summary>
/// <param name="Name">Dotted, lower case, beginning with <c>bailiwick.</c>.</param>
/// <param name="Kind">What it measures like.</param>
/// <param name="Unit">UCUM: <c>s</c>, <c>By</c>, <c>{alert}</c>.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Labels">The label names it may carry; each from a bounded set.</param>
public sealed record Instrument(string Name, InstrumentKind Kind, string Unit, string Description, params string[] Labels)
{
    /// <summary>Makes it as a counter of whole things.</summary>
    public Counter<long> Counter(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateCounter<long>(Name, Unit, Description);
    }

    /// <summary>Makes it as a distribution.</summary>
    public Histogram<double> Histogram(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateHistogram<double>(Name, Unit, Description);
    }

    /// <summary>Makes it as a reading that <paramref name="observe"/> gives whenever somebody looks.</summary>
    public ObservableGauge<double> Gauge(Meter meter, Func<IEnumerable<Measurement<double>>> observe)
    {
        ArgumentNullException.ThrowIfNull(meter);
        return meter.CreateObservableGauge(Name, observe, Unit, Description);
    }
}

/// <summary>How an instrument measures.</summary>
public enum InstrumentKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>A distribution.</summary>
    Histogram,

    /// <summary>A present reading.</summary>
    Gauge,
}
