using System.Net;
using System.Text.RegularExpressions;
using Bailiwick.Twin.Tls;

namespace Bailiwick.Twin.Tests.Portal;

/// <summary>A person's browser: follows redirects within the twin, keeps cookies, sends forms with the fields the page gave them.</summary>
public sealed partial class PortalBrowser : IDisposable
{
    private readonly HttpClient _http;

    public PortalBrowser(RunningTwin twin)
    {
        var handler = TwinTrust.CreateHandler(twin.Host.CaFile);
        handler.CookieContainer = Cookies;
        _http = new HttpClient(handler) { BaseAddress = twin.Host.Address };
    }

    public CookieContainer Cookies { get; } = new();

    public int Status { get; private set; }

    public string Page { get; private set; } = "";

    public string Kind => KindPattern().Match(Page).Groups[1].Value;

    public string Title => WebUtility.HtmlDecode(TitlePattern().Match(Page).Groups[1].Value);

    /// <summary>The sentence in red, empty when there is none.</summary>
    public string Fault => WebUtility.HtmlDecode(FaultPattern().Match(Page).Groups[1].Value);

    public string Address { get; private set; } = "";

    /// <summary>The page's words without markup.</summary>
    public string Words => Blank().Replace(WebUtility.HtmlDecode(Tag().Replace(Page, " ")), " ");

    public HttpResponseMessage Response { get; private set; } = null!;

    public byte[] Content { get; private set; } = [];

    /// <summary>Signs in at a tenant and opens its queue.</summary>
    public static async Task<PortalBrowser> OpenAsync(RunningTwin twin, object? tenant, string user)
    {
        var browser = new PortalBrowser(twin);
        await browser.GetAsync(tenant is null ? "/" : $"/?tid={tenant}");
        browser.Kind.ShouldBe("signin", browser.Words);
        return await browser.PostAsync("/login", ("login", user), ("passwd", RunningTwin.Password));
    }

    public async Task<PortalBrowser> GetAsync(string address)
    {
        await SendAsync(new HttpRequestMessage(HttpMethod.Get, address));
        return this;
    }

    /// <summary>Sends the form whose action ends like that, with the values the page holds, changed and added to; a value of null takes a field away.</summary>
    public Task<PortalBrowser> PostAsync(string action, params (string Name, string? Value)[] fields)
    {
        var form = FormPattern().Matches(Page).FirstOrDefault(match => WebUtility.HtmlDecode(match.Groups[1].Value).EndsWith(action, StringComparison.Ordinal));
        form.ShouldNotBeNull($"no form for '{action}' on: {Words}");
        List<KeyValuePair<string, string>> values = [.. Fields(form.Groups[2].Value).Where(field => fields.All(given => given.Name != field.Key)), .. fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!))];
        return SendFormAsync(WebUtility.HtmlDecode(form.Groups[1].Value), values);
    }

    public async Task<PortalBrowser> SendFormAsync(string address, IEnumerable<KeyValuePair<string, string>> values)
    {
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(values) });
        return this;
    }

    public async Task<PortalBrowser> SendAsync(HttpRequestMessage request)
    {
        Address = request.RequestUri!.OriginalString;
        for (var hops = 0; ; hops++)
        {
            Response = await _http.SendAsync(request);
            (Status, Content) = ((int)Response.StatusCode, await Response.Content.ReadAsByteArrayAsync());
            Page = System.Text.Encoding.UTF8.GetString(Content);
            if (Response.Headers.Location is not { } location || hops > 10) return this;
            Address = location.OriginalString;
            request = new HttpRequestMessage(HttpMethod.Get, location);
        }
    }

    public void Dispose() => _http.Dispose();

    private static IEnumerable<KeyValuePair<string, string>> Fields(string form)
    {
        foreach (Match input in InputPattern().Matches(form))
        {
            var tag = input.Value;
            if (Attribute(tag, "name") is not { } name) continue;
            if (Attribute(tag, "type") is "checkbox" or "radio" && !tag.Contains(" checked", StringComparison.Ordinal)) continue;
            yield return KeyValuePair.Create(name, Attribute(tag, "value") ?? "on");
        }

        foreach (Match area in AreaPattern().Matches(form)) yield return KeyValuePair.Create(area.Groups[1].Value, WebUtility.HtmlDecode(area.Groups[2].Value));
        foreach (Match select in SelectPattern().Matches(form))
        {
            var options = OptionPattern().Matches(select.Groups[2].Value);
            var chosen = options.FirstOrDefault(option => option.Groups[2].Success) ?? options.FirstOrDefault();
            if (chosen is not null) yield return KeyValuePair.Create(select.Groups[1].Value, WebUtility.HtmlDecode(chosen.Groups[1].Value));
        }
    }

    private static string? Attribute(string tag, string name) => Regex.Match(tag, $" {name}=\"([^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1)) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    [GeneratedRegex("<meta name=\"twin-page\" content=\"([^\"]*)\"", RegexOptions.None, 2000)]
    private static partial Regex KindPattern();

    [GeneratedRegex("<h1>([^<]*)</h1>", RegexOptions.None, 2000)]
    private static partial Regex TitlePattern();

    [GeneratedRegex("<p class=\"fault\" role=\"alert\">([^<]*)</p>", RegexOptions.None, 2000)]
    private static partial Regex FaultPattern();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\"[^>]*>(.*?)</form>", RegexOptions.Singleline, 2000)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input [^>]*>", RegexOptions.None, 2000)]
    private static partial Regex InputPattern();

    [GeneratedRegex("<textarea name=\"([^\"]*)\"[^>]*>([^<]*)</textarea>", RegexOptions.None, 2000)]
    private static partial Regex AreaPattern();

    [GeneratedRegex("<select name=\"([^\"]*)\"[^>]*>(.*?)</select>", RegexOptions.Singleline, 2000)]
    private static partial Regex SelectPattern();

    [GeneratedRegex("<option value=\"([^\"]*)\"( selected)?", RegexOptions.None, 2000)]
    private static partial Regex OptionPattern();

    [GeneratedRegex("<[^>]*>", RegexOptions.None, 2000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+", RegexOptions.None, 2000)]
    private static partial Regex Blank();
}
