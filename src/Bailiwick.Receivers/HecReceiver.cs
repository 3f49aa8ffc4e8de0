using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>
/// A stand-in for Splunk's HTTP event collector on 127.0.0.1: token check, concatenated event envelopes, indexer acknowledgement with channels, and
/// failures on demand. It answers with the collector's own status and code numbers ("Troubleshoot HTTP Event Collector", read 2026). Thread safe; prints nothing.
/// </summary>
public sealed class HecReceiver : IAsyncDisposable
{
    private readonly HecReceiverOptions _options;
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];
    private readonly List<string> _bodies = [];
    private readonly Dictionary<string, long> _nextAck = [];
    private readonly Dictionary<string, HashSet<long>> _acks = [];
    private readonly Random _random;
    private readonly FileStream? _file;
    private long _count;
    private int _open;
    private ReceiverHost? _host;

    private HecReceiver(HecReceiverOptions options)
    {
        _options = options;
        _random = new Random(options.Seed); // failures repeat by seed; nothing secret comes from it
        if (options.File is not null) _file = new FileStream(options.File, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    /// <summary>The address, without path, for a sink's <c>url</c>.</summary>
    public Uri Url => _host!.Url;

    /// <summary>Event envelopes accepted.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Posts answered with a failure on demand.</summary>
    public long Failures { get; private set; }

    /// <summary>The accepted envelopes in order, when <see cref="HecReceiverOptions.KeepEvents"/> is on.</summary>
    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_gate) return [.. _events];
        }
    }

    /// <summary>Posts that are being answered at this moment.</summary>
    public int OpenRequests => Volatile.Read(ref _open);

    /// <summary>The bodies of all posts in order, taken or not, when <see cref="HecReceiverOptions.KeepEvents"/> is on.</summary>
    public IReadOnlyList<string> Bodies
    {
        get
        {
            lock (_gate) return [.. _bodies];
        }
    }

    /// <summary>Starts listening.</summary>
    public static async Task<HecReceiver> StartAsync(HecReceiverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var receiver = new HecReceiver(options);
        receiver._host = await ReceiverHost.StartAsync(options.Port, options.Certificate, options.Around, receiver.CountAndAnswerAsync, cancellationToken);
        return receiver;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        if (_file is not null) await _file.DisposeAsync();
    }

    private async Task CountAndAnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await AnswerAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/services/collector" or "/services/collector/event" or "/services/collector/event/1.0" => EventsAsync(context),
        "/services/collector/ack" => AcksAsync(context),
        "/services/collector/health" => SayAsync(context, 200, 17, "HEC is healthy"),
        _ => SayAsync(context, 404, 404, "The requested URL was not found on this server."),
    };

    private async Task EventsAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await SayAsync(context, 405, 405, "The request method is not allowed");
            return;
        }

        if (!await HasTokenAsync(context)) return;
        var channel = context.Request.Headers["X-Splunk-Request-Channel"].ToString();
        if (_options.Acknowledgement && !Guid.TryParse(channel, out _))
        {
            await SayAsync(context, 400, channel.Length == 0 ? 10 : 11, channel.Length == 0 ? "Data channel is missing" : "Invalid data channel");
            return;
        }

        var body = await ReceiverHost.ReadAsync(context);
        lock (_gate)
        {
            if (_options.KeepEvents) _bodies.Add(Encoding.UTF8.GetString(body));
        }

        if (Failure() is { } status)
        {
            if (_options.RetryAfter is { } wish) context.Response.Headers.RetryAfter = wish;
            await SayAsync(context, status, status == 503 ? 9 : 8, status == 503 ? "Server is busy" : "Internal server error");
            return;
        }

        if (_options.MaxBodyBytes > 0 && body.Length > _options.MaxBodyBytes) await SayAsync(context, 413, 413, "Content-Length exceeds the maximum");
        else await TakeAsync(context, body, channel);
    }

    private async Task TakeAsync(HttpContext context, byte[] body, string channel)
    {
        var events = Split(body, out var code, out var wrong);
        if (code != 0)
        {
            await SayAsync(context, 400, code, code == 5 ? "No data" : code == 12 ? "Event field is required" : "Invalid data format", wrong);
            return;
        }

        long? ack = null;
        lock (_gate)
        {
            if (_options.KeepEvents) _events.AddRange(events.Select(range => Encoding.UTF8.GetString(body[range])));
            if (_options.Took is { } took)
            {
                foreach (var range in events) took(body.AsMemory(range));
            }

            if (_file is not null)
            {
                foreach (var range in events)
                {
                    _file.Write(body.AsSpan(range));
                    _file.Write("\n"u8);
                }

                _file.Flush(flushToDisk: true);
            }

            if (_options.Acknowledgement)
            {
                _nextAck[channel] = _nextAck.GetValueOrDefault(channel) + 1;
                ack = _nextAck[channel] - 1;
                if (!_options.LoseAcks) (_acks.TryGetValue(channel, out var known) ? known : _acks[channel] = []).Add(ack.Value);
            }
        }

        Interlocked.Add(ref _count, events.Count);
        await SayAsync(context, 200, 0, "Success", ack: ack);
    }

    private async Task AcksAsync(HttpContext context)
    {
        if (!await HasTokenAsync(context)) return;
        if (!_options.Acknowledgement)
        {
            await SayAsync(context, 400, 14, "ACK is disabled");
            return;
        }

        using var asked = JsonDocument.Parse(await ReceiverHost.ReadAsync(context));
        await ReceiverHost.WriteAsync(context, 200, json =>
        {
            json.WriteStartObject("acks");
            lock (_gate)
            {
                var known = _acks.GetValueOrDefault(context.Request.Query["channel"].ToString());
                foreach (var id in asked.RootElement.GetProperty("acks").EnumerateArray())
                    json.WriteBoolean(id.GetInt64().ToString(CultureInfo.InvariantCulture), known?.Remove(id.GetInt64()) ?? false);
            }

            json.WriteEndObject();
        });
    }

    private async Task<bool> HasTokenAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0) await SayAsync(context, 401, 2, "Token is required");
        else if (!header.StartsWith("Splunk ", StringComparison.Ordinal)) await SayAsync(context, 401, 3, "Invalid authorization");
        else if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[7..]), Encoding.UTF8.GetBytes(_options.Token))) await SayAsync(context, 403, 4, "Invalid token");
        else return true;
        return false;
    }

    private int? Failure()
    {
        lock (_gate)
        {
            var status = _options.AlwaysStatus > 0 ? _options.AlwaysStatus : _random.Next(100) < _options.FailPercent ? 503 : 0;
            if (status > 0) Failures++;
            return status > 0 ? status : null;
        }
    }

    private List<Range> Split(byte[] body, out int code, out int wrong)
    {
        var events = new List<Range>();
        (code, wrong) = (0, 0);
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 256 });
        try
        {
            while (reader.Read())
            {
                wrong = events.Count;
                if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
                var start = (int)reader.TokenStartIndex;
                var hasEvent = false;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    hasEvent |= reader.ValueTextEquals("event"u8);
                    reader.Read();
                    reader.Skip();
                }

                var range = start..(int)reader.BytesConsumed;
                if (!hasEvent) code = 12;
                else if (_options.RefuseMarker is { } marker && body.AsSpan(range).IndexOf(Encoding.UTF8.GetBytes(marker)) >= 0) code = 6;
                if (code != 0) return events;
                events.Add(range);
            }

            if (events.Count == 0) code = 5;
        }
        catch (JsonException)
        {
            code = 6;
        }

        return events;
    }

    private static Task SayAsync(HttpContext context, int status, int code, string text, int? eventNumber = null, long? ack = null) => ReceiverHost.WriteAsync(context, status, json =>
    {
        json.WriteString("text", text);
        json.WriteNumber("code", code);
        if (eventNumber is { } number) json.WriteNumber("invalid-event-number", number);
        if (ack is { } id) json.WriteNumber("ackId", id);
    });
}
