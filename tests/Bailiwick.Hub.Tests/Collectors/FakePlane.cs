using System.Globalization;
using System.Net;
using System.Text;
using System.Web;

namespace Bailiwick.Hub.Tests.Collectors;

/// <summary>A plane of Microsoft's behind an HTTP handler: records become visible at their own time; lists by window, one by id; Graph's and the exporter's shapes.</summary>
internal sealed class FakePlane(TimeProvider time) : HttpMessageHandler
{
    private readonly List<Row> _rows = [];

    public List<string> Requests { get; } = [];

    /// <summary>Requests by host.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>Answers instead, when it gives something.</summary>
    public Func<Uri, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Awaited before an answer is given.</summary>
    public Func<Uri, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public void Add(string id, DateTimeOffset updated, DateTimeOffset? visible = null, string? extra = null) =>
        _rows.Add(new Row(id, updated, visible ?? updated, extra));

    public void Remove(string id) => _rows.RemoveAll(row => row.Id == id);

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        var address = request.RequestUri!;
        lock (Requests) Requests.Add(address.PathAndQuery);
        Asked.AddOrUpdate(address.Host, 1, (_, times) => times + 1);
        await Before(address, cancellationToken);
        var response = Instead(address) ?? Answer(address);
        response.RequestMessage = request;
        return response;
    }

    private HttpResponseMessage Answer(Uri address)
    {
        var now = time.GetUtcNow();
        var query = HttpUtility.ParseQueryString(address.Query);
        if (query["sinceTimeUtc"] is { } since)
        {
            var (first, last) = (Time(since), Time(query["untilTimeUtc"]!));
            return Json($"[{string.Join(',', _rows.Where(row => row.Visible <= now && row.Updated >= first && row.Updated <= last).Select(Detection))}]");
        }

        if (query["$filter"] is not { } filter)
        {
            var id = address.Segments[^1];
            var one = _rows.FirstOrDefault(row => row.Id == id && row.Visible <= now);
            return one is null ? Json("""{"error":{"code":"ResourceNotFound"}}""", HttpStatusCode.NotFound) : Json(Graph(one));
        }

        var words = filter.Split(' ');
        var (from, to) = (Time(words[2]), Time(words[6]));
        var matching = _rows.Where(row => row.Visible <= now && row.Updated >= from && row.Updated < to).OrderByDescending(row => row.Updated).ToList();
        var page = matching.Skip(int.Parse(query["$skip"] ?? "0", CultureInfo.InvariantCulture)).Take(int.Parse(query["$top"]!, CultureInfo.InvariantCulture));
        return Json($$"""{"@odata.count":{{matching.Count}},"value":[{{string.Join(',', page.Select(Graph))}}]}""");
    }

    private static string Graph(Row row) => $$"""{"id":"{{row.Id}}","lastUpdateDateTime":"{{row.Updated:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}}"{{row.Extra}}}""";

    private static string Detection(Row row) =>
        $$"""{"FullId":"{{row.Id}}","LastProcessedTimeUtc":"{{row.Updated:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}}","Severity":"High"{{row.Extra}}}""";

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private sealed record Row(string Id, DateTimeOffset Updated, DateTimeOffset Visible, string? Extra);
}
