using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>Sorts what the broker answers; the only place where its codes (AMQP 0-9-1 §1.2) are judged. The broker's own texts are never shown: they may repeat names.</summary>
internal static class RabbitMqFailures
{
    /// <summary>The answer to a batch that was published.</summary>
    public static DeliveryResult Of(RabbitMqOutcome outcome, AlertBatch batch)
    {
        if (outcome.Confirmed == batch.Versions.Count) return DeliveryResult.Delivered.Instance;
        if (outcome.Confirmed > 0) return new DeliveryResult.DeliveredPart(outcome.Confirmed); // the others come again, first
        if (outcome.Returned)
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: "The exchange has no queue for the routing key; bind one, or nothing is kept.");
        return outcome.Closed is { } closed
            ? OfClosing(closed, batch)
            : new DeliveryResult.TryLater(DeliveryFailure.ReceiverError, Detail: "The broker did not take the message (nack); a queue may be full.");
    }

    /// <summary>Sorts an exception of connecting or publishing; null when it is none of these and must not be caught.</summary>
    public static DeliveryResult? Of(Exception exception, AlertBatch batch) => exception switch
    {
        AuthenticationFailureException or PossibleAuthenticationFailureException =>
            new DeliveryResult.TryLater(DeliveryFailure.Unauthorized, Detail: "The broker does not accept the user's name and password."),
        OperationInterruptedException { ShutdownReason: { } reason } => OfClosing(reason, batch),
        BrokerUnreachableException or ConnectFailureException or AggregateException when exception.InnerException is { } inner && Of(inner, batch) is { } why => why,
        TimeoutException => new DeliveryResult.TryLater(DeliveryFailure.TimedOut, Detail: "The broker did not answer in time."),
        AuthenticationException => SinkFailures.OfConnection(exception),
        RabbitMQClientException or ProtocolViolationException => new DeliveryResult.TryLater(DeliveryFailure.Unreachable, Detail: "The broker cannot be reached, or the connection broke."),
        _ => SinkFailures.OfConnection(exception),
    };

    private static DeliveryResult OfClosing(ShutdownEventArgs reason, AlertBatch batch) => (reason.Initiator, (int)reason.ReplyCode) switch
    {
        (ShutdownInitiator.Peer, Constants.NotFound) => new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: "The exchange does not exist; this sink makes none."),
        (ShutdownInitiator.Peer, Constants.AccessRefused) => new DeliveryResult.TryLater(DeliveryFailure.Unauthorized, Detail: "The broker does not allow this user to publish to the exchange."),
        (ShutdownInitiator.Peer, Constants.NotAllowed) => new DeliveryResult.TryLater(DeliveryFailure.Unauthorized, Detail: "The broker does not open the virtual host to this user, or there is none of that name."),
        (ShutdownInitiator.Peer, Constants.PreconditionFailed or Constants.ContentTooLarge) =>
            new DeliveryResult.Refused(DeliveryFailure.TooLarge, $"A message of tenant {batch.Tenant} is larger than the broker takes (code {reason.ReplyCode})."),
        _ => new DeliveryResult.TryLater(DeliveryFailure.Unreachable, Detail: $"The connection to the broker ended (code {reason.ReplyCode})."),
    };
}
