using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Customers;

namespace Bailiwick.Hub.Feeds;

/// <summary>
/// The answer to <c>next</c> as bytes: <c>{"feed":…,"format":…,"receipt":…,"records":[…]}</c>, one record a line. The same records give the same bytes.
/// Not thread safe.
/// </summary>
internal sealed class FeedBody
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly ArrayBufferWriter<byte> _record = new();
    private readonly AlertFormat _format;

    public FeedBody(FeedDefinition feed, string? receipt)
    {
        _format = AlertFormats.Get(feed.Format);
        var head = $"{{\"feed\":{JsonSerializer.Serialize(feed.Name)},\"format\":{JsonSerializer.Serialize(feed.Format)},\"receipt\":{JsonSerializer.Serialize(receipt)},\"records\":[";
        _body.Write(Encoding.UTF8.GetBytes(head));
    }

    public int Records { get; private set; }

    /// <summary>Writes a version.</summary>
    /// <returns>False when it cannot be written in the feed's format; nothing was.</returns>
    public bool TryAdd(AlertVersion version, TenantRecord tenant, string customerName)
    {
        _record.ResetWrittenCount();
        try
        {
            _format.Write(_record, new AlertRecord(version, tenant.Customer, customerName));
        }
        catch (UnreadableAlertException)
        {
            return false;
        }

        _body.Write(Records++ == 0 ? "\n"u8 : ",\n"u8);
        _body.Write(_record.WrittenSpan);
        return true;
    }

    public ReadOnlyMemory<byte> End()
    {
        _body.Write("]}\n"u8);
        return _body.WrittenMemory;
    }
}
