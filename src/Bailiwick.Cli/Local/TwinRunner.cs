using Bailiwick.Server.Configuration;
using Bailiwick.Twin;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Cli.Local;

/// <summary>Runs the twin with every plane it has.</summary>
internal sealed class TwinRunner : ITwinRunner
{
    public async Task RunAsync(TwinRequest request, Action<TwinStarted> started, CancellationToken cancellationToken)
    {
        await using var twin = await StartAsync(request, cancellationToken);
        started(new TwinStarted(twin.Host.Address, twin.Host.ControlAddress, twin.Host.ProxyAddress, twin.Host.CaFile));
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stop = cancellationToken.Register(() => asked.TrySetResult());
        await asked.Task;
    }

    /// <summary>Starts a twin for a command that goes on doing something with it.</summary>
    /// <exception cref="PortInUseException">A port is taken, or the directory cannot be used; the message is one sentence.</exception>
    public static async Task<RunningTwin> StartAsync(TwinRequest request, CancellationToken cancellationToken)
    {
        AlertPlanes? planes = null;
        try
        {
            var options = new TwinOptions { DataDirectory = request.Data, Port = request.Port, ControlPort = request.ControlPort, ProxyPort = request.ProxyPort, Seed = request.Seed };
            var host = await TwinHost.StartAsync(
                options,
                [services => planes = new AlertPlanes(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant)],
                cancellationToken);
            return new RunningTwin(host, planes!);
        }
        catch (TwinStartException failure)
        {
            planes?.Dispose();
            if (failure.InnerException is IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or System.Net.Sockets.SocketException)
            {
                throw new PortInUseException(failure.Message, failure);
            }

            throw failure.InnerException is null ? new UsageException(failure.Message) : new DataDirectoryException(failure.Message, failure);
        }
    }
}

/// <summary>A twin that listens. Disposing stops it.</summary>
internal sealed record RunningTwin(TwinHost Host, AlertPlanes Planes) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Planes.Dispose();
    }
}
