using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Cli.Local;

/// <summary>What commands do inside this process instead of asking a hub. A null part's commands do not exist.</summary>
internal sealed record LocalParts
{
    public IDemo? Demo { get; init; }

    public ITwinRunner? Twin { get; init; }

    public IVaultTool? Vault { get; init; }

    public IAuditVerifier? Audit { get; init; }

    /// <summary>The parts that this program carries.</summary>
    public static LocalParts OfThisBuild() => new()
    {
        Demo = new Demo.DemoRunner(Surroundings.Machine),
        Twin = new TwinRunner(),
        Vault = new VaultTool(),
        Audit = new OfflineAuditVerifier(),
    };
}

/// <summary>Twin and hub together with sample customers, connected, collecting and delivering.</summary>
internal interface IDemo
{
    /// <summary>Runs until stopped. Says what is happening on <paramref name="terminal"/>.</summary>
    Task<int> RunAsync(DemoRequest request, Terminal terminal, CancellationToken cancellationToken);
}

/// <summary>How a demo is to run.</summary>
/// <param name="Data">Its directory; made when absent, used again when present.</param>
/// <param name="HubUrl">Where the hub listens.</param>
/// <param name="TwinPort">The twin's TLS port; 0 takes a free one.</param>
/// <param name="Customers">How many sample customers, 1 to 1000.</param>
/// <param name="Seed">Decides the sample world.</param>
/// <param name="Fresh">True: throw the directory's content away first.</param>
internal sealed record DemoRequest(string Data, string HubUrl, int TwinPort, int Customers, int Seed, bool Fresh);

/// <summary>The stand-in for Microsoft's side.</summary>
internal interface ITwinRunner
{
    /// <summary>Runs until stopped; calls <paramref name="started"/> once when it listens.</summary>
    Task RunAsync(TwinRequest request, Action<TwinStarted> started, CancellationToken cancellationToken);
}

/// <summary>How a twin is to run.</summary>
/// <param name="Data">Where it keeps its world and its CA; null keeps the world in memory.</param>
/// <param name="Port">TLS port on 127.0.0.1; 0 takes a free one.</param>
/// <param name="ControlPort">Control port on 127.0.0.1; 0 takes a free one.</param>
/// <param name="ProxyPort">Port of proxy mode; null switches it off.</param>
/// <param name="Seed">Decides what it makes up.</param>
internal sealed record TwinRequest(string? Data, int Port, int ControlPort, int? ProxyPort, int Seed);

/// <summary>Where a started twin is found.</summary>
internal sealed record TwinStarted(Uri Address, Uri Control, Uri? Proxy, string CaFile);

/// <summary>The vault of a stopped hub.</summary>
internal interface IVaultTool
{
    /// <summary>Makes the key-encryption key and the vault.</summary>
    Task<VaultReport> InitAsync(ServerOptions options, CancellationToken cancellationToken);

    /// <summary>Looks whether the vault opens.</summary>
    Task<VaultReport> StatusAsync(ServerOptions options, CancellationToken cancellationToken);

    /// <summary>Makes a new key-encryption key and wraps every data key anew.</summary>
    Task<VaultReport> RotateAsync(ServerOptions options, CancellationToken cancellationToken);
}

/// <summary>How a vault stands.</summary>
/// <param name="Initialised">Whether there is one.</param>
/// <param name="Opens">Whether the key-encryption key fits.</param>
/// <param name="KeyProvider">For example <c>file</c>.</param>
/// <param name="KeyId">The present key's id; null when there is none.</param>
/// <param name="Credentials">How many credentials it holds.</param>
/// <param name="Detail">One sentence when something is wrong.</param>
internal sealed record VaultReport(bool Initialised, bool Opens, string KeyProvider, string? KeyId, long Credentials, string? Detail);

/// <summary>Checks an audit chain without a hub.</summary>
internal interface IAuditVerifier
{
    /// <summary>Checks numbers, hashes and MACs of the whole chain.</summary>
    Task<AuditVerification> VerifyAsync(ServerOptions options, CancellationToken cancellationToken);
}
