using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Receivers;

/// <summary>
/// A stand-in on 127.0.0.1 for Azure Monitor's logs ingestion API with one rule and one stream, and for the token endpoint that goes with it: client credentials in, an
/// opaque bearer out. Source: "Logs Ingestion API in Azure Monitor", Azure Monitor documentation (read 2026). Judged in the tests by Azure's own client. Thread safe; prints nothing.
/// </summary>
public sealed class AzureLogsReceiver : IAsyncDisposable
{
    /// <summary>The scope that tokens are asked for.</summary>
    public const string Scope = "https://monitor.azure.com//.default";

    private readonly AzureLogsReceiverOptions _options;
    private readonly Lock _gate = new();
    private readonly List<string> _rows = [];
    private readonly List<string> _bodies = [];
    private readonly HashSet<string> _tokens = [];
    private ReceiverHost? _host;

    private AzureLogsReceiver(AzureLogsReceiverOptions options) => _options = options;

    /// <summary>The address for a sink's <c>endpoint</c>, and of the cloud's sign-in.</summary>
    public Uri Url => _host!.Url;

    /// <summary>The rows taken, in order.</summary>
    public IReadOnlyList<string> Rows
    {
        get
        {
            lock (_gate) return [.. _rows];
        }
    }

    /// <summary>The bodies taken, in order.</summary>
    public IReadOnlyList<string> Bodies
    {
        get
        {
            lock (_gate) return [.. _bodies];
        }
    }

    /// <summary>Tokens issued so far.</summary>
    public int TokensIssued { get; private set; }

    /// <summary>Starts listening.</summary>
    public static async Task<AzureLogsReceiver> StartAsync(AzureLogsReceiverOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var receiver = new AzureLogsReceiver(options);
        receiver._host = await ReceiverHost.StartAsync(options.Port, options.Certificate, null, receiver.AnswerAsync, cancellationToken);
        return receiver;
    }

    /// <summary>Every token issued so far is no longer accepted.</summary>
    public void RevokeTokens()
    {
        lock (_gate) _tokens.Clear();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Issues a token outside the token endpoint, for a client that brings its own.</summary>
    public string IssueToken()
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        lock (_gate)
        {
            TokensIssued++;
            _tokens.Add(token);
        }

        return token;
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var tenant, "oauth2", "v2.0", "token"] when tenant == _options.Tenant.ToString("D") => TokenAsync(context),
        ["dataCollectionRules", var rule, "streams", var stream] => IngestAsync(context, rule, stream),
        _ => RefuseAsync(context, 404, "NotFound"),
    };

    private async Task TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (status, error) = form["client_id"] != _options.ClientId.ToString("D") ? (400, "unauthorized_client")
            : form["client_secret"] != _options.ClientSecret ? (401, "invalid_client")
            : form["grant_type"] != "client_credentials" ? (400, "unsupported_grant_type")
            : !form["scope"].ToString().Split(' ').Contains(Scope) ? (400, "invalid_scope")
            : _options.TokenStatus > 0 ? (_options.TokenStatus, "temporarily_unavailable")
            : (200, "");
        await (status == 200
            ? ReceiverHost.WriteAsync(context, 200, json =>
            {
                json.WriteString("token_type", "Bearer");
                json.WriteNumber("expires_in", (int)_options.TokenLifetime.TotalSeconds);
                json.WriteString("access_token", IssueToken());
            })
            : ReceiverHost.WriteAsync(context, status, json =>
            {
                json.WriteString("error", error);
                json.WriteString("error_description", $"AADSTS7000215: {error}.");
            }));
    }

    private async Task IngestAsync(HttpContext context, string rule, string stream)
    {
        var bearer = context.Request.Headers.Authorization.ToString();
        bool known;
        lock (_gate) known = bearer.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.Contains(bearer[7..]);
        var packed = context.Request.ContentLength ?? 0;
        var body = await ReceiverHost.ReadAsync(context);
        if (!known) await RefuseAsync(context, 401, "InvalidAuthenticationToken");
        else if (_options.AlwaysStatus is > 0 and < 300) context.Response.StatusCode = _options.AlwaysStatus;
        else if (_options.AlwaysStatus > 0) await FailAsync(context);
        else if (!HttpMethods.IsPost(context.Request.Method)) await RefuseAsync(context, 405, "MethodNotAllowed");
        else if (context.Request.Query["api-version"] != "2023-01-01") await RefuseAsync(context, 400, "InvalidApiVersion");
        else if (context.Request.ContentType?.Split(';')[0] != "application/json") await RefuseAsync(context, 415, "UnsupportedMediaType");
        else if (rule != _options.Rule) await RefuseAsync(context, 404, "NotFound");
        else if (stream != _options.Stream) await RefuseAsync(context, 400, "InvalidStream");
        else if (Math.Max(body.Length, packed) > _options.MaxBodyBytes) await RefuseAsync(context, 413, "ContentLengthLimitExceeded");
        else if (!TryTake(body)) await RefuseAsync(context, 400, "InvalidPayload");
        else context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task FailAsync(HttpContext context)
    {
        if (_options.RetryAfter is { } wish) context.Response.Headers.RetryAfter = wish;
        return RefuseAsync(context, _options.AlwaysStatus, _options.AlwaysCode);
    }

    /// <summary>Takes an array of objects, all or nothing.</summary>
    private bool TryTake(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 256 });
            if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.EnumerateArray().Any(row => row.ValueKind != JsonValueKind.Object)) return false;
            lock (_gate) Keep(body, json.RootElement.EnumerateArray().Select(row => row.GetRawText()));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Keep(byte[] body, IEnumerable<string> rows)
    {
        if (_options.Took is { } took)
        {
            foreach (var row in rows) took(row);
            return;
        }

        _rows.AddRange(rows);
        _bodies.Add(Encoding.UTF8.GetString(body));
    }

    private static Task RefuseAsync(HttpContext context, int status, string code) => ReceiverHost.WriteAsync(context, status, json =>
    {
        json.WriteStartObject("error");
        json.WriteString("code", code);
        json.WriteString("message", "Refused by the stand-in.");
        json.WriteEndObject();
    });
}
