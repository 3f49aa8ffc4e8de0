using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Syslog;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>What an operator stores for a syslog sink.</summary>
/// <param name="Host">Name or address of the receiver.</param>
/// <param name="Port">6514 with TLS and 514 without unless given.</param>
/// <param name="Tls">TLS, the default.</param>
/// <param name="CaFile">PEM file of the CAs to trust for this receiver alone; null for the system's own.</param>
/// <param name="Newline">False (default, <c>"framing":"octet-counting"</c>, RFC 6587 §3.4.1); true (<c>"newline"</c>) ends each message with LF.</param>
/// <param name="Header">What every message's header says.</param>
/// <param name="Udp">Datagrams instead of a connection; only when asked for.</param>
/// <param name="ClientCertificate">PEM file of the certificate shown to the receiver; null for none.</param>
/// <param name="ClientKey">PEM file of its private key; readable by its owner only.</param>
public sealed record SyslogSettings(
    string Host,
    int Port,
    bool Tls,
    string? CaFile,
    bool Newline,
    SyslogHeader Header,
    bool Udp = false,
    string? ClientCertificate = null,
    string? ClientKey = null)
{
    /// <summary>The largest payload that a datagram carries over IPv4 and IPv6 alike, options aside.</summary>
    private const int MaxDatagramBytes = 65_000;

    /// <summary>What a message says; CEF by default.</summary>
    public SyslogBody Body { get; init; } = SyslogBody.Cef;

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static SyslogSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var udp = reader.OneOf("transport", "tcp", "udp") == "udp";
        var tls = reader.Flag("tls", !udp);
        var body = SyslogBody.Get(reader.OneOf("format", SyslogBody.Names));
        var newline = reader.OneOf("framing", "octet-counting", "newline") == "newline";
        var read = new SyslogSettings(
            reader.Text("host", required: true, limit: 255) ?? "",
            reader.Whole("port", 1, 65535, tls ? 6514 : 514),
            tls,
            reader.FullPath("caFile"),
            newline,
            new SyslogHeader(
                reader.Whole("facility", 0, 23, 16),
                SyslogHeader.Name(reader.Text("hostName", limit: 255) ?? Environment.MachineName, 255),
                SyslogHeader.Name(reader.Text("appName", limit: 48) ?? "bailiwick", 48),
                reader.Flag("bom", body.Bom),
                udp ? reader.Whole("maxMessageBytes", 2048, MaxDatagramBytes, 8 * 1024) : reader.Whole("maxMessageBytes", 2048, 1 << 20, 32 * 1024)),
            udp,
            reader.FullPath("clientCertificate"),
            reader.FullPath("clientKey"))
        {
            Body = body,
        };
        if (Uri.CheckHostName(read.Host) is UriHostNameType.Unknown && read.Host.Length > 0) reader.Fault("'host' is neither a name nor an address.");
        if (udp && tls) reader.Fault("'tls' does not go over the transport udp.");
        if (udp && newline) reader.Fault("'framing' does not go with the transport udp: a datagram is one message.");
        if (read.CaFile is not null && !tls) reader.Fault("'caFile' goes with tls only.");
        if ((read.ClientCertificate is not null || read.ClientKey is not null) && !tls) reader.Fault("'clientCertificate' and 'clientKey' go with tls only.");
        if (read.ClientCertificate is null != read.ClientKey is null) reader.Fault("'clientCertificate' and 'clientKey' go together.");
        faults = reader.Faults();
        return read;
    }
}

/// <summary>RFC 5424 syslog with CEF or JSON.</summary>
public sealed class SyslogKind() : SinkKind<SyslogSettings>(
    "syslog",
    "CEF, LEEF or JSON in RFC 5424 messages over TLS, TCP or, when asked for, UDP; sent or best effort, since syslog has no acknowledgement.",
    needsSecret: false)
{
    /// <inheritdoc/>
    protected override SyslogSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => SyslogSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(SyslogSettings settings) => settings.Udp ? SinkClass.BestEffort : SinkClass.Sent;

    /// <inheritdoc/>
    protected override ISink Create(SyslogSettings settings, SinkCreation creation)
    {
        var outbound = creation.Outbound;
        return settings.Udp
            ? new SyslogDatagramSink(settings, stop => outbound.OpenDatagramsAsync(settings.Host, settings.Port, stop))
            : new SyslogSink(settings, stop => outbound.ConnectAsync(settings.Host, settings.Port, TlsOptions(settings), stop), creation.Time);
    }

    /// <summary>How to check the receiver's certificate and which one to show; null without TLS.</summary>
    /// <exception cref="UnusableSettingException">A file that the settings name cannot be used.</exception>
    internal static SslClientAuthenticationOptions? TlsOptions(SyslogSettings settings)
    {
        if (!settings.Tls) return null;
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Host };
        if (settings is { ClientCertificate: { } certificate, ClientKey: { } key }) options.ClientCertificateContext = ClientCertificate.Load(certificate, key);
        if (SinkFailures.LoadCa(settings.CaFile) is not { } ca) return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(ca);
        return options;
    }
}
