using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Syslog;

namespace Bailiwick.Hub.Sinks.Syslog;

/// <summary>What an operator stores for a syslog sink.</summary>
/// <param name="Host">Name or address of the receiver.</param>
/// <param name="Port">TCP port; 6514 with TLS and 514 without unless given.</param>
/// <param name="Tls">TLS, the default.</param>
/// <param name="CaFile">PEM file of the CAs to trust for this receiver alone; null for the system's own.</param>
/// <param name="Newline">False (default, <c>"framing":"octet-counting"</c>, RFC 6587 §3.4.1); true (<c>"newline"</c>) ends each message with LF.</param>
/// <param name="Header">What every message's header says.</param>
public sealed record SyslogSettings(string Host, int Port, bool Tls, string? CaFile, bool Newline, SyslogHeader Header)
{
    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static SyslogSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var tls = reader.Flag("tls", true);
        var read = new SyslogSettings(
            reader.Text("host", required: true, limit: 255) ?? "",
            reader.Whole("port", 1, 65535, tls ? 6514 : 514),
            tls,
            reader.FullPath("caFile"),
            reader.OneOf("framing", "octet-counting", "newline") == "newline",
            new SyslogHeader(
                reader.Whole("facility", 0, 23, 16),
                SyslogHeader.Name(reader.Text("hostName", limit: 255) ?? Environment.MachineName, 255),
                SyslogHeader.Name(reader.Text("appName", limit: 48) ?? "bailiwick", 48),
                reader.Flag("bom", true),
                reader.Whole("maxMessageBytes", 2048, 1 << 20, 32 * 1024)));
        if (Uri.CheckHostName(read.Host) is UriHostNameType.Unknown && read.Host.Length > 0) reader.Fault("'host' is neither a name nor an address.");
        if (read.CaFile is not null && !tls) reader.Fault("'caFile' goes with tls only.");
        faults = reader.Faults();
        return read;
    }
}

/// <summary>CEF over RFC 5424 syslog.</summary>
public sealed class SyslogKind : ISinkKind
{
    /// <inheritdoc/>
    public string Name => "syslog";

    /// <inheritdoc/>
    public string Summary => "CEF in RFC 5424 messages over TLS or TCP; sent, since syslog has no acknowledgement.";

    /// <inheritdoc/>
    public bool NeedsSecret => false;

    /// <inheritdoc/>
    public IReadOnlyList<string> Validate(JsonElement settings)
    {
        SyslogSettings.Read(settings, out var faults);
        return faults;
    }

    /// <inheritdoc/>
    public SinkClass ClassOf(JsonElement settings) => SinkClass.Sent;

    /// <inheritdoc/>
    public ISink Create(SinkCreation creation)
    {
        ArgumentNullException.ThrowIfNull(creation);
        var settings = SyslogSettings.Read(creation.Settings, out _);
        var outbound = creation.Outbound;
        return new SyslogSink(settings, stop => outbound.ConnectAsync(settings.Host, settings.Port, TlsOptions(settings), stop), creation.Time);
    }

    /// <summary>How to check the receiver's certificate; null without TLS.</summary>
    internal static SslClientAuthenticationOptions? TlsOptions(SyslogSettings settings)
    {
        if (!settings.Tls) return null;
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Host };
        if (SinkFailures.LoadCa(settings.CaFile) is not { } ca) return options;
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(ca);
        return options;
    }
}
