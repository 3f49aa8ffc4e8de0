using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using RabbitMQ.Client;
using Xunit;

namespace Bailiwick.Bench;

/// <summary>A receiver of every kind, over TLS on this machine, that counts and keeps nothing. All but the broker stand in this process.</summary>
internal sealed class SinkReceivers : IAsyncDisposable
{
    /// <summary>The cloud that the sink to Azure Monitor signs in to.</summary>
    public const string Cloud = "sinks";

    private const string Key = "key-of-the-benchmark";
    private const string Exchange = "alerts";
    private const string Rule = "dcr-0123456789abcdef0123456789abcdef";
    private const string Stream = "Custom-BailiwickAlerts_CL";

    private readonly string _folder = Directory.CreateTempSubdirectory("bailiwick-bench-").FullName;
    private readonly LocalAuthority _authority = new(TimeProvider.System);
    private readonly X509Certificate2 _certificate;
    private readonly List<IAsyncDisposable> _open = [];
    private readonly Guid _application = Guid.NewGuid();
    private long _events;
    private long _documents;
    private long _requests;
    private long _rows;

    private SinkReceivers()
    {
        _certificate = _authority.IssueForLoopback();
        File.WriteAllText(CaFile, _authority.CertificatePem);
    }

    /// <summary>PEM file of the CA behind all of them.</summary>
    public string CaFile => Path.Combine(_folder, "ca.pem");

    /// <summary>Where the sink to Azure Monitor signs in and delivers.</summary>
    public Uri AzureLogs { get; private set; } = new("https://127.0.0.1");

    /// <summary>What can be measured, in the order of the report.</summary>
    public List<SinkTrial> Trials { get; } = [];

    /// <summary>Why the broker is not among them; null when it is.</summary>
    public string? NoBroker { get; private set; }

    public static async Task<SinkReceivers> StartAsync()
    {
        var all = new SinkReceivers();
        all.AddFiles();
        await all.AddHttpAsync();
        all.AddSyslog();
        await all.AddAzureLogsAsync();
        try
        {
            await all.AddBrokerAsync();
        }
        catch (Exception absent) when (absent is SkipException or TimeoutException)
        {
            all.NoBroker = absent.Message;
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open) await open.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void AddFiles()
    {
        var runs = new Dictionary<string, LineCount>();
        LineCount Of(string run) => runs.TryGetValue(run, out var known) ? known : runs[run] = new LineCount(Path.Combine(_folder, run));
        Trials.Add(new SinkTrial("jsonlines: files with fsync", "jsonlines", run => new { directory = Of(run).Folder }, null, run => Of(run).Read(), null));
    }

    private async Task AddHttpAsync()
    {
        var hec = await HecReceiver.StartAsync(
            new HecReceiverOptions { Token = Key, Certificate = _certificate, Acknowledgement = true, Took = _ => Interlocked.Increment(ref _events) }, CancellationToken.None);
        _open.Add(hec);
        Add("splunk-hec with acknowledgement", "splunk-hec", _ => new { url = hec.Url, acknowledgement = true, caFile = CaFile }, Key, () => Interlocked.Read(ref _events));
        var index = await ElasticsearchReceiver.StartAsync(
            new ElasticsearchReceiverOptions { Authorization = $"ApiKey {Key}", Certificate = _certificate, Took = _ => Interlocked.Increment(ref _documents) }, CancellationToken.None);
        _open.Add(index);
        Add(
            "elasticsearch", "elasticsearch", run => new { url = index.Url, dataStream = $"logs-bailiwick.alert-{run}", caFile = CaFile }, Key,
            () => Interlocked.Read(ref _documents));
        var hook = await WebhookReceiver.StartAsync(
            new WebhookReceiverOptions { Key = Key, Certificate = _certificate, Took = _ => Interlocked.Increment(ref _requests) }, CancellationToken.None);
        _open.Add(hook);
        foreach (var body in new[] { "single", "ndjson" })
            Add($"webhook, body {body}", "webhook", _ => new { url = hook.Url, body, caFile = CaFile }, Key, () => Interlocked.Read(ref _requests));
    }

    private void AddSyslog()
    {
        var syslog = SyslogListener.Start(new SyslogListenerOptions { Certificate = _certificate });
        _open.Add(syslog);
        Add("syslog, CEF, sent without acknowledgement", "syslog", _ => new { host = "127.0.0.1", port = syslog.Port, caFile = CaFile }, null, () => syslog.Count);
    }

    private async Task AddAzureLogsAsync()
    {
        var table = await AzureLogsReceiver.StartAsync(
            new AzureLogsReceiverOptions
            {
                Tenant = _application,
                ClientId = _application,
                ClientSecret = Key,
                Rule = Rule,
                Stream = Stream,
                Certificate = _certificate,
                Took = _ => Interlocked.Increment(ref _rows),
            },
            CancellationToken.None);
        _open.Add(table);
        AzureLogs = table.Url;
        Add(
            "azure-logs", "azure-logs",
            _ => new { endpoint = table.Url, rule = Rule, stream = Stream, cloud = Cloud, tenant = _application, clientId = _application, caFile = CaFile }, Key,
            () => Interlocked.Read(ref _rows));
    }

    private async Task AddBrokerAsync()
    {
        var server = await RabbitMqServer.SharedOrSkipAsync();
        var factory = new ConnectionFactory { HostName = "127.0.0.1", Port = server.Port, UserName = RabbitMqServer.User, Password = RabbitMqServer.Password };
        var connection = await factory.CreateConnectionAsync();
        _open.Add(connection);
        var channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken.None);
        _open.Add(channel);
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true, cancellationToken: CancellationToken.None);
        await channel.QueueDeclareAsync(Exchange, durable: true, exclusive: false, autoDelete: false, cancellationToken: CancellationToken.None);
        await channel.QueueBindAsync(Exchange, Exchange, "#", cancellationToken: CancellationToken.None);
        var broker = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(Path.Combine(server.Folder, "pid"), CancellationToken.None), CultureInfo.InvariantCulture));
        Trials.Add(new SinkTrial(
            "rabbitmq, one durable queue", "rabbitmq",
            _ => new { host = "127.0.0.1", port = server.TlsPort, user = RabbitMqServer.User, exchange = Exchange, caFile = server.CaFile }, RabbitMqServer.Password, null,
            ("broker", () => CpuOf(broker))));
    }

    private void Add(string what, string kind, Func<string, object> settings, string? secret, Func<long> taken) =>
        Trials.Add(new SinkTrial(what, kind, settings, secret, _ => taken(), ("receiver", () => Environment.CpuUsage.TotalTime)));

    private static TimeSpan CpuOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }
}
