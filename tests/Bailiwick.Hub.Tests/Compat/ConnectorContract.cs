using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Compat;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Tests.Storage;
using Bailiwick.Hub.Vault;
using Bailiwick.Testing;
using Dapper;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Compat;

/// <summary>
/// Connectors as people run them: they remember one time and nothing else. What they miss is looked for over runs with alerts that come late, transactions
/// that end out of order, hubs whose clocks differ, equal times, and a hub started anew before every question.
/// </summary>
public abstract class ConnectorContract : StoreContract, IAsyncLifetime
{
    private static readonly Actor s_actor = Actor.Job("tests");
    private readonly TempDirectory _keys = new();
    private readonly List<TenantRecord> _tenants = [];
    private readonly Dictionary<string, DateTimeOffset> _current = new(StringComparer.Ordinal);
    private readonly HashSet<string> _versions = new(StringComparer.Ordinal);
    private readonly Random _random = new(4711);
    private VaultKeyring _keyring = null!;
    private Principal _caller = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        _keyring = new VaultKeyring(Database, new FileKekProvider(Path.Combine(_keys.Path, "keys")), Time);
        (await _keyring.OpenAsync(createWhenNew: true, CancellationToken.None)).ShouldBeOfType<VaultState.Unsealed>();
        for (var i = 0; i < 3; i++)
        {
            var customer = (AddCustomerResult.Added)await new CustomerStore(Database, Audit(), Time).AddAsync(s_actor, $"Customer {i}", CancellationToken.None);
            _tenants.Add(((AddTenantResult.Added)await Tenants().AddAsync(s_actor, new TenantId(Guid.NewGuid()), customer.Customer.Id, "public", null, CancellationToken.None)).Tenant);
        }

        _caller = new Principal(new Actor("key", Guid.NewGuid().ToString("D")), "connector", [.. _tenants.Take(2).Select(tenant => new RoleGrant(Role.Analyst, tenant.Customer))]);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        _keyring?.Dispose();
        await DisposeAsync();
        _keys.Dispose();
    }

    [SkippableTheory]
    [InlineData("greatest")]
    [InlineData("greatest and a second")]
    [InlineData("time of the question")]
    public async Task An_exporter_connector_ends_with_every_version_of_its_customers_and_none_of_others(string cursor)
    {
        var since = Time.GetUtcNow().AddSeconds(-1);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var step = 0; step < 120; step++)
        {
            await HappenAsync(step);
            if (step < 115 && _random.Next(3) == 0) continue;
            if (step >= 115) Time.Advance(TimeSpan.FromSeconds(30));
            var asked = Time.GetUtcNow();
            var greatest = since;
            foreach (var alert in await AskAsync(ExporterEndpoint.GetAsync, ("sinceTimeUtc", since.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture))))
            {
                _tenants.Take(2).Select(tenant => tenant.Id.ToString()).ShouldContain(alert.GetProperty("TenantId").GetString());
                seen.Add(alert.GetProperty("Bailiwick").GetProperty("key").GetString()!);
                var processed = alert.GetProperty("LastProcessedTimeUtc").GetDateTimeOffset();
                processed.ShouldBeInRange(since, asked.AddSeconds(1));
                if (processed > greatest) greatest = processed;
            }

            since = cursor switch
            {
                "greatest" => greatest,
                "greatest and a second" => greatest == since ? since : greatest.AddSeconds(1),
                _ => asked,
            };
        }

        seen.Order(StringComparer.Ordinal).ShouldBe(_versions.Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("ge", 10_000)]
    [InlineData("gt", 10_000)]
    [InlineData("ge", 3)]
    public async Task A_defender_connector_ends_with_the_last_state_of_every_alert_of_its_customers(string op, int top)
    {
        var cursor = Time.GetUtcNow().AddDays(-1);
        var seen = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        for (var step = 0; step < 100; step++)
        {
            await HappenAsync(step);
            if (step < 96 && _random.Next(3) == 0) continue;
            if (step >= 96) Time.Advance(TimeSpan.FromSeconds(30));
            var greatest = cursor;
            for (var skip = 0; ; skip += top)
            {
                var page = await AskAsync(
                    DefenderEndpoint.GetAsync,
                    ("$filter", $"lastUpdateTime {op} {cursor.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffff}Z"),
                    ("$expand", "evidence"),
                    ("$top", top.ToString(CultureInfo.InvariantCulture)),
                    ("$skip", skip.ToString(CultureInfo.InvariantCulture)));
                foreach (var alert in page)
                {
                    _tenants.Take(2).Select(tenant => tenant.Id.ToString()).ShouldContain(alert.GetProperty("aadTenantId").GetString());
                    var updated = alert.GetProperty("lastUpdateTime").GetDateTimeOffset();
                    var id = alert.GetProperty("id").GetString()!;
                    if (seen.GetValueOrDefault(id) < updated) seen[id] = updated;
                    if (updated > greatest) greatest = updated;
                }

                if (page.Count < top) break;
            }

            cursor = greatest;
        }

        seen.OrderBy(pair => pair.Key, StringComparer.Ordinal).ShouldBe(_current.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Without_a_time_the_exporter_gives_the_last_two_hours_and_a_limit_the_most_recent()
    {
        await AppendAsync(_tenants[0], "old", Time.GetUtcNow());
        await AskAsync(ExporterEndpoint.GetAsync);
        Time.Advance(TimeSpan.FromHours(3));
        await AppendAsync(_tenants[0], "a", Time.GetUtcNow());
        Time.Advance(TimeSpan.FromMinutes(10));
        await AppendAsync(_tenants[1], "b", Time.GetUtcNow());
        (await IdsAsync()).ShouldBe(["a", "b"]);
        (await IdsAsync(("limit", "1"))).ShouldBe(["b"]);
        (await IdsAsync(("AGO", "PT5M"))).ShouldBe(["b"]);
        (await IdsAsync(("ago", "P1D"))).ShouldBe(["old", "a", "b"]);
        (await IdsAsync(("ago", "P1D"), ("untilTimeUtc", Time.GetUtcNow().AddMinutes(-5).ToString("O")))).ShouldBe(["old", "a"]);
        (await IdsAsync(("ago", "P1D"), ("machinegroups", "Shopfloor"), ("machinegroups", "none"), ("limit", "2"))).ShouldBe(["a", "b"]);
        (await IdsAsync(("ago", "P1D"), ("machinegroups", "Elsewhere"))).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Filters_find_what_they_say_whether_a_column_or_the_alert_itself_decides()
    {
        await AppendAsync(_tenants[0], "da1", Time.GetUtcNow().AddHours(-5), """ "incidentId":"17","category":"Malware","assignedTo":"o'brien" """);
        await AppendAsync(_tenants[1], "da2", Time.GetUtcNow().AddHours(-4), """ "incidentId":"18","category":"Exploit" """);
        await AppendAsync(_tenants[2], "da3", Time.GetUtcNow().AddHours(-3), """ "incidentId":"17" """);
        (await FilterAsync("id eq 'da1'")).ShouldBe(["da1"]);
        (await FilterAsync("incidentId eq 17")).ShouldBe(["da1"]);
        (await FilterAsync("incidentId ge 17 and (category eq 'Exploit' or assignedTo eq 'o''brien')")).ShouldBe(["da1", "da2"]);
        (await FilterAsync("assignedTo eq null")).ShouldBe(["da2"]);
        (await FilterAsync("Severity eq 'High' and status ne 'Resolved'")).ShouldBe(["da1", "da2"]);
        (await FilterAsync("severity eq 'Low' or incidentId eq 18")).ShouldBe(["da2"]);
        (await FilterAsync($"alertCreationTime lt {Time.GetUtcNow().AddHours(-4.5):yyyy-MM-ddTHH:mm:ssZ}")).ShouldBe(["da1"]);
        (await FilterAsync("lastUpdateTime gt 2018-08-01Z or lastEventTime gt 2018-08-01Z")).ShouldBe(["da1", "da2"]);
        (await FilterAsync("investigationId eq 4")).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Without_top_an_answer_that_is_not_the_last_links_to_the_rest()
    {
        var at = Time.GetUtcNow();
        await AppendManyAsync(_tenants[0], Enumerable.Range(0, DefenderQuery.MaxTop + 1).Select(i => $"many-{i}"), at);
        var (first, next) = await PageAsync();
        first.Count.ShouldBe(DefenderQuery.MaxTop);
        next!.ShouldContain($"skip={DefenderQuery.MaxTop}");
        var (rest, end) = await PageAsync(("$skip", DefenderQuery.MaxTop.ToString(CultureInfo.InvariantCulture)));
        (rest.Count, end).ShouldBe((1, null));
    }

    private async Task<(List<JsonElement> Alerts, string? Next)> PageAsync(params (string, string)[] query)
    {
        var body = await AskRawAsync(DefenderEndpoint.GetAsync, query);
        return ([.. body.GetProperty("value").EnumerateArray()], body.TryGetProperty("@odata.nextLink", out var link) ? link.GetString() : null);
    }

    private async Task<IEnumerable<string?>> IdsAsync(params (string, string)[] query) =>
        (await AskAsync(ExporterEndpoint.GetAsync, query)).Select(alert => alert.GetProperty("AlertId").GetString());

    private async Task<IEnumerable<string?>> FilterAsync(string filter) =>
        (await AskAsync(DefenderEndpoint.GetAsync, ("$filter", filter))).Select(alert => alert.GetProperty("id").GetString()).Order(StringComparer.Ordinal);

    /// <summary>Time goes on a little; alerts arrive in any tenant, some of them late, some again, some written by a hub whose clock is off.</summary>
    private async Task HappenAsync(int step)
    {
        if (_random.Next(3) > 0) Time.Advance(TimeSpan.FromMilliseconds(_random.Next(4000)));
        for (var i = _random.Next(4); i > 0; i--)
        {
            var tenant = _tenants[_random.Next(_tenants.Count)];
            var id = _random.Next(3) == 0 ? $"{tenant.TenantKey}-again-{_random.Next(5)}" : $"{tenant.TenantKey}-{step}-{i}";
            var late = _random.Next(4) == 0 ? TimeSpan.FromMinutes(_random.Next(1, 90)) : TimeSpan.Zero;
            await AppendAsync(tenant, id, Time.GetUtcNow() - late, clock: new ShiftedTime(Time, TimeSpan.FromSeconds(_random.Next(-20, 3))));
        }
    }

    private Task AppendAsync(TenantRecord tenant, string id, DateTimeOffset updated, string more = "\"category\":\"Malware\"", TimeProvider? clock = null) =>
        AppendManyAsync(tenant, [id], updated, more, clock);

    private async Task AppendManyAsync(TenantRecord tenant, IEnumerable<string> ids, DateTimeOffset updated, string more = "\"category\":\"Malware\"", TimeProvider? clock = null)
    {
        var alerts = ids.Select(id =>
        {
            var raw = Encoding.UTF8.GetBytes(
                $$"""{"id":"{{id}}","severity":"high","status":"new","createdDateTime":"{{updated:O}}","lastUpdateDateTime":"{{updated:O}}",{{more}},"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","rbacGroupName":"Shopfloor"}]}""");
            return new CollectedAlert(id, updated, updated, AlertSeverity.High, AlertStatus.New, SHA256.HashData(raw), raw);
        }).ToList();
        await new AlertLog(Database, clock ?? Time).AppendAsync(tenant.TenantKey, tenant.Id, AlertSources.GraphAlerts, alerts, [], null, CancellationToken.None);
        if (!_tenants.Take(2).Contains(tenant)) return;
        foreach (var alert in alerts)
        {
            _versions.Add(AlertKey.Of(tenant.Id, AlertSources.GraphAlerts, alert.AlertId, alert.UpdatedAt.UtcTicks, alert.Digest.Span));
            if (_current.GetValueOrDefault(alert.AlertId) < alert.UpdatedAt) _current[alert.AlertId] = alert.UpdatedAt;
        }
    }

    private async Task<List<JsonElement>> AskAsync(Func<HttpContext, CompatMarks, CompatRows, CancellationToken, Task<IResult>> endpoint, params (string Name, string Value)[] query)
    {
        var body = await AskRawAsync(endpoint, query);
        return [.. (body.ValueKind == JsonValueKind.Array ? body : body.GetProperty("value")).EnumerateArray()];
    }

    /// <summary>A question to a hub that has just started: nothing is remembered but what the database holds.</summary>
    private async Task<JsonElement> AskRawAsync(Func<HttpContext, CompatMarks, CompatRows, CancellationToken, Task<IResult>> endpoint, params (string Name, string Value)[] query)
    {
        using var body = new MemoryStream();
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var http = new DefaultHttpContext { User = HubIdentity.PrincipalOf(_caller, "test"), RequestServices = services };
        var address = QueryHelpers.AddQueryString("", query.Select(pair => KeyValuePair.Create<string, string?>(pair.Name, pair.Value)));
        (http.Request.Scheme, http.Request.Host, http.Request.QueryString) = ("https", new HostString("hub.example"), new QueryString(address));
        http.Response.Body = body;
        await (await endpoint(http, new CompatMarks(Database, Time), new CompatRows(Database, Tenants()), CancellationToken.None)).ExecuteAsync(http);
        http.Response.StatusCode.ShouldBe(200, Encoding.UTF8.GetString(body.ToArray()));
        return JsonDocument.Parse(body.ToArray()).RootElement;
    }

    private AuditLog Audit() => new(_keyring, Time);

    private TenantStore Tenants() => new(Database, Audit(), new RowSeal(_keyring), new CloudCatalog(), Time);

    private sealed class ShiftedTime(TimeProvider of, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => of.GetUtcNow() + by;
    }
}

public sealed class SqliteConnectorTests : ConnectorContract
{
    [Theory]
    [InlineData("")]
    [InlineData("lastUpdateTime ge 2026-03-11T08:00:00Z")]
    [InlineData("lastUpdateTime ge 2026-03-11T08:00:00Z and incidentId eq 17")]
    public async Task What_one_tenants_key_asks_reads_the_tenants_alerts_once(string filter)
    {
        var values = new DynamicParameters();
        var query = new DefenderQuery(filter.Length == 0 ? null : DefenderFilterParser.Parse(filter), null, 0, "updated_at DESC");
        await using var connection = await Database.OpenAsync(CancellationToken.None);
        var plan = await connection.QueryAsync<(long, long, long, string Detail)>("EXPLAIN QUERY PLAN " + DefenderEndpoint.Select(query, [1], values), values);
        plan.Select(step => step.Detail).First().ShouldStartWith("SEARCH a ", customMessage: "for each row of the log, all alerts would be read again");
    }

    protected override Task<Database> CreateAsync() => SqliteAsync();
}

public sealed class PostgresConnectorTests : ConnectorContract
{
    protected override Task<Database> CreateAsync() => PostgresAsync();
}
