using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Local;

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
