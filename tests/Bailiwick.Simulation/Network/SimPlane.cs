using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Web;
using Bailiwick.Hub.Alerts;
using Bailiwick.Simulation.Process;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation.Network;

/// <summary>
/// Microsoft's side of the wire for one client: finds the tenant by its token, lists what the world shows at the moment of answering, and lets requests meet
/// the tenant's weather. Answers take time, so that the world moves between two pages.
/// </summary>
internal sealed class SimPlane(SimWorld world, IncarnationTime time, Incarnation incarnation, Random random, Trace trace) : HttpMessageHandler
{
    /// <summary>Where it is.</summary>
    public static readonly Uri Address = new("https://plane.sim/");

    public long Requests { get; private set; }

    /// <summary>Of them, those of one source.</summary>
    public Dictionary<string, long> RequestsBySource { get; } = [];

    public static string TokenOf(SimTenant tenant) => tenant.Key.ToString(CultureInfo.InvariantCulture);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        incarnation.OnThread();
        if (incarnation.IsDead) return Incarnation.Never<HttpResponseMessage>();
        var tenant = world.Tenants[int.Parse(request.Headers.Authorization!.Parameter!, CultureInfo.InvariantCulture) - 1];
        var call = Call.Read(request.RequestUri!);
        Requests++;
        RequestsBySource[call.Source] = RequestsBySource.GetValueOrDefault(call.Source) + 1;
        var fault = tenant.Weather.Strike(time.Now, token: false, random);
        trace.Note("asked", tenant.Key, call.Source, fault, time.Now);
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        if (fault == Fault.Hang) return answer.Task;
        time.Schedule(random.LogNormal(TimeSpan.FromMilliseconds(300), 0.7), () =>
        {
            if (fault == Fault.Unreachable)
            {
                answer.TrySetException(new HttpRequestException(HttpRequestError.ConnectionError, "The simulated line is down."));
                return;
            }

            var response = Answer(tenant, call, request.RequestUri!, fault);
            response.RequestMessage = request;
            answer.TrySetResult(response);
        });
        return answer.Task;
    }

    private HttpResponseMessage Answer(SimTenant tenant, Call call, Uri address, Fault fault)
    {
        switch (fault)
        {
            case Fault.Throttled:
                var throttled = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
                throttled.Headers.RetryAfter = random.Happens(0.5)
                    ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(random.Next(1, 600)))
                    : new RetryConditionHeaderValue(time.GetUtcNow().AddSeconds(random.Next(-10, 4000)));
                return throttled;
            case Fault.ServerError:
                return new HttpResponseMessage(random.Pick(HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout));
            case Fault.Busy:
                var busy = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
                busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(random.Next(1, 120)));
                return busy;
            case Fault.Unauthorized:
                return new HttpResponseMessage(HttpStatusCode.Unauthorized);
            default:
                return List(tenant, call, address, fault);
        }
    }

    private HttpResponseMessage List(SimTenant tenant, Call call, Uri address, Fault fault)
    {
        var feed = tenant.Feeds.Find(feed => feed.Source == call.Source) ?? throw new InvalidOperationException($"Tenant {tenant.Key} has no {call.Source}.");
        if (call.Id is not null)
        {
            return feed.Find(time.Now, call.Id) is { } one ? Json(HttpStatusCode.OK, Spelling.Write(one, 0, plain: false)) : Problem(HttpStatusCode.NotFound, "ResourceNotFound");
        }

        if (call.Skip > feed.Profile.SkipCap) return Problem(HttpStatusCode.BadRequest, "BadRequest");
        var found = call.CreatedAfter is { } after ? feed.ListCreatedAfter(time.Now, after) : feed.List(time.Now, call.From, call.To);
        var offset = call.Skip + call.Continued;
        var isArray = feed.Source == AlertSources.AlertExporter;
        var page = isArray ? found : found.Skip(offset).Take(Math.Min(call.Top, feed.Profile.Clamp)).ToList();
        if (page.Exists(state => state.Record.Plant == Plant.Unlistable || (state.Record.Plant == Plant.UnlistableEvidence && !call.Plain))) return new HttpResponseMessage(HttpStatusCode.InternalServerError);
        string? link = null;
        if (feed.Profile.Links && offset + page.Count < found.Count) link = call.WithContinuation(address, offset + page.Count);
        if (fault == Fault.Circle) link = address.AbsoluteUri;
        if (fault == Fault.OtherOrigin) link = "https://elsewhere.sim/api/alerts?$skiptoken=1";
        if (fault == Fault.Partial) page = [.. page.Where(_ => random.Happens(0.5))];
        var written = new MemoryStream();
        if (!isArray)
        {
            written.Write("{\"@odata.context\":\"x\""u8);
            if (feed.Profile.Counts) written.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"@odata.count\":{found.Count}")));
            written.Write(",\"value\":"u8);
        }

        written.WriteByte((byte)'[');
        for (var i = 0; i < page.Count; i++)
        {
            if (i > 0) written.WriteByte((byte)',');
            written.Write(Spelling.Write(page[i], random.Next(Spelling.Count), call.Plain));
        }

        written.WriteByte((byte)']');
        if (!isArray)
        {
            if (link is not null) written.Write(Encoding.UTF8.GetBytes($",\"@odata.nextLink\":\"{link}\""));
            written.WriteByte((byte)'}');
        }

        trace.Note("listed", tenant.Key, feed.Source, new Listed(call.From, call.To, offset, page.Count, found.Count), time.Now);
        var body = written.ToArray();
        if (fault == Fault.Torn) body = body[..random.Next(body.Length)];
        var response = Json(fault == Fault.Partial && random.Happens(0.5) ? HttpStatusCode.PartialContent : HttpStatusCode.OK, body);
        if (fault == Fault.Partial && response.StatusCode == HttpStatusCode.OK) response.Headers.TryAddWithoutValidation("Warning", "199 - \"some providers did not answer\"");
        if (fault is Fault.HangInBody or Fault.Broken) response.Content = new StreamContent(new EndingBody(body[..random.Next(body.Length)], hangs: fault == Fault.HangInBody));
        return response;
    }

    private static HttpResponseMessage Json(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage(status) { Content = content };
    }

    private static HttpResponseMessage Problem(HttpStatusCode status, string code) => Json(status, Encoding.UTF8.GetBytes("{\"error\":{\"code\":\"" + code + "\"}}"));

    /// <summary>For the trace.</summary>
    private readonly record struct Listed(long From, long To, int Offset, int Rows, int Found)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From}..{To} {Offset}+{Rows} of {Found}");
    }

    /// <summary>A list call, read from its address.</summary>
    private sealed record Call(string Source, string? Id, long From, long To, long? CreatedAfter, int Top, int Skip, int Continued, bool Plain)
    {
        public static Call Read(Uri address)
        {
            var query = HttpUtility.ParseQueryString(address.Query);
            var path = address.AbsolutePath;
            if (query["sinceTimeUtc"] is { } since)
            {
                return new Call(AlertSources.AlertExporter, null, Time(since), Time(query["untilTimeUtc"]!) + 1, null, int.MaxValue, 0, 0, false);
            }

            var source = path.Contains("/security/incidents", StringComparison.Ordinal) ? AlertSources.GraphIncidents
                : path.Contains("/security/", StringComparison.Ordinal) ? AlertSources.GraphAlerts : AlertSources.DefenderAlerts;
            if (query["$filter"] is not { } filter)
                return new Call(source, address.Segments[^1], 0, 0, null, 1, 0, 0, false);
            var words = filter.Split(' ');
            long from = 0, to = long.MaxValue;
            long? created = null;
            for (var at = 0; at + 2 < words.Length; at += 4)
            {
                var value = Time(words[at + 2]);
                if (words[at].Contains("reat", StringComparison.Ordinal)) created = value;
                else if (words[at + 1] == "ge") from = value;
                else if (words[at + 1] == "gt") from = value + 1;
                else if (words[at + 1] == "lt") to = value;
                else throw new InvalidOperationException($"The simulated plane does not know '{words[at + 1]}'.");
            }

            return new Call(
                source, null, from, to, created, Number(query["$top"], 1000), Number(query["$skip"], 0), Number(query["$skiptoken"], 0), query["$expand"] is null && source == AlertSources.DefenderAlerts);
        }

        public string WithContinuation(Uri address, int offset)
        {
            var parts = address.Query.TrimStart('?').Split('&').Where(part => !part.StartsWith("%24skip", StringComparison.Ordinal) && !part.StartsWith("$skip", StringComparison.Ordinal));
            return $"{address.GetLeftPart(UriPartial.Path)}?{string.Join('&', parts)}&$skiptoken={offset.ToString(CultureInfo.InvariantCulture)}";
        }

        private static int Number(string? text, int absent) => text is null ? absent : int.Parse(text, CultureInfo.InvariantCulture);

        private static long Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal).Ticks;
    }

    /// <summary>A body that breaks off or never goes on.</summary>
    private sealed class EndingBody(byte[] start, bool hangs) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, start.Length - _at);
            if (count > 0)
            {
                start.AsMemory(_at, count).CopyTo(buffer);
                _at += count;
                return ValueTask.FromResult(count);
            }

            if (!hangs) return ValueTask.FromException<int>(new IOException("The simulated connection was closed."));
            var never = new TaskCompletionSource<int>();
            cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
            return new ValueTask<int>(never.Task);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
