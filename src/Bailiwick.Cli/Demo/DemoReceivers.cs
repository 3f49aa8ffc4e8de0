using System.Security.Cryptography.X509Certificates;
using Bailiwick.Receivers;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Cli.Demo;

/// <summary>Where the demonstration's alerts arrive: files, a TLS syslog listener and an HTTP event collector, all on this machine.</summary>
internal sealed class DemoReceivers : IAsyncDisposable
{
    /// <summary>The collector's token. It guards a receiver on loopback that holds invented alerts only.</summary>
    public const string HecToken = "demo-collector-token";

    private readonly LocalAuthority _authority;
    private readonly X509Certificate2 _certificate;

    private DemoReceivers(string folder, LocalAuthority authority, X509Certificate2 certificate, SyslogListener syslog, HecReceiver hec)
    {
        _authority = authority;
        _certificate = certificate;
        Folder = folder;
        Syslog = syslog;
        Hec = hec;
    }

    /// <summary>The directory that holds what arrives.</summary>
    public string Folder { get; }

    /// <summary>The directory of the JSON-lines sink: one file per tenant.</summary>
    public string Lines => Path.Combine(Folder, "json-lines");

    /// <summary>What the syslog listener writes.</summary>
    public string SyslogFile => Path.Combine(Folder, "syslog.log");

    /// <summary>What the event collector writes.</summary>
    public string HecFile => Path.Combine(Folder, "hec.jsonl");

    /// <summary>The CA of the syslog listener's certificate.</summary>
    public string CaFile => Path.Combine(Folder, "receivers-ca.pem");

    public SyslogListener Syslog { get; }

    public HecReceiver Hec { get; }

    /// <summary>Lines in the JSON-lines files.</summary>
    public long LineCount => Directory.EnumerateFiles(Lines, "*.jsonl").Sum(CountLines);

    /// <summary>Starts the listeners on fixed ports, so that sinks of an earlier demonstration still find them.</summary>
    /// <exception cref="PortInUseException">A port is taken.</exception>
    public static async Task<DemoReceivers> StartAsync(string folder, int syslogPort, int hecPort, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, "json-lines"));
        var authority = new LocalAuthority(TimeProvider.System);
        var certificate = authority.IssueForLoopback();
        await File.WriteAllTextAsync(Path.Combine(folder, "receivers-ca.pem"), authority.CertificatePem, cancellationToken);
        SyslogListener? syslog = null;
        try
        {
            syslog = SyslogListener.Start(new SyslogListenerOptions { Port = syslogPort, Certificate = certificate, File = Path.Combine(folder, "syslog.log") });
            var hec = await HecReceiver.StartAsync(
                new HecReceiverOptions { Token = HecToken, Port = hecPort, Acknowledgement = true, File = Path.Combine(folder, "hec.jsonl") }, cancellationToken);
            return new DemoReceivers(folder, authority, certificate, syslog, hec);
        }
        catch (Exception failure) when (failure is System.Net.Sockets.SocketException or IOException)
        {
            if (syslog is not null) await syslog.DisposeAsync();
            certificate.Dispose();
            authority.Dispose();
            throw new PortInUseException(
                $"The demonstration's receivers cannot listen on 127.0.0.1 ports {syslogPort} and {hecPort}: stop what listens there, or choose other ports with --twin-port.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Syslog.DisposeAsync();
        await Hec.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private static long CountLines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var buffer = new byte[64 * 1024];
        var lines = 0L;
        for (int read; (read = stream.Read(buffer)) > 0;) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}
