namespace Bailiwick.Server.Configuration;

/// <summary>What the hub is for, and so how strict it is about addresses.</summary>
public enum Profile
{
    /// <summary>Real customers. Refuses stand-ins, plain http and borrowed clocks.</summary>
    Production,

    /// <summary>Automatic tests: plain http to 127.0.0.1 is allowed for everything but sign-in.</summary>
    Test,

    /// <summary>As <see cref="Test"/>, started by <c>bailiwick demo</c>.</summary>
    Demo,
}

/// <summary>
/// The hub's configuration, from (weakest first) the file named by <c>--config</c>, the environment (<c>BAILIWICK_…</c>, <c>__</c> between the parts of a
/// name) and flags. Read once at start; <see cref="ConfigValidator"/> has looked at it before anything is opened.
/// </summary>
public sealed class ServerOptions
{
    /// <summary>Where the hub keeps its database, vault and key files. <c>.data/hub</c>. Made with owner-only rights when absent.</summary>
    public string Data { get; set; } = Path.Combine(".data", "hub");

    /// <summary>The addresses to listen on, and no others. <c>http://127.0.0.1:8480</c>. Port 0 takes a free one.</summary>
    public IReadOnlyList<string> Urls { get; set; } = ["http://127.0.0.1:8480"];

    /// <summary>Host names this hub answers for besides those of <see cref="Urls"/>; for a hub behind a proxy. Empty.</summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>What the hub is for. <see cref="Configuration.Profile.Production"/>.</summary>
    public Profile Profile { get; set; } = Profile.Production;

    /// <summary>A PostgreSQL connection string; null (default) means SQLite in the data directory.</summary>
    public string? Database { get; set; }

    /// <summary>A file that holds the PostgreSQL connection string, readable by its owner only. Null.</summary>
    public string? DatabaseFile { get; set; }

    /// <summary>Certificate (chain) in PEM for https addresses. Null.</summary>
    public string? TlsCertificateFile { get; set; }

    /// <summary>The certificate's unencrypted private key in PEM, readable by its owner only. Null.</summary>
    public string? TlsKeyFile { get; set; }

    /// <summary>The named clouds: the built-in ones (<c>public</c>, <c>usgov</c>) and those configured, which may replace them.</summary>
    public IDictionary<string, CloudOptions> Clouds { get; } = CloudOptions.BuiltIn();

    /// <summary>How each source is walked, by its name.</summary>
    public IDictionary<string, SourceOptions> Sources { get; } = SourceOptions.Defaults();

    /// <summary>Time between two comparisons of a tenant's sources. 1 h; zero switches comparing off; at least 1 min else.</summary>
    public TimeSpan ReconcileEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Exact <c>host:port</c> pairs on loopback or private addresses that sinks may reach. Empty.</summary>
    public IReadOnlyList<string> AllowedPrivateEndpoints { get; set; } = [];

    /// <summary>Ports of public addresses that sinks may reach. 443; add 8088 for an HTTP event collector or 6514 for syslog over TLS out there.</summary>
    public IReadOnlyList<int> AllowedPorts { get; set; } = [443];

    /// <summary>A forward proxy for connections that leave; null means none. The environment's proxy variables are never read.</summary>
    public string? Proxy { get; set; }

    /// <summary>Where OpenTelemetry is exported to (OTLP over HTTP, for example <c>http://127.0.0.1:4318</c>); null means nowhere.</summary>
    public string? OtlpEndpoint { get; set; }

    /// <summary>The twin's control address to take the clock from; test and demo only. Null.</summary>
    public string? Clock { get; set; }
}
