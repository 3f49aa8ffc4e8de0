using Bailiwick.Server.Start;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Bailiwick.Server;

/// <summary>A hub that listens. Disposing stops it.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataDirectory _directory;
    private readonly RunMark? _mark;

    internal RunningServer(WebApplication app, DataDirectory directory, RunMark? mark)
    {
        _app = app;
        _directory = directory;
        _mark = mark;
        Addresses = [.. app.Urls.Select(url => new Uri(url))];
    }

    /// <summary>What is really listened on: free ports that were asked for as 0 are filled in.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>The data directory's full path.</summary>
    public string Data => _directory.Path;

    /// <summary>The parts, for the commands that live in the same process.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Waits until the token, or a part that gave up, asks to stop.</summary>
    public async Task WaitForStopAsync(CancellationToken cancellationToken)
    {
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var byToken = cancellationToken.Register(() => asked.TrySetResult());
        await using var byPart = lifetime.ApplicationStopping.Register(() => asked.TrySetResult());
        await asked.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _mark?.Clear();
        _directory.Dispose();
    }
}
