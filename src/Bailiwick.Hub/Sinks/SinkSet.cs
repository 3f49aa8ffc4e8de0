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
/// parked, removed or added again is closed. A sink that cannot be opened stands in the list and answers "try later, misconfigured"; where time may mend that,
/// it is tried again with each batch.
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
                    if (sink.Sink is not UnusableSink) _open[definition.Id] = sink;
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
        if (!definition.Intact)
        {
            await store.NoteBrokenSealAsync(definition.Name, cancellationToken);
            return Unusable(definition, "The sink's row was changed outside the hub; it is not used. Remove the sink and add it again.");
        }

        if (SinkCatalog.Find(definition.Kind) is not { } kind) return Unusable(definition, $"This program knows no kind of sink named {definition.Kind}.");
        if (kind.Validate(definition.Settings) is { Count: > 0 } faults) return Unusable(definition, faults[0]);
        var sink = await TryCreateAsync(kind, definition, cancellationToken) ?? new LateSink(stop => TryCreateAsync(kind, definition, stop));
        return new OpenSink(definition.Name, kind.ClassOf(definition.Settings), sink, definition.Routing);
    }

    /// <summary>Makes the sink with its secret; null when that fails: one sink that does not open must not keep the others from their alerts.</summary>
    private async Task<ISink?> TryCreateAsync(ISinkKind kind, SinkDefinition definition, CancellationToken cancellationToken)
    {
        Secret? secret = null;
        try
        {
            if (definition.Credential is { } id) secret = await vault.OpenAsync(id, VaultOwner.Provider, SinkStore.PurposeOf(definition.Id), cancellationToken);
            return kind.Create(new SinkCreation(definition.Name, definition.Settings, secret, outbound, time, clouds) { Logger = logger });
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            secret?.Dispose();
            Log.CannotOpen(logger, definition.Name, exception);
            return null;
        }
    }

    private static OpenSink Unusable(SinkDefinition definition, string sentence) => new(definition.Name, SinkClass.Sent, new UnusableSink(sentence), SinkRouting.Everything);

    /// <summary>Stands for a sink that nothing but a change of its row or of this program can mend.</summary>
    private sealed class UnusableSink(string sentence) : ISink
    {
        public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken) =>
            Task.FromResult<DeliveryResult>(new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: sentence));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Stands for a sink that did not open, and becomes it once it does: a vault or database that failed for a moment must not cost a restart.</summary>
    private sealed class LateSink(Func<CancellationToken, Task<ISink?>> tryCreate) : ISink
    {
        private readonly SemaphoreSlim _turn = new(1, 1);
        private ISink? _sink;

        public async Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                _sink ??= await tryCreate(cancellationToken);
            }
            finally
            {
                _turn.Release();
            }

            return _sink is { } sink
                ? await sink.SendAsync(batch, cancellationToken)
                : new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: "The sink cannot be opened; its secret may be missing from the vault. The log says more.");
        }

        public async ValueTask DisposeAsync()
        {
            if (_sink is { } sink) await sink.DisposeAsync();
            _turn.Dispose();
        }
    }
}
