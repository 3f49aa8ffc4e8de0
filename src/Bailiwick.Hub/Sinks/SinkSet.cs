using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Sinks;

/// <summary>A sink ready to send.</summary>
/// <param name="Name">The sink's and the reader's name.</param>
/// <param name="Class">How firmly it says "delivered".</param>
/// <param name="Sink">The sink; owned by the <see cref="SinkSet"/>.</param>
/// <param name="Routing">Which versions it gets.</param>
public sealed record OpenSink(string Name, SinkClass Class, ISink Sink, SinkRouting Routing);

/// <summary>
/// The enabled sinks as objects. A sink that did not change stays the same object from call to call, so its connections and open files live on; one that was
/// parked, removed or added again is closed. A sink that cannot be opened stands in the list and answers "try later, misconfigured" until it can.
/// </summary>
public sealed partial class SinkSet(SinkStore store, CredentialVault vault, OutboundFactory outbound, CloudCatalog clouds, TimeProvider time, ILogger<SinkSet> logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<Guid, OpenSink> _open = [];

    /// <summary>The enabled sinks by name. The caller must not be sending to a sink that it no longer finds in the list.</summary>
    public async Task<IReadOnlyList<OpenSink>> OpenAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var wanted = (await store.ListAsync(cancellationToken)).Where(sink => !sink.Parked).ToList();
            foreach (var gone in _open.Keys.Except(wanted.Select(sink => sink.Id)).ToList())
            {
                _open.Remove(gone, out var closed);
                await closed!.Sink.DisposeAsync();
            }

            var sinks = new List<OpenSink>(wanted.Count);
            foreach (var definition in wanted)
            {
                if (!_open.TryGetValue(definition.Id, out var sink))
                {
                    sink = await OpenAsync(definition, cancellationToken);
                    if (sink.Sink is not UnavailableSink) _open[definition.Id] = sink;
                }

                sinks.Add(sink);
            }

            return sinks;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var sink in _open.Values) await sink.Sink.DisposeAsync();
        _open.Clear();
        _turn.Dispose();
    }

    /// <summary>Sends one marked test record through a sink made for this one attempt; the sink that serves the log is not touched.</summary>
    /// <exception cref="OperationCanceledException">The caller stopped waiting.</exception>
    public async Task<DeliveryResult> TestAsync(SinkDefinition definition, CancellationToken cancellationToken)
    {
        var fresh = await OpenAsync(definition, cancellationToken);
        await using var sink = fresh.Sink;
        return await sink.SendAsync(TestRecord.Batch(time.GetUtcNow()), cancellationToken);
    }

    private async Task<OpenSink> OpenAsync(SinkDefinition definition, CancellationToken cancellationToken)
    {
        Secret? secret = null;
        try
        {
            if (!definition.Intact)
            {
                await store.NoteBrokenSealAsync(definition.Name, cancellationToken);
                return Unavailable(definition, "The sink's row was changed outside the hub; it is not used. Remove the sink and add it again.");
            }

            if (SinkCatalog.Find(definition.Kind) is not { } kind) return Unavailable(definition, $"This program knows no kind of sink named {definition.Kind}.");
            if (kind.Validate(definition.Settings) is { Count: > 0 } faults) return Unavailable(definition, faults[0]);
            if (definition.Credential is { } id) secret = await vault.OpenAsync(id, VaultOwner.Provider, SinkStore.PurposeOf(definition.Id), cancellationToken);
            var sink = kind.Create(new SinkCreation(definition.Name, definition.Settings, secret, outbound, time, clouds) { Logger = logger });
            return new OpenSink(definition.Name, kind.ClassOf(definition.Settings), sink, definition.Routing);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // one sink that does not open must not keep the others from their alerts
            secret?.Dispose();
            Log.CannotOpen(logger, definition.Name, exception);
            return Unavailable(definition, "The sink cannot be opened; its secret may be missing from the vault. The log says more.");
        }
    }

    private static OpenSink Unavailable(SinkDefinition definition, string sentence) => new(definition.Name, SinkClass.Sent, new UnavailableSink(sentence), SinkRouting.Everything);

    private sealed class UnavailableSink(string sentence) : ISink
    {
        public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken) =>
            Task.FromResult<DeliveryResult>(new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: sentence));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
