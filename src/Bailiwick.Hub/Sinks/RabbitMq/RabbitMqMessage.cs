using Bailiwick.Hub.Alerts;
using RabbitMQ.Client;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>One message ready to publish.</summary>
/// <param name="Exchange">Where to.</param>
/// <param name="RoutingKey">At most 255 bytes.</param>
/// <param name="Properties">Headers and the rest of what stands beside the body.</param>
/// <param name="Body">The document.</param>
internal sealed record RabbitMqMessage(string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>The same for the same version, whenever it is sent; only a replay differs by its mark.</summary>
    public static BasicProperties PropertiesOf(AlertBatch batch, AlertVersion version) => new()
    {
        MessageId = version.Key,
        Persistent = true,
        ContentType = "application/json",
        ContentEncoding = "utf-8",
        Type = "alert",
        AppId = "bailiwick",
        Timestamp = new AmqpTimestamp(version.UpdatedAt.ToUnixTimeSeconds()),
        Headers = new Dictionary<string, object?>
        {
            ["tenant"] = version.Tenant.ToString(),
            ["customer"] = batch.Customer.ToString(),
            ["source"] = version.Source,
            ["log_number"] = version.LogNumber,
            ["replayed"] = version.Replayed,
        },
    };
}
