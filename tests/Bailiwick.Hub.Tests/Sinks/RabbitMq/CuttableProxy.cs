using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Bailiwick.Hub.Tests.Sinks.RabbitMq;

/// <summary>Passes bytes on between a port of its own and another until told to cut, or to swallow what comes back.</summary>
internal sealed class CuttableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _silent;

    public CuttableProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing comes back from the other side.</summary>
    public void Silence() => _silent = true;

    public void Cut()
    {
        _silent = false;
        foreach (var client in _clients) client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync();
                var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, _target);
                _clients.Add(near);
                _clients.Add(far);
                _ = PassAsync(near, far, back: false);
                _ = PassAsync(far, near, back: true);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool back)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                if (!back || !_silent) await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // cut
        }

        to.Close();
    }
}
