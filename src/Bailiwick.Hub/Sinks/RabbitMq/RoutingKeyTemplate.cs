using Bailiwick.Hub.Alerts;

namespace Bailiwick.Hub.Sinks.RabbitMq;

/// <summary>
/// A routing key with places for <c>{tenant}</c>, <c>{customer}</c> and <c>{source}</c> and no others: all three are ours and bounded, so nothing that an alert
/// says decides where it goes.
/// </summary>
public sealed class RoutingKeyTemplate
{
    /// <summary>The template unless one is given.</summary>
    public const string Default = "{customer}.{tenant}.{source}";

    private const int MaxBytes = 255; // AMQP 0-9-1 §4.2.5.3
    private const int LongestSource = 64;
    private static readonly string s_longestId = Guid.Empty.ToString("D");
    private readonly string _text;

    private RoutingKeyTemplate(string text) => _text = text;

    /// <summary>Reads a template.</summary>
    /// <param name="text">Printable ASCII.</param>
    /// <param name="fault">One sentence when it cannot be used, else null.</param>
    public static RoutingKeyTemplate Parse(string text, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        var template = new RoutingKeyTemplate(text);
        var rest = template.Fill("", "", "");
        fault = rest.AsSpan().IndexOfAny('{', '}') >= 0 ? "'routingKey' knows the words {tenant}, {customer} and {source} and no other braces."
            : !text.All(c => c is > ' ' and < '\x7F') ? "'routingKey' holds other characters than printable ASCII without blanks."
            : template.Fill(s_longestId, s_longestId, new string('x', LongestSource)).Length > MaxBytes ? $"'routingKey' may become longer than {MaxBytes} bytes."
            : null;
        return template;
    }

    /// <summary>The routing key of one version.</summary>
    public string Of(AlertBatch batch, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(version);
        return Fill(version.Tenant.ToString(), batch.Customer.ToString(), version.Source);
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    private string Fill(string tenant, string customer, string source) => _text
        .Replace("{tenant}", tenant, StringComparison.Ordinal)
        .Replace("{customer}", customer, StringComparison.Ordinal)
        .Replace("{source}", source, StringComparison.Ordinal);
}
