using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Bailiwick.Hub.Upstream;

/// <summary>One record of a page, as the source sent it.</summary>
/// <param name="Id">The record's id, or null when it has none that can be read.</param>
/// <param name="Tenant">The tenant named inside the record, or null when absent.</param>
/// <param name="Updated">Its last-update time, UTC, or null when unreadable.</param>
/// <param name="Created">Its creation time, UTC, or null.</param>
/// <param name="Severity">Its severity, the source's word.</param>
/// <param name="Status">Its status, the source's word.</param>
/// <param name="RedirectsTo">The id of the record this one was merged into, or null.</param>
/// <param name="Digest">SHA-256 of the canonical content, of the bytes when it is no object; 32 bytes.</param>
/// <param name="Raw">The record's bytes exactly as received; valid until the page is disposed.</param>
public sealed record UpstreamAlert(
    string? Id,
    string? Tenant,
    DateTimeOffset? Updated,
    DateTimeOffset? Created,
    string? Severity,
    string? Status,
    string? RedirectsTo,
    ReadOnlyMemory<byte> Digest,
    ReadOnlyMemory<byte> Raw);

/// <summary>One answer of a list call. Owns the buffer its records point into.</summary>
public sealed class UpstreamPage : IDisposable
{
    /// <summary>Where page buffers come from. Not the shared pool, which would keep a page's worth of memory for every thread that ever touched one.</summary>
    internal static ArrayPool<byte> Pool { get; private set; } = NewPool();

    private byte[]? _buffer;

    /// <summary>Called once when the page is given back.</summary>
    internal Action? Released { get; set; }

    private UpstreamPage(byte[]? buffer, List<UpstreamAlert> alerts, Uri? nextLink, long? totalCount)
    {
        _buffer = buffer;
        Alerts = alerts;
        NextLink = nextLink;
        TotalCount = totalCount;
    }

    /// <summary>A list call that found nothing.</summary>
    public static UpstreamPage Empty { get; } = new(null, [], null, 0);

    /// <summary>The records in the server's order; may be empty.</summary>
    public IReadOnlyList<UpstreamAlert> Alerts { get; }

    /// <summary>The server's own continuation (<c>@odata.nextLink</c>), or null. Not yet checked against the origin.</summary>
    public Uri? NextLink { get; }

    /// <summary>How many records the whole query has (<c>@odata.count</c>), or null when the server does not say.</summary>
    public long? TotalCount { get; }

    /// <summary>Reads a page out of a pooled buffer and takes the buffer over.</summary>
    /// <exception cref="JsonException">The body is torn or is no list answer; the buffer stays the caller's.</exception>
    public static UpstreamPage Read(byte[] buffer, int length, AlertShape shape) => new Reading(buffer, length, shape).Run();

    /// <summary>Lets the buffers go that no page holds; those that one holds go to the new pool or are let go.</summary>
    public static void EmptyPool() => Pool = NewPool();

    /// <summary>Gives the buffer back; the records' bytes are invalid from here on.</summary>
    public void Dispose()
    {
        if (_buffer is null) return;
        Pool.Return(_buffer);
        _buffer = null;
        Released?.Invoke();
    }

    private static ArrayPool<byte> NewPool() => ArrayPool<byte>.Create(UpstreamClient.MaxPageBytes, maxArraysPerBucket: 4);

    private sealed class Reading(byte[] buffer, int length, AlertShape shape)
    {
        [ThreadStatic]
        private static CanonicalForm? s_canonical;

        private readonly CanonicalForm _canonical = s_canonical ??= new CanonicalForm();
        private readonly CollectedFields _fields = new(shape);
        private readonly List<UpstreamAlert> _alerts = [];
        private Uri? _nextLink;
        private long? _totalCount;
        private bool _hasValue;

        public UpstreamPage Run()
        {
            var reader = new Utf8JsonReader(buffer.AsSpan(0, length), new JsonReaderOptions { MaxDepth = 64 });
            reader.Read();
            switch (shape.Form)
            {
                case ListForm.Array:
                    ReadRecords(ref reader);
                    _totalCount = _alerts.Count;
                    break;
                case ListForm.Single:
                    ReadRecord(ref reader);
                    _totalCount = 1;
                    break;
                default:
                    ReadList(ref reader);
                    break;
            }

            if (reader.Read()) throw new JsonException("The answer goes on after its end.");
            return new UpstreamPage(buffer, _alerts, _nextLink, _totalCount);
        }

        private void ReadList(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("The answer is not a JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) ReadMember(ref reader);
            if (reader.TokenType != JsonTokenType.EndObject || !_hasValue) throw new JsonException("The answer is no complete list: it has no 'value'.");
        }

        private void ReadMember(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("value"u8))
            {
                reader.Read();
                ReadRecords(ref reader);
                _hasValue = true;
            }
            else if (reader.ValueTextEquals("@odata.nextLink"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null) return;
                _nextLink = reader.TokenType == JsonTokenType.String && Uri.TryCreate(reader.GetString(), UriKind.Absolute, out var link)
                    ? link
                    : throw new JsonException("The continuation link is no absolute address.");
            }
            else if (reader.ValueTextEquals("@odata.count"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count)) _totalCount = count;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        private void ReadRecords(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("The records are not a list.");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) ReadRecord(ref reader);
            if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException("The list ends early.");
        }

        private void ReadRecord(ref Utf8JsonReader reader)
        {
            var start = (int)reader.TokenStartIndex;
            _fields.Clear();
            var digest = new byte[32];
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            if (isObject) _canonical.Digest(ref reader, _fields, digest);
            else reader.Skip();
            var raw = buffer.AsMemory(start, (int)reader.BytesConsumed - start);
            if (!isObject) SHA256.HashData(raw.Span, digest);
            var id = _fields.Id;
            if (shape.NamedByContent && string.IsNullOrEmpty(id)) id = "content:" + Convert.ToHexStringLower(digest);
            _alerts.Add(new UpstreamAlert(
                id, _fields.Tenant, _fields.Updated, _fields.Created, _fields.Severity, _fields.Status, _fields.Redirect, digest, raw));
        }
    }
}
