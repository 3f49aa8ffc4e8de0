using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>What the broker said about the messages of one batch.</summary>
/// <param name="Confirmed">How many of the first messages are confirmed and went to a queue, before the first that did not.</param>
/// <param name="Returned">Whether the first that did not was given back: no queue is bound for its routing key.</param>
/// <param name="Closed">Why the channel or the connection ended before all were answered; null when they were.</param>
internal sealed record RabbitMqOutcome(int Confirmed, bool Returned, ShutdownEventArgs? Closed);

/// <summary>One channel in confirm mode, lent to one batch at a time.</summary>
internal sealed class RabbitMqChannel : IAsyncDisposable
{
    private static readonly CreateChannelOptions s_options = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
    private readonly IChannel _channel;
    private readonly Lock _gate = new();
    private Batch? _batch;

    private RabbitMqChannel(IChannel channel)
    {
        _channel = channel;
        channel.BasicAcksAsync += (_, answer) => On(batch => batch.Answered(answer.DeliveryTag, answer.Multiple, taken: true));
        channel.BasicNacksAsync += (_, answer) => On(batch => batch.Answered(answer.DeliveryTag, answer.Multiple, taken: false));
        channel.BasicReturnAsync += (_, message) => On(batch => batch.GaveBack(message.BasicProperties.MessageId));
        channel.ChannelShutdownAsync += (_, why) => On(batch => batch.Ended(why));
    }

    public bool IsOpen => _channel.IsOpen;

    public static async Task<RabbitMqChannel> OpenAsync(IConnection connection, CancellationToken cancellationToken) =>
        new(await connection.CreateChannelAsync(s_options, cancellationToken));

    /// <summary>Publishes in order without waiting in between, then waits until the broker has answered for every message.</summary>
    public async Task<RabbitMqOutcome> PublishAsync(IReadOnlyList<RabbitMqMessage> messages, CancellationToken cancellationToken)
    {
        var batch = new Batch(await _channel.GetNextPublishSequenceNumberAsync(cancellationToken), messages);
        lock (_gate) _batch = batch;
        foreach (var message in messages)
            await _channel.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: true, message.Properties, message.Body, cancellationToken);
        return await batch.Outcome.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private Task On(Action<Batch> tell)
    {
        lock (_gate)
        {
            if (_batch is not null) tell(_batch);
        }

        return Task.CompletedTask;
    }

    private sealed class Batch(ulong first, IReadOnlyList<RabbitMqMessage> messages)
    {
        private readonly TaskCompletionSource<RabbitMqOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly bool?[] _taken = new bool?[messages.Count];
        private readonly HashSet<string> _returned = [];
        private int _waiting = messages.Count;

        public Task<RabbitMqOutcome> Outcome => _outcome.Task;

        public void Answered(ulong tag, bool multiple, bool taken)
        {
            if (tag < first) return;
            var last = (int)Math.Min(tag - first, (ulong)_taken.Length - 1);
            for (var at = multiple ? 0 : last; at <= last; at++)
            {
                if (_taken[at] is not null) continue;
                _taken[at] = taken;
                _waiting--;
            }

            if (_waiting == 0) _outcome.TrySetResult(Result(null));
        }

        /// <summary>A return comes before the confirm of the same message.</summary>
        public void GaveBack(string? id)
        {
            if (id is not null) _returned.Add(id);
        }

        public void Ended(ShutdownEventArgs why) => _outcome.TrySetResult(Result(why));

        private RabbitMqOutcome Result(ShutdownEventArgs? closed)
        {
            var confirmed = 0;
            while (confirmed < _taken.Length && _taken[confirmed] == true && !_returned.Contains(messages[confirmed].Properties.MessageId!)) confirmed++;
            return new RabbitMqOutcome(confirmed, confirmed < _taken.Length && _returned.Contains(messages[confirmed].Properties.MessageId!), closed);
        }
    }
}
