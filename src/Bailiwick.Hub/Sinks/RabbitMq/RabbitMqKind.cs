using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>What an operator stores for a RabbitMQ sink; the password is the sink's secret and never stands here.</summary>
/// <param name="Host">Name or address of the broker.</param>
/// <param name="Port">5671 with TLS and 5672 without unless given.</param>
/// <param name="Tls">TLS, the default.</param>
/// <param name="CaFile">PEM file of the CAs to trust for this broker alone; null for the system's own.</param>
/// <param name="VirtualHost">The virtual host; <c>/</c> unless given.</param>
/// <param name="User">The user's name.</param>
/// <param name="Exchange">An exchange that exists; it is never declared.</param>
/// <param name="RoutingKey">The template of the routing key.</param>
/// <param name="Format">What a message's body is.</param>
public sealed record RabbitMqSettings(
    string Host,
    int Port,
    bool Tls,
    string? CaFile,
    string VirtualHost,
    string User,
    string Exchange,
    RoutingKeyTemplate RoutingKey,
    AlertFormat Format)
{
    private const int MaxShortString = 255; // AMQP 0-9-1 §4.2.5.3

    /// <summary>Reads settings; usable only when there are no faults.</summary>
    public static RabbitMqSettings Read(JsonElement settings, out IReadOnlyList<string> faults)
    {
        var reader = new SettingsReader(settings);
        var tls = reader.Flag("tls", true);
        var read = new RabbitMqSettings(
            reader.Text("host", required: true, limit: 255) ?? "",
            reader.Whole("port", 1, 65535, tls ? 5671 : 5672),
            tls,
            reader.FullPath("caFile"),
            reader.Text("virtualHost", limit: MaxShortString) ?? "/",
            reader.Text("user", required: true, limit: MaxShortString) ?? "",
            reader.Text("exchange", required: true, limit: 127) ?? "",
            RoutingKeyTemplate.Parse(reader.Text("routingKey") ?? RoutingKeyTemplate.Default, out var fault),
            reader.Format("format"));
        if (Uri.CheckHostName(read.Host) is UriHostNameType.Unknown && read.Host.Length > 0) reader.Fault("'host' is neither a name nor an address.");
        if (read.CaFile is not null && !tls) reader.Fault("'caFile' goes with tls only.");
        if (fault is not null) reader.Fault(fault);
        faults = reader.Faults();
        return read;
    }
}

/// <summary>A RabbitMQ exchange.</summary>
public sealed class RabbitMqKind() : SinkKind<RabbitMqSettings>(
    "rabbitmq",
    "A RabbitMQ exchange, persistent messages with publisher confirms; confirmed, as firmly as the queues behind it are durable.",
    needsSecret: true)
{
    /// <inheritdoc/>
    protected override RabbitMqSettings Read(JsonElement settings, out IReadOnlyList<string> faults) => RabbitMqSettings.Read(settings, out faults);

    /// <inheritdoc/>
    protected override SinkClass ClassOf(RabbitMqSettings settings) => SinkClass.Confirmed;

    /// <inheritdoc/>
    protected override ISink Create(RabbitMqSettings settings, SinkCreation creation) =>
        new RabbitMqSink(settings, creation.NeededSecret, creation.Name, creation.Outbound, creation.Time);
}
