namespace Bailiwick.Hub.Outbound;

/// <summary>What the server's own configuration allows connections that leave to do.</summary>
public sealed class OutboundOptions
{
    /// <summary>Exact <c>host:port</c> pairs on loopback or private addresses that may be reached. Empty by default: none.</summary>
    public IList<string> AllowedPrivateEndpoints { get; } = [];

    /// <summary>Ports of public addresses that may be reached. 443 only by default; add 6514 for a syslog service out there.</summary>
    public IList<int> AllowedPorts { get; } = [443];

    /// <summary>Extra trusted CA certificates (PEM file) for Microsoft's planes; null means the system's own. Used for the twin's CA.</summary>
    public string? ExtraCaFile { get; set; }

    /// <summary>Allows plain http, and any port, to 127.0.0.1, ::1 and localhost. Only in the test and demo profiles.</summary>
    public bool AllowLoopback { get; set; }

    /// <summary>An explicit forward proxy for HTTP; null (default) means none. The environment's proxy variables are never read.</summary>
    public Uri? Proxy { get; set; }

    /// <summary>Time to connect, including TLS. 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for a whole request outside streamed source pages. 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a buffered answer after decompression; more is an error. 4 MiB. Streamed source pages have their own cap.</summary>
    public int MaxResponseBytes { get; set; } = 4 * 1024 * 1024;
}
