using System.Net;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>A socket that is connected already, to an address the outbound rules allow; the library is not to choose another.</summary>
internal sealed class ConnectedSocket(Socket socket) : ITcpClient
{
    public bool Connected => socket.Connected;

    public TimeSpan ReceiveTimeout
    {
        get => TimeSpan.FromMilliseconds(socket.ReceiveTimeout);
        set => socket.ReceiveTimeout = (int)value.TotalMilliseconds;
    }

    public Socket Client => socket;

    public Task ConnectAsync(IPAddress ep, int port, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public NetworkStream GetStream() => new(socket, ownsSocket: true);

    public void Close() => socket.Dispose();

    public void Dispose() => socket.Dispose();
}
