using System.Buffers;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts.Formats;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>
/// Appends alerts to one file per tenant. A batch is one write and one flush to disk. Each record stands once, also when the hub is killed at any moment:
/// the file itself says how far it is, by the log number and key in every line, so a batch that comes again is written only where it is missing.
/// Replays are appended with their mark and do not count as the file's position. A batch stands in one file, also where a file is finished and the next begun.
/// </summary>
public sealed class JsonLinesSink : ISink
{
    /// <summary>Files kept open at most; the one unused for longest is closed first.</summary>
    public const int MaxOpenFiles = 256;

    private const int KeptBuffer = 8 << 20;
    private readonly JsonLinesSettings _settings;
    private readonly AlertFormat _format;
    private readonly TimeProvider _time;
    private readonly FileFinisher? _finisher;
    private readonly Lock _finishedGate;
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, LinkedListNode<TenantFile>> _open = [];
    private readonly LinkedList<TenantFile> _byUse = new();
    private readonly System.Collections.Concurrent.ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];

    /// <summary>Makes the sink; opens nothing yet.</summary>
    /// <param name="settings">Where and what.</param>
    /// <param name="name">The sink's name, for the log.</param>
    /// <param name="time">The clock that says which day it is; the system's unless given.</param>
    /// <param name="logger">Is told which finished files were deleted.</param>
    public JsonLinesSink(JsonLinesSettings settings, string name = "jsonlines", TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _format = settings.Original ? AlertFormats.EcsWithOriginal : settings.Format ?? AlertFormats.Ecs;
        _time = time ?? TimeProvider.System;
        if (settings.Rotation is { } rotation) _finisher = new FileFinisher(settings.Directory, rotation, name, _time, logger ?? NullLogger.Instance);
        _finishedGate = _finisher?.Gate ?? new Lock();
    }

    /// <summary>Files open now.</summary>
    internal int OpenFiles
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <inheritdoc/>
    public Task<DeliveryResult> SendAsync(AlertBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Task.Run(() => Send(batch), cancellationToken); // disk flushes block; not on the caller's thread
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_finisher is not null) await _finisher.DisposeAsync();
        lock (_gate)
        {
            foreach (var file in _byUse) file.Dispose();
            _byUse.Clear();
            _open.Clear();
        }
    }

    private DeliveryResult Send(AlertBatch batch)
    {
        TenantFile? file = null;
        var keep = false;
        var lines = _buffers.TryTake(out var spare) ? spare : new ArrayBufferWriter<byte>(256 * 1024);
        try
        {
            file = Take(batch.Tenant);
            if (Encode(batch, file, lines, out var last) is { } refused)
            {
                keep = true;
                return refused;
            }

            var now = _time.GetUtcNow();
            if (IsFinished(file, lines.WrittenCount, now))
            {
                file.Finish();
                _finisher!.Enqueue(file.Tenant);
            }

            file.Append(lines.WrittenSpan, last, now);
            keep = true;
            return DeliveryResult.Delivered.Instance;
        }
        catch (IOException exception) when (exception.HResult is 28 or 122 || (exception.HResult & 0xFFFF) is 112 or 39)
        {
            // ENOSPC and EDQUOT; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL
            return new DeliveryResult.TryLater(DeliveryFailure.StorageFull, Detail: $"The disk below {_settings.Directory} is full.");
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: $"The directory {_settings.Directory} does not exist or may not be written.");
        }
        catch (DamagedFileException exception)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: exception.Message);
        }
        catch (IOException)
        {
            return new DeliveryResult.TryLater(DeliveryFailure.Misconfigured, Detail: $"The file of tenant {batch.Tenant} below {_settings.Directory} cannot be read or written.");
        }
        finally
        {
            lines.ResetWrittenCount();
            if (lines.Capacity <= KeptBuffer) _buffers.Add(lines);
            if (file is not null) GiveBack(file, keep);
        }
    }

    private DeliveryResult.Refused? Encode(AlertBatch batch, TenantFile file, ArrayBufferWriter<byte> lines, out long last)
    {
        last = 0;
        HashSet<string>? known = null;
        foreach (var version in batch.Versions)
        {
            if (!version.Replayed && version.LogNumber <= file.LastLogNumber)
            {
                known ??= file.KeysOf(version.LogNumber, batch.Versions[^1].LogNumber);
                if (known.Contains(version.Key)) continue;
            }

            try
            {
                var record = new AlertRecord(version, batch.Customer, batch.CustomerName);
                _format.Write(lines, record);
            }
            catch (UnreadableAlertException)
            {
                return SinkFailures.Unencodable(version);
            }

            lines.Write("\n"u8);
            if (!version.Replayed) last = version.LogNumber;
        }

        return null;
    }

    private bool IsFinished(TenantFile file, int more, DateTimeOffset now) =>
        _settings.Rotation is { } rotation && more > 0 && file.Length > 0
        && (file.Length + more > rotation.MaxBytes || (rotation.Daily && file.Day < DateOnly.FromDateTime(now.UtcDateTime)));

    private TenantFile Take(TenantId tenant)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(tenant, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                node.Value.InUse = true;
                return node.Value;
            }
        }

        if (!Directory.Exists(_settings.Directory)) throw new DirectoryNotFoundException();
        var file = TenantFile.Open(_settings.Directory, tenant, _finishedGate);
        _finisher?.Opened(tenant);
        file.InUse = true;
        lock (_gate)
        {
            _open[tenant] = _byUse.AddFirst(file);
            for (var oldest = _byUse.Last; _open.Count > MaxOpenFiles && oldest is not null;)
            {
                var next = oldest.Previous;
                if (!oldest.Value.InUse) Close(oldest);
                oldest = next;
            }
        }

        return file;
    }

    private void GiveBack(TenantFile file, bool keep)
    {
        lock (_gate)
        {
            file.InUse = false;
            if (!keep && _open.TryGetValue(file.Tenant, out var node)) Close(node);
        }
    }

    private void Close(LinkedListNode<TenantFile> node)
    {
        _byUse.Remove(node);
        _open.Remove(node.Value.Tenant);
        node.Value.Dispose();
    }
}
