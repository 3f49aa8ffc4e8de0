using System.Net;
using System.Text.RegularExpressions;
using Bailiwick.Twin.Tls;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A browser without a screen: keeps cookies, follows nothing by itself, posts the forms it is told to.</summary>
internal sealed partial class PersonBrowser : IDisposable
{
    private readonly HttpClient _http;

    public PersonBrowser(TwinFixture twin)
    {
        var handler = TwinTrust.CreateHandler(twin.Host.CaFile);
        handler.CookieContainer = new CookieContainer();
        _http = new HttpClient(handler);
    }

    public HttpStatusCode Status { get; private set; }

    public string Page { get; private set; } = "";

    public Uri At { get; private set; } = new("about:blank");

    /// <summary>Where the answer sends the browser; null when it is a page.</summary>
    public Uri? Location { get; private set; }

    /// <summary>The kind of the twin's page.</summary>
    public string Kind => KindPattern().Match(Page).Groups[1].Value;

    /// <summary>The twin's error code on the page.</summary>
    public string Error => ErrorPattern().Match(Page).Groups[1].Value;

    public Task OpenAsync(Uri address) => SendAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Presses the button of the hub's connect page.</summary>
    public Task ContinueAsync(Uri address) => SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent([]) });

    /// <summary>Posts the form of the present page of the twin with further fields.</summary>
    public Task PostAsync(params (string Name, string Value)[] fields)
    {
        var action = WebUtility.HtmlDecode(ActionPattern().Match(Page).Groups[1].Value);
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        if (CtxPattern().Match(Page) is { Success: true } ctx) form["ctx"] = ctx.Groups[1].Value;
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(At, action)) { Content = new FormUrlEncodedContent(form) });
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _http.SendAsync(request);
            (At, Status, Page) = (request.RequestUri!, answer.StatusCode, await answer.Content.ReadAsStringAsync());
            Location = answer.Headers.Location is { } to ? new Uri(At, to) : null;
        }
    }

    [GeneratedRegex("<meta name=\"twin-page\" content=\"([^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex KindPattern();

    [GeneratedRegex("<meta name=\"twin-error\" content=\"([^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex ErrorPattern();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex ActionPattern();

    [GeneratedRegex("name=\"ctx\" value=\"([^\"]*)\"", RegexOptions.NonBacktracking)]
    private static partial Regex CtxPattern();
}
