using System.Buffers;
using System.Collections.Concurrent;

namespace Bailiwick.Hub.Sinks.Http;

/// <summary>
/// What every sink over HTTP does in the same way: one client made at the first batch, buffers that are used again, a limit on the time for an answer,
/// and what connecting throws sorted into results. Thread safe.
/// </summary>
/// <param name="createClient">Makes the HTTP client, at the first batch.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpExchange(Func<HttpClient> createClient, TimeProvider time) : IDisposable
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int KeptBuffer = 4 << 20;
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private HttpClient? _client;

    /// <summary>Writes as many versions as one body may hold and sends that body.</summary>
    /// <param name="batch">What Delivery handed over.</param>
    /// <param name="shape">How records stand in a body.</param>
    /// <param name="send">Sends a body that holds so many of the versions, from the first on.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <exception cref="OperationCanceledException">The caller stopped.</exception>
    public Task<DeliveryResult> TryAsync(AlertBatch batch, BodyShape shape, Func<ReadOnlyMemory<byte>, int, Task<DeliveryResult>> send, CancellationToken cancellationToken) => TryAsync(
        async body =>
        {
            if (shape.Fill(body, batch, out var written) is { } refused) return refused;
            var result = await send(body.WrittenMemory, written);
            return result is DeliveryResult.Delivered && written < batch.Versions.Count ? new DeliveryResult.DeliveredPart(written) : result;
        },
        cancellationToken);

    /// <summary>Runs one attempt with an empty buffer of its own.</summary>
    /// <exception cref="OperationCanceledException">The caller stopped.</exception>
    public async Task<DeliveryResult> TryAsync(Func<ArrayBufferWriter<byte>, Task<DeliveryResult>> attempt, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = _buffers.TryTake(out var spare) ? spare : new ArrayBufferWriter<byte>(256 * 1024);
        try
        {
            var result = await attempt(body);
            body.ResetWrittenCount();
            if (body.Capacity <= KeptBuffer) _buffers.Add(body); // over HTTP/1.1 an answer means that the body was sent; not after an exception: the broken request may still be reading it
            return result;
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            && SinkFailures.OfConnection(exception) is not null)
        {
            return SinkFailures.OfConnection(exception)!;
        }
    }

    /// <summary>Sends one request and reads its answer, both within <see cref="Patience"/>.</summary>
    public async Task<T> AskAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var response = await SendAsync(request, either.Token);
        return await read(response, either.Token);
    }

    /// <summary>Sends one request; the caller reads the answer and limits the time.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        LazyInitializer.EnsureInitialized(ref _client, createClient).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();
}
