namespace Bailiwick.Hub.Telemetry;

/// <summary>Names of the meters. Everything that is measured hangs on one of them.</summary>
public static class Meters
{
    /// <summary>What every meter of this product begins with; <c>/metrics</c> shows these and no others.</summary>
    public const string Prefix = "Bailiwick.";

    /// <summary>Collectors.</summary>
    public const string Collectors = "Bailiwick.Collectors";

    /// <summary>The alert log.</summary>
    public const string Alerts = "Bailiwick.Alerts";

    /// <summary>Delivery to sinks.</summary>
    public const string Delivery = "Bailiwick.Delivery";

    /// <summary>Tokens.</summary>
    public const string Tokens = "Bailiwick.Tokens";

    /// <summary>Vault.</summary>
    public const string Vault = "Bailiwick.Vault";

    /// <summary>Audit log.</summary>
    public const string Audit = "Bailiwick.Audit";

    /// <summary>Connections that leave.</summary>
    public const string Outbound = "Bailiwick.Outbound";

    /// <summary>The REST API.</summary>
    public const string Server = "Bailiwick.Server";
}

/// <summary>Names of the activity sources (traces).</summary>
public static class Activities
{
    /// <summary>A span per walk and per page.</summary>
    public const string Collectors = "Bailiwick.Collectors";

    /// <summary>A span per delivery attempt.</summary>
    public const string Delivery = "Bailiwick.Delivery";

    /// <summary>A span per token request.</summary>
    public const string Tokens = "Bailiwick.Tokens";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Collectors, Delivery, Tokens];
}

/// <summary>Label names. Values come from closed sets or from configuration, never from messages, addresses or alert content.</summary>
public static class Labels
{
    /// <summary>A source's name.</summary>
    public const string Source = "source";

    /// <summary>A sink's name.</summary>
    public const string Sink = "sink";

    /// <summary>A member of the closed set of failures, lower case.</summary>
    public const string Reason = "reason";

    /// <summary>How something ended: <c>clean</c>, <c>unclean</c>, <c>acquired</c>, <c>refused</c> …</summary>
    public const string Result = "result";

    /// <summary>A plane: <c>graph</c>, <c>defender</c>, <c>exporter</c>.</summary>
    public const string Audience = "audience";

    /// <summary>An act: <c>store</c>, <c>open</c>, <c>destroy</c> …</summary>
    public const string Act = "act";
}

/// <summary>Every instrument of the product.</summary>
public static class Instruments
{
    /// <summary>Alerts that arrived in pages.</summary>
    public static readonly Instrument AlertsRead = new("bailiwick.collector.alerts.read", InstrumentKind.Counter, "{alert}", "Alerts read from a source, repeats included.", Labels.Source);

    /// <summary>Pages read.</summary>
    public static readonly Instrument PagesRead = new("bailiwick.collector.pages.read", InstrumentKind.Counter, "{page}", "Pages read from a source.", Labels.Source);

    /// <summary>Requests to a source.</summary>
    public static readonly Instrument SourceRequests = new("bailiwick.collector.requests", InstrumentKind.Counter, "{request}", "Requests to a source by how they ended: page, or the reason of the failure.", Labels.Source, Labels.Result);

    /// <summary>Records that cannot go into the log.</summary>
    public static readonly Instrument AlertsRejected = new("bailiwick.collector.alerts.rejected", InstrumentKind.Counter, "{alert}", "Records set aside because they cannot go into the log.", Labels.Source, Labels.Reason);

    /// <summary>Walks that ended.</summary>
    public static readonly Instrument Walks = new("bailiwick.collector.walks", InstrumentKind.Counter, "{walk}", "Walks that ended; only a clean one moves the checkpoint.", Labels.Source, Labels.Result);

    /// <summary>Length of walks.</summary>
    public static readonly Instrument WalkDuration = new("bailiwick.collector.walk.duration", InstrumentKind.Histogram, "s", "Time a walk took.", Labels.Source);

    /// <summary>Throttled answers.</summary>
    public static readonly Instrument Throttled = new("bailiwick.collector.throttled", InstrumentKind.Counter, "{answer}", "Answers that asked for a pause (429). In a steady state this stays 0.", Labels.Source);

    /// <summary>Alerts set aside because their own tenant field names another tenant.</summary>
    public static readonly Instrument Quarantined = new("bailiwick.collector.alerts.quarantined", InstrumentKind.Counter, "{alert}", "Alerts whose own tenant is not the tenant polled; never forwarded.", Labels.Source);

    /// <summary>Lag of a source.</summary>
    public static readonly Instrument CollectorLag = new("bailiwick.collector.lag", InstrumentKind.Gauge, "s", "Now minus the checkpoint, of the tenant that is furthest behind; the status address has every tenant's.", Labels.Source);

    /// <summary>Collectors that fail.</summary>
    public static readonly Instrument CollectorsFailing = new("bailiwick.collector.failing", InstrumentKind.Gauge, "{tenant}", "Tenants whose last walk was not clean.", Labels.Source);

    /// <summary>Versions appended.</summary>
    public static readonly Instrument VersionsAppended = new("bailiwick.alerts.versions.appended", InstrumentKind.Counter, "{version}", "New alert versions in the logs.", Labels.Source);

    /// <summary>Repeats recognised.</summary>
    public static readonly Instrument VersionsRepeated = new("bailiwick.alerts.versions.repeated", InstrumentKind.Counter, "{version}", "Versions that the log already held.", Labels.Source);

    /// <summary>Length of the page transaction.</summary>
    public static readonly Instrument AppendDuration = new("bailiwick.alerts.append.duration", InstrumentKind.Histogram, "s", "Time of the transaction that stores one page.");

    /// <summary>Versions a sink confirmed.</summary>
    public static readonly Instrument Delivered = new("bailiwick.delivery.versions.delivered", InstrumentKind.Counter, "{version}", "Versions a sink confirmed.", Labels.Sink);

    /// <summary>Failed attempts.</summary>
    public static readonly Instrument DeliveryFailures = new("bailiwick.delivery.failures", InstrumentKind.Counter, "{attempt}", "Attempts that failed.", Labels.Sink, Labels.Reason);

    /// <summary>Dead letters written.</summary>
    public static readonly Instrument DeadLettered = new("bailiwick.delivery.deadletters", InstrumentKind.Counter, "{version}", "Versions a sink refused for good.", Labels.Sink, Labels.Reason);

    /// <summary>Length of attempts.</summary>
    public static readonly Instrument DeliveryDuration = new("bailiwick.delivery.duration", InstrumentKind.Histogram, "s", "Time of one attempt.", Labels.Sink);

    /// <summary>Versions waiting for a sink.</summary>
    public static readonly Instrument DeliveryWaiting = new("bailiwick.delivery.waiting", InstrumentKind.Gauge, "{version}", "Versions in the logs that the sink has not confirmed, over all tenants.", Labels.Sink);

    /// <summary>How long a sink has taken nothing.</summary>
    public static readonly Instrument DeliveryFailing = new("bailiwick.delivery.failing", InstrumentKind.Gauge, "s", "Time since the present row of failures began; 0 while the sink takes what it gets.", Labels.Sink);

    /// <summary>Token requests.</summary>
    public static readonly Instrument TokenRequests = new("bailiwick.tokens.requests", InstrumentKind.Counter, "{request}", "Requests to the sign-in service; cached tokens do not count.", Labels.Audience, Labels.Result);

    /// <summary>Acts of the vault.</summary>
    public static readonly Instrument VaultActs = new("bailiwick.vault.acts", InstrumentKind.Counter, "{act}", "Credentials stored, opened and destroyed.", Labels.Act, Labels.Result);

    /// <summary>Audit records.</summary>
    public static readonly Instrument AuditRecords = new("bailiwick.audit.records", InstrumentKind.Counter, "{record}", "Audit records appended.");

    /// <summary>Refused connections.</summary>
    public static readonly Instrument OutboundRefused = new("bailiwick.outbound.refused", InstrumentKind.Counter, "{connection}", "Connections the hub's own rules refused.");

    /// <summary>Answers of the REST API.</summary>
    public static readonly Instrument Answers = new("bailiwick.server.answers", InstrumentKind.Counter, "{answer}", "Answers of the REST API by class of status: 2xx, 3xx, 4xx, 5xx.", Labels.Result);

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<Instrument> All { get; } =
    [
        AlertsRead, PagesRead, SourceRequests, AlertsRejected, Walks, WalkDuration, Throttled, Quarantined, CollectorLag, CollectorsFailing, VersionsAppended, VersionsRepeated, AppendDuration, Delivered,
        DeliveryFailures, DeadLettered, DeliveryDuration, DeliveryWaiting, DeliveryFailing, TokenRequests, VaultActs, AuditRecords, OutboundRefused, Answers,
    ];
}
