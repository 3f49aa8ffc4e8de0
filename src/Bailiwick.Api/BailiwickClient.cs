using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Bailiwick.Api.V1;

namespace Bailiwick.Api;

/// <summary>
/// The typed client of the hub's REST API. Waits and asks again when the hub says 429, a few times and never longer than
/// <see cref="LongestWait"/>; nothing else is retried. Thread safe.
/// </summary>
/// <param name="http">Has the hub's address as <see cref="HttpClient.BaseAddress"/>; owned by the caller.</param>
/// <param name="key">An API key, or null for the addresses that are open to all.</param>
/// <param name="time">The clock that waits run on.</param>
public sealed class BailiwickClient(HttpClient http, string? key, TimeProvider time)
{
    /// <summary>The longest wait for a <c>Retry-After</c> before the 429 is handed to the caller.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const int MostAttempts = 5;

    /// <summary>Lists customers in the order of being added.</summary>
    public Task<Page<Customer>> ListCustomersAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<Customer>>(Query(Routes.Customers, ("cursor", cursor), ("limit", "1000")), cancellationToken);

    /// <summary>Every customer, page by page.</summary>
    public IAsyncEnumerable<Customer> EveryCustomerAsync(CancellationToken cancellationToken) => EachAsync(ListCustomersAsync, cancellationToken);

    /// <summary>One customer with its tenants.</summary>
    public Task<Customer> GetCustomerAsync(CustomerId customer, CancellationToken cancellationToken) =>
        GetAsync<Customer>(Routes.Fill(Routes.Customer, customer.ToString()), cancellationToken);

    /// <summary>Adds a customer, with tenants if given.</summary>
    public Task<Customer> AddCustomerAsync(NewCustomer customer, CancellationToken cancellationToken) =>
        SendAsync<NewCustomer, Customer>(HttpMethod.Post, Routes.Customers, customer, cancellationToken);

    /// <summary>Adds a tenant to a customer.</summary>
    public Task<Tenant> AddTenantAsync(CustomerId customer, NewTenant tenant, CancellationToken cancellationToken) =>
        SendAsync<NewTenant, Tenant>(HttpMethod.Post, Routes.Fill(Routes.CustomerTenants, customer.ToString()), tenant, cancellationToken);

    /// <summary>Puts a customer's collection on hold.</summary>
    public Task<Customer> PauseCustomerAsync(CustomerId customer, PauseCustomer pause, CancellationToken cancellationToken) =>
        SendAsync<PauseCustomer, Customer>(HttpMethod.Post, Routes.Fill(Routes.CustomerPause, customer.ToString()), pause, cancellationToken);

    /// <summary>Ends a pause; a customer that is not paused stays as it is.</summary>
    public Task<Customer> ResumeCustomerAsync(CustomerId customer, CancellationToken cancellationToken) =>
        SendAsync<Customer>(HttpMethod.Post, Routes.Fill(Routes.CustomerResume, customer.ToString()), cancellationToken);

    /// <summary>Adds many customers and tenants: all or none.</summary>
    public Task<CustomerImportResult> ImportCustomersAsync(CustomerImport import, CancellationToken cancellationToken) =>
        SendAsync<CustomerImport, CustomerImportResult>(HttpMethod.Post, Routes.CustomerImport, import, cancellationToken);

    /// <summary>Lists applications by name.</summary>
    public Task<Page<Application>> ListApplicationsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<Application>>(Query(Routes.Applications, ("cursor", cursor)), cancellationToken);

    /// <summary>Adds an application with its credential.</summary>
    public Task<Application> AddApplicationAsync(NewApplication application, CancellationToken cancellationToken) =>
        SendAsync<NewApplication, Application>(HttpMethod.Post, Routes.Applications, application, cancellationToken);

    /// <summary>Removes an application and destroys its credential.</summary>
    public Task RemoveApplicationAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Routes.Fill(Routes.Application, name), cancellationToken);

    /// <summary>Lists every tenant with its connection, in the order of being added.</summary>
    public Task<Page<Connection>> ListConnectionsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<Connection>>(Query(Routes.Connections, ("cursor", cursor), ("limit", "1000")), cancellationToken);

    /// <summary>Every connection, page by page.</summary>
    public IAsyncEnumerable<Connection> EveryConnectionAsync(CancellationToken cancellationToken) => EachAsync(ListConnectionsAsync, cancellationToken);

    /// <summary>Connects tenants app-only; each outcome stands for itself.</summary>
    public Task<ConnectOutcomes> ConnectAppOnlyAsync(ConnectAppOnly request, CancellationToken cancellationToken) =>
        SendAsync<ConnectAppOnly, ConnectOutcomes>(HttpMethod.Post, Routes.ConnectAppOnly, request, cancellationToken);

    /// <summary>Begins the authorization code flow.</summary>
    public Task<CodeLink> BeginCodeAsync(TenantId tenant, BeginCode request, CancellationToken cancellationToken) =>
        SendAsync<BeginCode, CodeLink>(HttpMethod.Post, Routes.Fill(Routes.ConnectCode, tenant.ToString()), request, cancellationToken);

    /// <summary>How one tenant is connected.</summary>
    public Task<Connection> GetConnectionAsync(TenantId tenant, CancellationToken cancellationToken) =>
        GetAsync<Connection>(Routes.Fill(Routes.Connection, tenant.ToString()), cancellationToken);

    /// <summary>Disconnects a tenant and destroys its credentials.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="onlyComparing">True to take the comparing connection away and keep the one that collects.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task DisconnectAsync(TenantId tenant, bool onlyComparing, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Routes.Fill(Routes.Connection, tenant.ToString()) + (onlyComparing ? "?only=comparing" : ""), cancellationToken);

    /// <summary>One page of alerts.</summary>
    public Task<Page<Alert>> ListAlertsAsync(AlertQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return GetAsync<Page<Alert>>(
            Query(
                Routes.Alerts,
                ("customer", query.Customer?.ToString()),
                ("tenant", query.Tenant?.ToString()),
                ("from", Time(query.From)),
                ("to", Time(query.To)),
                ("severity", query.Severity),
                ("status", query.Status),
                ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)),
                ("cursor", query.Cursor)),
            cancellationToken);
    }

    /// <summary>One alert with its versions.</summary>
    public Task<AlertDetail> GetAlertAsync(TenantId tenant, string? source, string alertId, CancellationToken cancellationToken) =>
        GetAsync<AlertDetail>(Query(Routes.Alert, ("tenant", tenant.ToString()), ("source", source), ("id", alertId)), cancellationToken);

    /// <summary>The upstream JSON of one version, byte for byte.</summary>
    public async Task<byte[]> GetRawAsync(TenantId tenant, long logNumber, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(
            HttpMethod.Get, Routes.Fill(Routes.AlertRaw, tenant.ToString(), logNumber.ToString(CultureInfo.InvariantCulture)), () => null, cancellationToken);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>Lists sinks by name.</summary>
    public Task<Page<Sink>> ListSinksAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<Sink>>(Query(Routes.Sinks, ("cursor", cursor)), cancellationToken);

    /// <summary>The kinds of sink this hub can make.</summary>
    public Task<Page<SinkKind>> ListSinkKindsAsync(CancellationToken cancellationToken) => GetAsync<Page<SinkKind>>(Routes.SinkKinds, cancellationToken);

    /// <summary>One sink.</summary>
    public Task<Sink> GetSinkAsync(string name, CancellationToken cancellationToken) => GetAsync<Sink>(Routes.Fill(Routes.Sink, name), cancellationToken);

    /// <summary>Adds a sink.</summary>
    public Task<Sink> AddSinkAsync(NewSink sink, CancellationToken cancellationToken) =>
        SendAsync<NewSink, Sink>(HttpMethod.Post, Routes.Sinks, sink, cancellationToken);

    /// <summary>Removes a sink, its positions and its secret.</summary>
    public Task RemoveSinkAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, Routes.Fill(Routes.Sink, name), cancellationToken);

    /// <summary>Puts a sink aside, or takes it back.</summary>
    public Task<Sink> ParkSinkAsync(string name, bool parked, CancellationToken cancellationToken) =>
        SendAsync<Sink>(HttpMethod.Post, Routes.Fill(parked ? Routes.SinkPark : Routes.SinkUnpark, name), cancellationToken);

    /// <summary>Sends one marked test record.</summary>
    public Task<SinkTest> TestSinkAsync(string name, CancellationToken cancellationToken) =>
        SendAsync<SinkTest>(HttpMethod.Post, Routes.Fill(Routes.SinkTest, name), cancellationToken);

    /// <summary>Lists feeds by name.</summary>
    public Task<Page<Feed>> ListFeedsAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<Feed>>(Query(Routes.Feeds, ("cursor", cursor)), cancellationToken);

    /// <summary>Adds a feed.</summary>
    public Task<Feed> AddFeedAsync(NewFeed feed, CancellationToken cancellationToken) =>
        SendAsync<NewFeed, Feed>(HttpMethod.Post, Routes.Feeds, feed, cancellationToken);

    /// <summary>Removes a feed and its positions.</summary>
    public Task RemoveFeedAsync(string name, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, Routes.Fill(Routes.Feed, name), cancellationToken);

    /// <summary>The next records of a feed; the same again until their receipt is confirmed.</summary>
    /// <param name="name">The feed.</param>
    /// <param name="max">Records at most, 1 to 1,000; null for 100.</param>
    /// <param name="cancellationToken">Stops waiting; whether a batch was handed out is unknown, and makes no difference.</param>
    public Task<FeedBatch> NextOfFeedAsync(string name, int? max, CancellationToken cancellationToken) =>
        GetAsync<FeedBatch>(Query(Routes.Fill(Routes.FeedNext, name), ("max", max?.ToString(CultureInfo.InvariantCulture))), cancellationToken);

    /// <summary>Confirms a batch of a feed. A refusal with 409 moved nothing: go on with <see cref="NextOfFeedAsync"/>.</summary>
    public Task<FeedConfirmed> ConfirmFeedAsync(string name, string receipt, CancellationToken cancellationToken) =>
        SendAsync<FeedReceipt, FeedConfirmed>(HttpMethod.Post, Routes.Fill(Routes.FeedAck, name), new FeedReceipt(receipt), cancellationToken);

    /// <summary>One page of dead letters, newest first.</summary>
    public Task<Page<DeadLetter>> ListDeadLettersAsync(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return GetAsync<Page<DeadLetter>>(
            Query(
                Routes.DeadLetters,
                ("sink", query.Sink),
                ("tenant", query.Tenant?.ToString()),
                ("reason", query.Reason),
                ("from", Time(query.From)),
                ("to", Time(query.To)),
                ("state", query.State),
                ("limit", "1000"),
                ("cursor", query.Cursor)),
            cancellationToken);
    }

    /// <summary>All of them, page by page.</summary>
    public IAsyncEnumerable<DeadLetter> EveryDeadLetterAsync(DeadLetterQuery query, CancellationToken cancellationToken) =>
        EachAsync((cursor, stop) => ListDeadLettersAsync(query with { Cursor = cursor }, stop), cancellationToken);

    /// <summary>One dead letter.</summary>
    public Task<DeadLetter> GetDeadLetterAsync(string id, CancellationToken cancellationToken) =>
        GetAsync<DeadLetter>(Routes.Fill(Routes.DeadLetter, id), cancellationToken);

    /// <summary>The bytes of a dead letter as they were received; those of a record that never got into the log are capped at 1 MiB.</summary>
    public async Task<byte[]> GetDeadLetterRawAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, Routes.Fill(Routes.DeadLetterRaw, id), () => null, cancellationToken);
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>Delivers one dead letter again.</summary>
    public Task<DeadLetterCount> ReplayDeadLetterAsync(string id, CancellationToken cancellationToken) =>
        SendAsync<DeadLetterCount>(HttpMethod.Post, Routes.Fill(Routes.DeadLetterReplay, id), cancellationToken);

    /// <summary>Delivers a selection again.</summary>
    public Task<DeadLetterCount> ReplayDeadLettersAsync(DeadLetterSelection selection, CancellationToken cancellationToken) =>
        SendAsync<DeadLetterSelection, DeadLetterCount>(HttpMethod.Post, Routes.DeadLettersReplay, selection, cancellationToken);

    /// <summary>Discards one dead letter.</summary>
    public Task<DeadLetterCount> DiscardDeadLetterAsync(string id, string why, CancellationToken cancellationToken) =>
        SendAsync<DeadLetterDiscard, DeadLetterCount>(HttpMethod.Post, Routes.Fill(Routes.DeadLetterDiscard, id), new DeadLetterDiscard(why), cancellationToken);

    /// <summary>Discards a selection.</summary>
    public Task<DeadLetterCount> DiscardDeadLettersAsync(DeadLetterSelection selection, string why, CancellationToken cancellationToken) =>
        SendAsync<DeadLettersDiscard, DeadLetterCount>(HttpMethod.Post, Routes.DeadLettersDiscard, new DeadLettersDiscard(selection, why), cancellationToken);

    /// <summary>Lists API keys, newest first.</summary>
    public Task<Page<ApiKey>> ListKeysAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<ApiKey>>(Query(Routes.Keys, ("cursor", cursor)), cancellationToken);

    /// <summary>Makes an API key; the only time its secret is seen.</summary>
    public Task<CreatedApiKey> AddKeyAsync(NewApiKey key, CancellationToken cancellationToken) =>
        SendAsync<NewApiKey, CreatedApiKey>(HttpMethod.Post, Routes.Keys, key, cancellationToken);

    /// <summary>Revokes an API key.</summary>
    public Task RevokeKeyAsync(string id, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, Routes.Fill(Routes.Key, id), cancellationToken);

    /// <summary>One page of the audit log, newest first.</summary>
    public Task<Page<AuditRecord>> ListAuditAsync(TenantId? tenant, int limit, string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<AuditRecord>>(Query(Routes.Audit, ("tenant", tenant?.ToString()), ("limit", Number(limit)), ("cursor", cursor)), cancellationToken);

    /// <summary>Has the hub check its whole audit chain.</summary>
    public Task<AuditVerification> VerifyAuditAsync(CancellationToken cancellationToken) => GetAsync<AuditVerification>(Routes.AuditVerify, cancellationToken);

    /// <summary>How the hub stands.</summary>
    public Task<FleetStatus> GetStatusAsync(CancellationToken cancellationToken) => GetAsync<FleetStatus>(Routes.Status, cancellationToken);

    /// <summary>How each tenant stands, in the order of being added.</summary>
    public Task<Page<TenantStatus>> ListTenantStatusAsync(string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<TenantStatus>>(Query(Routes.StatusTenants, ("cursor", cursor), ("limit", "1000")), cancellationToken);

    /// <summary>Every tenant's status, page by page.</summary>
    public IAsyncEnumerable<TenantStatus> EveryTenantStatusAsync(CancellationToken cancellationToken) => EachAsync(ListTenantStatusAsync, cancellationToken);

    /// <summary>One page of the answer to "is there a hole?".</summary>
    public Task<Page<Coverage>> ListCoverageAsync(CoverageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return GetAsync<Page<Coverage>>(
            Query(
                Routes.Coverage,
                ("customer", query.Customer?.ToString()),
                ("tenant", query.Tenant?.ToString()),
                ("source", query.Source),
                ("from", Time(query.From)),
                ("to", Time(query.To)),
                ("holes", query.Holes ? "true" : null),
                ("limit", query.Limit?.ToString(CultureInfo.InvariantCulture)),
                ("cursor", query.Cursor)),
            cancellationToken);
    }

    /// <summary>One page of what one source of a tenant shows and another does not.</summary>
    public Task<Page<CoverageDifference>> ListDifferencesAsync(CustomerId? customer, TenantId? tenant, string? cursor, CancellationToken cancellationToken) =>
        GetAsync<Page<CoverageDifference>>(
            Query(Routes.CoverageDifferences, ("customer", customer?.ToString()), ("tenant", tenant?.ToString()), ("limit", "1000"), ("cursor", cursor)), cancellationToken);

    /// <summary>The whole answer, page by page.</summary>
    public IAsyncEnumerable<Coverage> EveryCoverageAsync(CoverageQuery query, CancellationToken cancellationToken) =>
        EachAsync((cursor, stop) => ListCoverageAsync(query with { Cursor = cursor }, stop), cancellationToken);

    /// <summary>Whether collecting can work; answers for 200 and for 503.</summary>
    public async Task<Health> GetReadinessAsync(CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(Routes.HealthReady, UriKind.Relative), cancellationToken);
        return await ReadAsync<Health>(answer, cancellationToken);
    }

    /// <summary>Follows the cursors of a list to its end.</summary>
    public static async IAsyncEnumerable<T> EachAsync<T>(
        Func<string?, CancellationToken, Task<Page<T>>> list, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(list);
        string? cursor = null;
        do
        {
            var page = await list(cursor, cancellationToken);
            foreach (var item in page.Items) yield return item;
            if (page.Next is not null && page.Next == cursor) throw new UnreadableAnswerException("The hub answered with the same cursor twice.");
            cursor = page.Next;
        }
        while (cursor is not null);
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string? Time(DateTimeOffset? value) => value?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Query(string route, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = new StringBuilder(route);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null) continue;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return text.ToString();
    }

    private async Task<T> GetAsync<T>(string address, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(HttpMethod.Get, address, () => null, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    private async Task<TAnswer> SendAsync<TBody, TAnswer>(HttpMethod method, string address, TBody body, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(method, address, () => JsonContent.Create(body, ApiJson.Of<TBody>(ApiJson.Strict)), cancellationToken);
        return await ReadAsync<TAnswer>(answer, cancellationToken);
    }

    private async Task<TAnswer> SendAsync<TAnswer>(HttpMethod method, string address, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(method, address, () => null, cancellationToken);
        return await ReadAsync<TAnswer>(answer, cancellationToken);
    }

    private async Task SendAsync(HttpMethod method, string address, CancellationToken cancellationToken)
    {
        using var answer = await AskAsync(method, address, () => null, cancellationToken);
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string address, Func<HttpContent?> content, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, new Uri(address, UriKind.Relative)) { Content = content() };
            if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            var answer = await http.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode) return answer;
            using (answer)
            {
                var wait = answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
                if (answer.StatusCode != HttpStatusCode.TooManyRequests || attempt == MostAttempts || wait > LongestWait)
                {
                    throw new ProblemException(await ReadProblemAsync(answer, cancellationToken), answer.Headers.RetryAfter?.Delta);
                }

                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(ApiJson.Of<T>(ApiJson.Tolerant), cancellationToken)
                ?? throw new UnreadableAnswerException("The answer is null; this is not a Bailiwick hub, or a newer one.");
        }
        catch (JsonException e)
        {
            throw new UnreadableAnswerException($"The answer to {answer.RequestMessage?.RequestUri?.AbsolutePath} is not what a Bailiwick hub of this version sends.", e);
        }
    }

    private static async Task<Problem> ReadProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json"
                && await answer.Content.ReadFromJsonAsync(ApiJson.Of<Problem>(ApiJson.Tolerant), cancellationToken) is { } problem)
            {
                return problem;
            }
        }
        catch (JsonException)
        {
            // Something between here and the hub answered in the hub's name: the status is all there is.
        }

        var type = Problems.OfStatus((int)answer.StatusCode);
        return new Problem(type.Uri, type.Title, (int)answer.StatusCode, $"The server answered {(int)answer.StatusCode} without saying why.");
    }
}

/// <summary>The hub refused. <see cref="Problem"/> says what and why.</summary>
public sealed class ProblemException(Problem problem, TimeSpan? retryAfter = null) : Exception(problem?.Detail ?? problem?.Title)
{
    /// <summary>The refusal as it came.</summary>
    public Problem Problem { get; } = problem ?? throw new ArgumentNullException(nameof(problem));

    /// <summary>When to ask again, if the hub named a time.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The answer cannot be read: the address is probably not a hub's.</summary>
public sealed class UnreadableAnswerException(string message, Exception? inner = null) : Exception(message, inner);
