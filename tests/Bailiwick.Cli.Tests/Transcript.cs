using System.Text;
using Bailiwick.Cli.Local;

namespace Bailiwick.Cli.Tests;

/// <summary>What one command line did: exit code, standard output, standard error.</summary>
internal sealed record Transcript(int Code, string Out, string Error)
{
    public static async Task<Transcript> OfAsync(
        string[] line, StubHub? hub = null, string input = "", IDemo? demo = null, Dictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        using var output = new MemoryStream();
        using var typed = new MemoryStream(Encoding.UTF8.GetBytes(input));
        await using var error = new StringWriter();
        var variables = environment ?? [];
        if (hub is not null) variables["BAILIWICK_HUB"] = hub.Address.ToString();
        var code = await BailiwickCli.RunAsync(
            line,
            new Surroundings
            {
                Out = output,
                Error = error,
                In = typed,
                Environment = variables,
                Http = () => new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) },
                Demo = demo ?? new NoDemo(),
            },
            cancellationToken);
        return new Transcript(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}

internal sealed class NoDemo : IDemo
{
    public Task<int> RunAsync(DemoRequest request, Output.Terminal terminal, CancellationToken cancellationToken) => throw new NotSupportedException("This test runs no demo.");
}
