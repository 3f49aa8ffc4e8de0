using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Bailiwick.Twin.Tls;

namespace Bailiwick.Twin.Tests;

/// <summary>A browser without a screen: keeps cookies, reads page kinds, posts forms.</summary>
public sealed partial class Walker : IDisposable
{
    private readonly HttpClient _http;

    public Walker(RunningTwin twin)
    {
        var handler = TwinTrust.CreateHandler(twin.Host.CaFile);
        handler.CookieContainer = new CookieContainer();
        _http = new HttpClient(handler) { BaseAddress = twin.Host.Address };
    }

    public string Kind { get; private set; } = "";

    public string? Error { get; private set; }

    public string Page { get; private set; } = "";

    public Uri? Location { get; private set; }

    public Dictionary<string, string> Answer { get; private set; } = [];

    public static (string Verifier, string Challenge) Pkce()
    {
        var verifier = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).ToLowerInvariant();
        return (verifier, Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
    }

    public static string Query(Dictionary<string, string> parameters) => string.Join('&', parameters.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"));

    public async Task<Walker> GetAsync(string address)
    {
        using var answer = await _http.GetAsync(new Uri(address, UriKind.RelativeOrAbsolute));
        await ReadAsync(answer);
        return this;
    }

    /// <summary>Posts the form of the present page with further fields.</summary>
    public async Task<Walker> PostAsync(params (string Name, string Value)[] fields)
    {
        var action = WebUtility.HtmlDecode(ActionPattern().Match(Page).Groups[1].Value);
        action.ShouldNotBeEmpty($"the page '{Kind}' has no form: {Page}");
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        if (CtxPattern().Match(Page) is { Success: true } ctx) form["ctx"] = ctx.Groups[1].Value;
        using var answer = await _http.PostAsync(new Uri(action, UriKind.Relative), new FormUrlEncodedContent(form));
        await ReadAsync(answer);
        return this;
    }

    /// <summary>Posts fields to an address, whatever the present page says.</summary>
    public async Task<Walker> PostToAsync(string address, params (string Name, string Value)[] fields)
    {
        using var answer = await _http.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent(fields.ToDictionary(field => field.Name, field => field.Value)));
        await ReadAsync(answer);
        return this;
    }

    public Task<Walker> SignInAsync(string user, string password = RunningTwin.Password)
    {
        Kind.ShouldBe("signin");
        return PostAsync(("login", user), ("passwd", password));
    }

    public Task<Walker> AcceptAsync() => PostAsync(("decision", "accept"));

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(HttpResponseMessage answer)
    {
        Page = await answer.Content.ReadAsStringAsync();
        Kind = KindPattern().Match(Page).Groups[1].Value;
        Error = ErrorPattern().Match(Page) is { Success: true } error ? error.Groups[1].Value : null;
        Location = answer.Headers.Location;
        Answer = Location is null ? [] : (Location.OriginalString.Split('?', '#') is [_, var query, ..] ? query : "").Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
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
