using Bailiwick.Server.Configuration;
using Bailiwick.Twin;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Cli.Local;

/// <summary>Runs the twin with every plane it has.</summary>
internal static class TwinRunner
{
    /// <summary>Runs until stopped; calls <paramref name="started"/> once when it listens.</summary>
    public static async Task RunAsync(TwinRequest request, Action<TwinStarted> started, CancellationToken cancellationToken)
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
            var options = new TwinOptions { DataDirectory = request.Data, Port = request.Port, ControlPort = request.ControlPort, ProxyPort = request.ProxyPort, Seed = request.Seed, Smtp = request.Smtp };
            var host = await TwinHost.StartAsync(
                options,
                [services => planes = new AlertPlanes(services)],
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

/// <summary>How a twin is to run.</summary>
/// <param name="Data">Where it keeps its world and its CA; null keeps the world in memory.</param>
/// <param name="Port">TLS port on 127.0.0.1; 0 takes a free one.</param>
/// <param name="ControlPort">Control port on 127.0.0.1; 0 takes a free one.</param>
/// <param name="ProxyPort">Port of proxy mode; null switches it off.</param>
/// <param name="Seed">Decides what it makes up.</param>
/// <param name="Smtp">Relay of notification mail as host:port; null sends none.</param>
internal sealed record TwinRequest(string? Data, int Port, int ControlPort, int? ProxyPort, int Seed, string? Smtp = null);

/// <summary>Where a started twin is found.</summary>
internal sealed record TwinStarted(Uri Address, Uri Control, Uri? Proxy, string CaFile);
