using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Receivers;
using Xunit;

namespace Bailiwick.Testing;

/// <summary>
/// A real rsyslogd of one's own on free ports of 127.0.0.1: plain TCP, TLS, TLS that asks for a client certificate, and UDP; everything received is written raw
/// and as parsed JSON, one message a line.
/// </summary>
public sealed class Rsyslog : IAsyncDisposable
{
    private const string Program = "/usr/sbin/rsyslogd";
    private readonly Process _process;
    private readonly LocalAuthority _authority;
    private readonly TestCa _clients;

    private Rsyslog(Process process, LocalAuthority authority, TestCa clients, string folder, Ports ports)
    {
        _process = process;
        _authority = authority;
        _clients = clients;
        Folder = folder;
        (TcpPort, TlsPort, MutualTlsPort, UdpPort) = (ports.Tcp, ports.Tls, ports.MutualTls, ports.Udp);
    }

    public string Folder { get; }

    public int TcpPort { get; }

    public int TlsPort { get; }

    /// <summary>TLS for those with a certificate of <see cref="IssueClient"/> only.</summary>
    public int MutualTlsPort { get; }

    public int UdpPort { get; }

    /// <summary>PEM file of the CA that issued the TLS certificate.</summary>
    public string CaFile => Path.Combine(Folder, "ca.pem");

    /// <summary>One message a line, exactly as received (controls would be escaped as <c>#nnn</c>).</summary>
    public IReadOnlyList<string> Raw => Read("raw.log");

    /// <summary>One JSON object a line: <c>pri, time, host, app, msgid, sd, msg</c> as rsyslog's own RFC 5424 parser read them.</summary>
    public IReadOnlyList<string> Parsed => Read("parsed.json");

    /// <summary>Starts rsyslogd or skips the test with the reason.</summary>
    public static async Task<Rsyslog> StartOrSkipAsync()
    {
        Skip.IfNot(File.Exists(Program), $"{Program} is not installed (Debian: rsyslog, rsyslog-openssl).");
        Skip.IfNot(Directory.GetDirectories("/usr/lib").Any(folder => File.Exists(Path.Combine(folder, "rsyslog", "lmnsd_ossl.so"))), "rsyslog's TLS driver is not installed (Debian: rsyslog-openssl).");
        var folder = Directory.CreateTempSubdirectory("bailiwick-rsyslog-").FullName;
        var authority = new LocalAuthority(TimeProvider.System);
        using (var certificate = authority.IssueForLoopback())
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), authority.CertificatePem + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem() + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        }

        var clients = new TestCa("Bailiwick test clients");
        await File.WriteAllTextAsync(Path.Combine(folder, "trusted.pem"), $"{authority.CertificatePem}\n{clients.Authority.ExportCertificatePem()}\n");
        var ports = new Ports(LocalPort.Free(), LocalPort.Free(), LocalPort.Free(), LocalPort.Free());
        await File.WriteAllTextAsync(Path.Combine(folder, "rsyslog.conf"), Configuration(folder, ports));
        var start = new ProcessStartInfo(Program, ["-n", "-f", Path.Combine(folder, "rsyslog.conf"), "-i", Path.Combine(folder, "pid")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var rsyslog = new Rsyslog(process, authority, clients, folder, ports);
        await Until.TrueAsync(() => process.HasExited || (LocalPort.Answers(ports.Tcp) && LocalPort.Answers(ports.Tls) && LocalPort.Answers(ports.MutualTls) && ListensToDatagrams(ports.Udp)), "rsyslogd listens");
        if (process.HasExited) throw new InvalidOperationException($"rsyslogd did not start: {await process.StandardError.ReadToEndAsync()}");
        return rsyslog;
    }

    /// <summary>A client certificate that <see cref="MutualTlsPort"/> takes, as PEM files; the key is readable by its owner only.</summary>
    public (string Certificate, string Key) IssueClient() => _clients.WriteClient(Folder);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _authority.Dispose();
        _clients.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Configuration(string folder, Ports ports) => $$"""
        global(workDirectory="{{folder}}" maxMessageSize="512k" defaultNetstreamDriverCAFile="{{folder}}/trusted.pem"
               defaultNetstreamDriverCertFile="{{folder}}/cert.pem" defaultNetstreamDriverKeyFile="{{folder}}/key.pem")
        module(load="imtcp")
        input(type="imtcp" address="127.0.0.1" port="{{ports.Tcp}}" name="tcp")
        input(type="imtcp" address="127.0.0.1" port="{{ports.Tls}}" name="tls" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
        input(type="imtcp" address="127.0.0.1" port="{{ports.MutualTls}}" name="mutual" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
        module(load="imudp")
        input(type="imudp" address="127.0.0.1" port="{{ports.Udp}}" name="udp")
        template(name="raw" type="string" string="%rawmsg%\n")
        template(name="parsed" type="list") {
          constant(value="{") property(outname="pri" name="pri" format="jsonf") constant(value=",")
          property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf") constant(value=",")
          property(outname="host" name="hostname" format="jsonf") constant(value=",") property(outname="app" name="app-name" format="jsonf") constant(value=",")
          property(outname="msgid" name="msgid" format="jsonf") constant(value=",") property(outname="sd" name="structured-data" format="jsonf") constant(value=",")
          property(outname="msg" name="msg" format="jsonf") constant(value="}\n")
        }
        action(type="omfile" file="{{folder}}/raw.log" template="raw")
        action(type="omfile" file="{{folder}}/parsed.json" template="parsed")
        """;

    private static bool ListensToDatagrams(int port) =>
        System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners().Any(listener => listener.Port == port);

    private string[] Read(string file)
    {
        var path = Path.Combine(Folder, file);
        if (!File.Exists(path)) return [];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var text = new StreamReader(stream).ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed record Ports(int Tcp, int Tls, int MutualTls, int Udp);
}
