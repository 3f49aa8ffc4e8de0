namespace Bailiwick.Api;

/// <summary>Every address of the hub. Patterns in braces are for the server; the client fills them through <see cref="Fill"/>.</summary>
public static class Routes
{
    /// <summary>GET (list), POST (add).</summary>
    public const string Customers = "/api/v1/customers";

    /// <summary>GET.</summary>
    public const string Customer = "/api/v1/customers/{customer}";

    /// <summary>POST: adds a tenant.</summary>
    public const string CustomerTenants = "/api/v1/customers/{customer}/tenants";

    /// <summary>POST: puts collection on hold until a time.</summary>
    public const string CustomerPause = "/api/v1/customers/{customer}/pause";

    /// <summary>POST: ends a pause.</summary>
    public const string CustomerResume = "/api/v1/customers/{customer}/resume";

    /// <summary>POST: many customers and tenants, all or none; up to 10 MiB.</summary>
    public const string CustomerImport = "/api/v1/customers/import";

    /// <summary>GET (list), POST (add).</summary>
    public const string Applications = "/api/v1/applications";

    /// <summary>DELETE.</summary>
    public const string Application = "/api/v1/applications/{name}";

    /// <summary>GET (list).</summary>
    public const string Connections = "/api/v1/connections";

    /// <summary>POST: connects up to 50 tenants app-only.</summary>
    public const string ConnectAppOnly = "/api/v1/connections/app-only";

    /// <summary>GET, DELETE (disconnects and destroys the credential).</summary>
    public const string Connection = "/api/v1/connections/{tenant}";

    /// <summary>POST: begins the authorization code flow.</summary>
    public const string ConnectCode = "/api/v1/connections/{tenant}/code";

    /// <summary>GET, for browsers: the page behind a connect link. POST, from that page alone: goes on to the sign-in service.</summary>
    public const string ConnectPage = "/connect/{link}";

    /// <summary>GET, for browsers: where the sign-in service sends the person back to.</summary>
    public const string ConnectCallback = "/connect/callback";

    /// <summary>GET: query <c>customer tenant from to severity status limit cursor</c>.</summary>
    public const string Alerts = "/api/v1/alerts";

    /// <summary>GET: query <c>tenant source id</c>. The id is opaque, so it travels in the query, not in the path.</summary>
    public const string Alert = "/api/v1/alerts/one";

    /// <summary>GET: the upstream JSON of one version, byte for byte.</summary>
    public const string AlertRaw = "/api/v1/tenants/{tenant}/log/{number}";

    /// <summary>GET (list), POST (add).</summary>
    public const string Sinks = "/api/v1/sinks";

    /// <summary>GET: the kinds this hub can make.</summary>
    public const string SinkKinds = "/api/v1/sinks/kinds";

    /// <summary>GET, DELETE.</summary>
    public const string Sink = "/api/v1/sinks/{name}";

    /// <summary>POST.</summary>
    public const string SinkPark = "/api/v1/sinks/{name}/park";

    /// <summary>POST.</summary>
    public const string SinkUnpark = "/api/v1/sinks/{name}/unpark";

    /// <summary>POST: sends one marked test record.</summary>
    public const string SinkTest = "/api/v1/sinks/{name}/test";

    /// <summary>GET (list), POST (add).</summary>
    public const string Feeds = "/api/v1/feeds";

    /// <summary>DELETE.</summary>
    public const string Feed = "/api/v1/feeds/{name}";

    /// <summary>GET: the next records and a receipt. Query <c>max</c>.</summary>
    public const string FeedNext = "/api/v1/feeds/{name}/next";

    /// <summary>POST: confirms a receipt.</summary>
    public const string FeedAck = "/api/v1/feeds/{name}/ack";

    /// <summary>GET (list): query <c>sink tenant reason from to state limit cursor</c>.</summary>
    public const string DeadLetters = "/api/v1/deadletters";

    /// <summary>GET.</summary>
    public const string DeadLetter = "/api/v1/deadletters/{id}";

    /// <summary>GET: the bytes, as they were received.</summary>
    public const string DeadLetterRaw = "/api/v1/deadletters/{id}/raw";

    /// <summary>POST: discards one for good.</summary>
    public const string DeadLetterDiscard = "/api/v1/deadletters/{id}/discard";

    /// <summary>POST: delivers one again.</summary>
    public const string DeadLetterReplay = "/api/v1/deadletters/{id}/replay";

    /// <summary>POST: delivers a selection again.</summary>
    public const string DeadLettersReplay = "/api/v1/deadletters/replay";

    /// <summary>POST: discards a selection.</summary>
    public const string DeadLettersDiscard = "/api/v1/deadletters/discard";

    /// <summary>GET: alerts as the retired alert exporter gave them. Query <c>sinceTimeUtc untilTimeUtc ago limit machinegroups</c>.</summary>
    public const string CompatExporterAlerts = "/compat/exporter/api/alerts";

    /// <summary>GET: alerts as Defender lists them. Query <c>$filter $top $skip $expand $orderby</c>.</summary>
    public const string CompatDefenderAlerts = "/compat/defender/api/alerts";

    /// <summary>POST, open to all: an access token for an API key, in the v1 form.</summary>
    public const string CompatToken = "/compat/oauth2/token";

    /// <summary>POST, open to all: as <see cref="CompatToken"/>; the tenant is not looked at.</summary>
    public const string CompatTenantToken = "/compat/{tenant}/oauth2/token";

    /// <summary>POST, open to all: as <see cref="CompatTenantToken"/>, in the v2.0 form.</summary>
    public const string CompatTenantTokenV2 = "/compat/{tenant}/oauth2/v2.0/token";

    /// <summary>GET (list), POST (make).</summary>
    public const string Keys = "/api/v1/keys";

    /// <summary>DELETE (revokes).</summary>
    public const string Key = "/api/v1/keys/{id}";

    /// <summary>GET (list, newest first): query <c>tenant limit cursor</c>.</summary>
    public const string Audit = "/api/v1/audit";

    /// <summary>GET: checks the whole chain.</summary>
    public const string AuditVerify = "/api/v1/audit/verify";

    /// <summary>GET: the hub, totals, sinks.</summary>
    public const string Status = "/api/v1/status";

    /// <summary>GET (list): how each tenant stands. Query <c>limit cursor</c>.</summary>
    public const string StatusTenants = "/api/v1/status/tenants";

    /// <summary>GET (list): whether anything is missing. Query <c>customer tenant source from to holes limit cursor</c>.</summary>
    public const string Coverage = "/api/v1/coverage";

    /// <summary>GET (list): what one source of a tenant shows and another does not. Query <c>customer tenant limit cursor</c>.</summary>
    public const string CoverageDifferences = "/api/v1/coverage/differences";

    /// <summary>GET, open to all: 200 while the process runs.</summary>
    public const string HealthLive = "/health/live";

    /// <summary>GET, open to all: 200 only when collecting can work, else 503 with reasons.</summary>
    public const string HealthReady = "/health/ready";

    /// <summary>GET: Prometheus text.</summary>
    public const string Metrics = "/metrics";

    /// <summary>GET, open to all: the OpenAPI 3.1 document.</summary>
    public const string OpenApi = "/openapi/v1.json";

    /// <summary>Puts values into the braces of a pattern, in order, percent-encoded.</summary>
    /// <exception cref="ArgumentException">More or fewer values than braces.</exception>
    public static string Fill(string pattern, params ReadOnlySpan<string> values)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var filled = pattern;
        foreach (var value in values)
        {
            var open = filled.IndexOf('{', StringComparison.Ordinal);
            var close = filled.IndexOf('}', StringComparison.Ordinal);
            if (open < 0 || close < open) throw new ArgumentException($"The pattern {pattern} has fewer places than values.");
            filled = string.Concat(filled.AsSpan(0, open), Uri.EscapeDataString(value), filled.AsSpan(close + 1));
        }

        return filled.Contains('{', StringComparison.Ordinal) ? throw new ArgumentException($"The pattern {pattern} has more places than values.") : filled;
    }
}
