using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Upstream;

/// <summary>
/// Gets single pages from Microsoft's planes: attaches the tenant's token at the last moment and only to the plane's own origin, reads the body into a pooled
/// buffer, sorts every status into a <see cref="PageAnswer"/>. Keeps no state between calls; thread safe.
/// </summary>
public sealed class UpstreamClient : IDisposable
{
    /// <summary>The largest body read, after decompression.</summary>
    public const int MaxPageBytes = 64 * 1024 * 1024;

    private const int MaxExcerptBytes = 64 * 1024;

    private readonly IReadOnlyDictionary<string, HttpClient> _http;
    private readonly Func<UpstreamTenant, TokenAudience, bool, CancellationToken, Task<TokenResult>> _token;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly SemaphoreSlim _requests;
    private readonly SemaphoreSlim _pages;
    private int _lastLength = 64 * 1024;

    /// <summary>Wires the client to the one outbound factory and the one token provider; one HTTP client per cloud, which may have a CA of its own.</summary>
    public UpstreamClient(OutboundFactory outbound, CloudCatalog clouds, TokenProvider tokens, TimeProvider time, UpstreamOptions options)
        : this(
            (clouds ?? throw new ArgumentNullException(nameof(clouds))).Names.ToDictionary(name => name, name => outbound.CreateHttpClient(clouds.Get(name).TrustedCa), StringComparer.Ordinal),
            (tenant, audience, renew, cancellationToken) => tokens.GetAsync(tenant.Tenant, tenant.Purpose, audience, renew, cancellationToken),
            time,
            options)
    {
    }

    /// <param name="http">One client a cloud; owned from here on.</param>
    /// <param name="token">Gets a tenant's token; true asks for a fresh one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Bounds and patience.</param>
    internal UpstreamClient(
        IReadOnlyDictionary<string, HttpClient> http,
        Func<UpstreamTenant, TokenAudience, bool, CancellationToken, Task<TokenResult>> token,
        TimeProvider time,
        UpstreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _http = http;
        foreach (var client in http.Values) client.Timeout = Timeout.InfiniteTimeSpan; // each page has its own time limit, from the injected clock
        _token = token;
        _time = time;
        _timeout = options.PageTimeout;
        _requests = new SemaphoreSlim(options.MaxConcurrentRequests);
        _pages = new SemaphoreSlim(options.MaxPagesInMemory);
    }

    /// <summary>One list call.</summary>
    /// <param name="tenant">Whose token is attached, and where the plane is.</param>
    /// <param name="audience">The plane the token is for.</param>
    /// <param name="address">The whole address with its query; must be on the plane's scheme, host and port.</param>
    /// <param name="shape">How this source spells its fields.</param>
    /// <param name="small">True for a look behind a page that is still held: the answer is tiny and waits for no turn and no room, which others hold until it is there.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public async Task<PageAnswer> GetPageAsync(
        UpstreamTenant tenant, TokenAudience audience, Uri address, AlertShape shape, bool small, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        if (!Origin.Of(tenant.Origin).Includes(address))
        {
            return new PageAnswer.Refused(UpstreamFailure.BadContinuation, $"The server's continuation leads to another origin ({address.Host}); it is not followed.");
        }

        if (small) return await AskAsync(tenant, audience, address, shape, small, cancellationToken);
        await _requests.WaitAsync(cancellationToken);
        try
        {
            return await AskAsync(tenant, audience, address, shape, small, cancellationToken);
        }
        finally
        {
            _requests.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _http.Values) client.Dispose();
        _requests.Dispose();
        _pages.Dispose();
    }

    private async Task<PageAnswer> AskAsync(
        UpstreamTenant tenant, TokenAudience audience, Uri address, AlertShape shape, bool small, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            for (var renew = false; ; renew = true)
            {
                var token = await _token(tenant, audience, renew, both.Token);
                if (token is not TokenResult.Acquired acquired) return FromToken(token);
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", acquired.AccessToken);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
                request.Headers.TryAddWithoutValidation("Prefer", "include-unknown-enum-members");
                using var response = await _http[tenant.Cloud].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
                if (response.StatusCode == HttpStatusCode.Unauthorized && !renew) continue;
                return await SortAsync(response, shape, small, both.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PageAnswer.TryLater(UpstreamFailure.TimedOut, $"{address.Host} gave no complete answer within {_timeout.TotalSeconds:0} s.");
        }
        catch (HttpRequestException failure)
        {
            return new PageAnswer.TryLater(UpstreamFailure.Unreachable, $"{address.Host} cannot be reached ({failure.HttpRequestError}).");
        }
        catch (IOException)
        {
            return new PageAnswer.TryLater(UpstreamFailure.Torn, $"{address.Host} broke off its answer.");
        }
        catch (OutboundRefusedException refused)
        {
            return new PageAnswer.Refused(UpstreamFailure.Unreachable, refused.Message);
        }
    }

    private async Task<PageAnswer> SortAsync(HttpResponseMessage response, AlertShape shape, bool small, CancellationToken cancellationToken)
    {
        var host = response.RequestMessage!.RequestUri!.Host;
        switch ((int)response.StatusCode)
        {
            case 200 or 206:
                var warning = response.StatusCode == HttpStatusCode.PartialContent || response.Headers.Contains("Warning");
                return await ReadAsync(response, host, warning, shape, small, cancellationToken);
            case 429:
                return new PageAnswer.TryLater(UpstreamFailure.Throttled, $"{host} asks for a pause (429).", RetryAfter.Of(response.Headers.RetryAfter, _time.GetUtcNow()));
            case 401:
                return new PageAnswer.Refused(UpstreamFailure.Unauthorized, $"{host} refuses a fresh token (401): check the consent and the audience of this connection.");
            case 403:
                return Forbidden(host, await ErrorCodeAsync(response, cancellationToken));
            case >= 500:
                return new PageAnswer.TryLater(UpstreamFailure.ServerError, $"{host} failed ({(int)response.StatusCode}).", RetryAfter.Of(response.Headers.RetryAfter, _time.GetUtcNow()));
            default:
                return new PageAnswer.Refused(
                    UpstreamFailure.BadRequest, $"{host} refuses the request ({(int)response.StatusCode}{await ErrorCodeAsync(response, cancellationToken)}).");
        }
    }

    /// <summary>Reads a page when there is room for one more in memory; the room is given back with the page.</summary>
    private async Task<PageAnswer> ReadAsync(
        HttpResponseMessage response, string host, bool warning, AlertShape shape, bool small, CancellationToken cancellationToken)
    {
        if (small) return await ReadBodyAsync(response, host, warning, shape, cancellationToken);
        await _pages.WaitAsync(cancellationToken);
        var kept = false;
        try
        {
            var answer = await ReadBodyAsync(response, host, warning, shape, cancellationToken);
            if (answer is not PageAnswer.Page page) return answer;
            kept = true;
            page.Content.Released = () => _pages.Release();
            return answer;
        }
        finally
        {
            if (!kept) _pages.Release();
        }
    }

    private async Task<PageAnswer> ReadBodyAsync(HttpResponseMessage response, string host, bool warning, AlertShape shape, CancellationToken cancellationToken)
    {
        var expected = response.Content.Headers.ContentLength ?? 0;
        if (expected > MaxPageBytes) return TooLarge(host);
        var buffer = UpstreamPage.Pool.Rent(Math.Max((int)expected + 1, _lastLength));
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                var read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0) break;
                length += read;
                if (length > MaxPageBytes)
                {
                    UpstreamPage.Pool.Return(buffer);
                    return TooLarge(host);
                }

                if (length < buffer.Length) continue;
                var larger = UpstreamPage.Pool.Rent(buffer.Length * 2);
                buffer.CopyTo(larger, 0);
                UpstreamPage.Pool.Return(buffer);
                buffer = larger;
            }
        }
        catch
        {
            UpstreamPage.Pool.Return(buffer);
            throw;
        }

        try
        {
            var page = UpstreamPage.Read(buffer, length, shape);
            _lastLength = Math.Clamp(length + 1, 64 * 1024, 8 * 1024 * 1024); // the next page is probably as long
            return new PageAnswer.Page(page, warning ? $"{host} answered in part (206 or a warning)." : null);
        }
        catch (JsonException)
        {
            var excerpt = buffer.AsSpan(0, Math.Min(length, MaxExcerptBytes)).ToArray();
            UpstreamPage.Pool.Return(buffer);
            return new PageAnswer.TryLater(UpstreamFailure.Torn, $"{host} sent a body that is no complete list answer.") { Excerpt = excerpt };
        }
    }

    private static PageAnswer.Refused Forbidden(string host, string code) => code is " (DisabledFeature)"
        ? new PageAnswer.Refused(UpstreamFailure.NotLicensed, $"{host} says 403{code}: the tenant's licence does not include this. The customer's administrator can say more.")
        : new PageAnswer.Refused(UpstreamFailure.Forbidden, $"{host} says 403{code}: the application or the person lacks the permission, or the tenant the licence. The customer's administrator can grant it.");

    /// <summary>The error code of Graph's and Defender's common envelope, in brackets, or nothing. Source: common-errors, 2020-12; graph errors, 2024.</summary>
    private static async Task<string> ErrorCodeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[4096];
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            using var error = JsonDocument.Parse(buffer.AsMemory(0, length));
            var code = error.RootElement.GetProperty("error").GetProperty("code").GetString();
            return code is { Length: > 0 and <= 64 } && code.All(char.IsAsciiLetterOrDigit) ? $" ({code})" : "";
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            return "";
        }
    }

    private static PageAnswer FromToken(TokenResult token) => token switch
    {
        TokenResult.TryLater later => new PageAnswer.TryLater(UpstreamFailure.ServerError, later.Detail, later.After),
        TokenResult.Refused refused => new PageAnswer.Refused(UpstreamFailure.TokenRefused, refused.Detail),
        _ => throw new InvalidOperationException($"Unknown token result {token.GetType().Name}."),
    };

    private static PageAnswer.Refused TooLarge(string host) =>
        new(UpstreamFailure.TooLarge, $"{host} sent more than {MaxPageBytes / 1024 / 1024} MiB in one page.");
}

/// <summary>Whose pages are fetched, and where.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Cloud">The cloud it lives in; names the HTTP client.</param>
/// <param name="Origin">The plane's address in the tenant's cloud and region.</param>
/// <param name="Purpose">Through which of its connections.</param>
public sealed record UpstreamTenant(TenantId Tenant, string Cloud, Uri Origin, ConnectionPurpose Purpose = ConnectionPurpose.Collect);

/// <summary>How patiently pages are fetched.</summary>
public sealed class UpstreamOptions
{
    /// <summary>Time for one page, from sending to the last byte. 60 s.</summary>
    public TimeSpan PageTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests in flight at once over all tenants and sources. 16.</summary>
    public int MaxConcurrentRequests { get; set; } = 16;

    /// <summary>Pages that are read or stored at the same time. 8; bounds memory.</summary>
    public int MaxPagesInMemory { get; set; } = 8;
}
