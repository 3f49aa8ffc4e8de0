using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Bailiwick.Hub.Telemetry;

/// <summary>
/// Listens to every meter whose name begins with <see cref="Meters.Prefix"/> and writes what it heard as Prometheus text (exposition format 0.0.4,
/// https://prometheus.io/docs/instrumenting/exposition_formats/, read 2026-11). Thread safe. Holds at most <see cref="MaxSeries"/> series;
/// what comes after that is counted in <c>bailiwick_metrics_series_dropped_total</c>.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    /// <summary>The most label combinations kept: two lag series for each of 10,000 tenants and some sinks.</summary>
    public const int MaxSeries = 100_000;

    /// <summary>The content type of the answer.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<System.Diagnostics.Metrics.Instrument, Family> _families = new();
    private readonly Lock _reading = new();
    private int _series;
    private long _dropped;

    /// <summary>Starts listening.</summary>
    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!instrument.Meter.Name.StartsWith(Meters.Prefix, StringComparison.Ordinal)) return;
            var family = _families.GetOrAdd(instrument, static it => new Family(it));
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(state, value, tags));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record(state, (double)value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments and writes everything.</summary>
    public string Write()
    {
        lock (_reading)
        {
            foreach (var family in _families.Values) family.ForgetReadings();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var group in _families.Values.GroupBy(family => family.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                group.First().WriteHead(text);
                foreach (var family in group) family.WriteSeries(text);
            }

            text.Append("# HELP bailiwick_metrics_series_dropped_total Measurements of series beyond the limit.\n# TYPE bailiwick_metrics_series_dropped_total counter\n");
            text.Append(CultureInfo.InvariantCulture, $"bailiwick_metrics_series_dropped_total {Interlocked.Read(ref _dropped)}\n");
            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Record(object? state, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (state is not Family family) return;
        var labels = LabelText(tags);
        if (!family.Series.TryGetValue(labels, out var series))
        {
            if (Interlocked.Increment(ref _series) > MaxSeries)
            {
                Interlocked.Decrement(ref _series);
                Interlocked.Increment(ref _dropped);
                return;
            }

            series = family.Series.GetOrAdd(labels, _ => new Series());
        }

        family.Add(series, value);
    }

    private static string LabelText(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var sorted = tags.ToArray();
        Array.Sort(sorted, static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        var text = new StringBuilder();
        foreach (var (key, value) in sorted)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(Identifier(key)).Append("=\"");
            foreach (var c in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                _ = c switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(char.IsControl(c) ? '\uFFFD' : c),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }

    private static string Identifier(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name) text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        return text.ToString();
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private sealed class Series
    {
        public Lock Gate { get; } = new();

        public double Sum { get; set; }

        public long Count { get; set; }

        public long[]? Buckets { get; set; }
    }

    private sealed class Family
    {
        private readonly bool _histogram;
        private readonly bool _observable;
        private readonly bool _sums;
        private readonly string _help;
        private readonly string _type;

        public Family(System.Diagnostics.Metrics.Instrument instrument)
        {
            var kind = instrument.GetType().Name;
            _histogram = kind.StartsWith("Histogram", StringComparison.Ordinal);
            _observable = instrument.IsObservable;
            var counter = kind.StartsWith("Counter", StringComparison.Ordinal) || kind.StartsWith("ObservableCounter", StringComparison.Ordinal);
            _sums = counter ? !_observable : kind.StartsWith("UpDownCounter", StringComparison.Ordinal);
            _type = _histogram ? "histogram" : counter ? "counter" : "gauge";
            _help = (instrument.Description ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
            var unit = instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
            var name = Identifier(instrument.Name);
            if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
            Name = counter ? name + "_total" : name;
        }

        public string Name { get; }

        public ConcurrentDictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

        /// <summary>A series that an observable instrument no longer reports (a tenant that left) disappears.</summary>
        public void ForgetReadings()
        {
            if (!_observable) return;
            foreach (var series in Series.Values) series.Count = 0;
        }

        public void Add(Series series, double value)
        {
            lock (series.Gate)
            {
                series.Count++;
                series.Sum = _histogram || _sums ? series.Sum + value : value;
                if (!_histogram) return;
                series.Buckets ??= new long[Bounds.Length];
                for (var i = 0; i < Bounds.Length; i++)
                {
                    if (value <= Bounds[i]) series.Buckets[i]++;
                }
            }
        }

        public void WriteHead(StringBuilder text) => text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append("\n# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');

        public void WriteSeries(StringBuilder text)
        {
            foreach (var (labels, series) in Series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                lock (series.Gate)
                {
                    if (series.Count == 0) continue;
                    if (_histogram) WriteHistogram(text, labels, series);
                    else Line(text, Name, labels, Number(series.Sum));
                }
            }
        }

        private void WriteHistogram(StringBuilder text, string labels, Series series)
        {
            var before = labels.Length == 0 ? "" : labels + ",";
            for (var i = 0; i < Bounds.Length; i++)
            {
                Line(text, Name + "_bucket", $"{before}le=\"{Number(Bounds[i])}\"", series.Buckets![i].ToString(CultureInfo.InvariantCulture));
            }

            var count = series.Count.ToString(CultureInfo.InvariantCulture);
            Line(text, Name + "_bucket", before + "le=\"+Inf\"", count);
            Line(text, Name + "_sum", labels, Number(series.Sum));
            Line(text, Name + "_count", labels, count);
        }

        private static void Line(StringBuilder text, string name, string labels, string value)
        {
            text.Append(name);
            if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value).Append('\n');
        }
    }
}
