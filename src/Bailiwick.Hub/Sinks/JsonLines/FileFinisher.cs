using System.Collections.Concurrent;
using System.IO.Compression;
using System.Threading.Channels;
using Bailiwick.Api;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Hub.Sinks.JsonLines;

/// <summary>
/// What happens to finished files beside the delivery, one tenant at a time: compressing them, and deleting those that the retention has no room for.
/// Every step may be cut: the plain file goes only after the compressed one was read back and holds the same, and what a cut left is made again.
/// </summary>
internal sealed partial class FileFinisher : IAsyncDisposable
{
    private readonly string _directory;
    private readonly JsonLinesRotation _rotation;
    private readonly string _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<TenantId> _queue = Channel.CreateUnbounded<TenantId>();
    private readonly ConcurrentDictionary<TenantId, bool> _seen = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _work;

    /// <summary>Makes it; nothing runs before the first tenant is handed over.</summary>
    public FileFinisher(string directory, JsonLinesRotation rotation, string sink, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _rotation = rotation;
        _sink = sink;
        _time = time;
        _logger = logger;
        _work = new Lazy<Task>(() => Task.Run(RunAsync, CancellationToken.None)); // ends by itself when stopped
    }

    /// <summary>Held while a compressed file takes the place of a plain one.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The tenant's file is opened: what an earlier run left is looked for, once.</summary>
    public void Opened(TenantId tenant)
    {
        if (_seen.TryAdd(tenant, true) && Directory.Exists(Path.Combine(_directory, tenant.ToString()))) Enqueue(tenant);
    }

    /// <summary>A file of the tenant was finished.</summary>
    public void Enqueue(TenantId tenant)
    {
        _queue.Writer.TryWrite(tenant);
        _ = _work.Value;
    }

    /// <summary>Deletes and compresses what is due for one tenant.</summary>
    /// <exception cref="OperationCanceledException">The sink is being closed; the next run goes on.</exception>
    internal void Finish(TenantId tenant, CancellationToken cancellationToken)
    {
        var files = new FinishedFiles(_directory, tenant, Gate);
        Delete(tenant, files);
        foreach (var file in files.List())
        {
            if (_rotation.Compress) Compress(tenant, file, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        if (_work.IsValueCreated) await _work.Value;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var tenant in _queue.Reader.ReadAllAsync(_stop.Token))
            {
                try
                {
                    Finish(tenant, _stop.Token);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DamagedFileException)
                {
                    Log.NotFinished(_logger, _sink, tenant, exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // closed; nothing is half done that the next run does not make good
        }
    }

    private void Delete(TenantId tenant, FinishedFiles files)
    {
        if (_rotation is { KeepFiles: null, KeepDays: null }) return;
        var all = files.List();
        var tooMany = _rotation.KeepFiles is { } count ? Math.Max(0, all.Count - count) : 0;
        var oldest = _rotation.KeepDays is { } days ? DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime).AddDays(-days) : DateOnly.MinValue;
        var due = all.Where((file, at) => at < tooMany || file.Day < oldest).ToList();
        if (due.Count == 0) return;
        foreach (var file in due.Intersect(files.WithoutPosition()))
        {
            lock (Gate)
            {
                File.Delete(file.Part);
                File.Delete(file.Compressed);
                File.Delete(file.Plain);
            }

            Log.Deleted(_logger, _sink, file.Stem, tenant);
        }
    }

    private void Compress(TenantId tenant, FinishedFile file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file.Plain))
        {
            if (File.Exists(file.Compressed)) File.Delete(file.Part);
            return;
        }

        if (File.Exists(file.Compressed))
        {
            if (file.IsSame(file.Compressed, out var whole))
            {
                lock (Gate) File.Delete(file.Plain);
                return;
            }

            if (whole)
            {
                Log.Differs(_logger, _sink, file.Stem, tenant); // not made by a cut: somebody put it there, and it is not ours to destroy
                return;
            }
        }

        try
        {
            WritePart(file, cancellationToken);
            if (!file.IsSame(file.Part, out _)) throw new IOException($"{file.Part} does not read back as it was written.");
        }
        catch
        {
            File.Delete(file.Part);
            throw;
        }

        lock (Gate)
        {
            File.Move(file.Part, file.Compressed, overwrite: true);
            File.Delete(file.Plain);
        }
    }

    private static void WritePart(FinishedFile file, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        using var part = new FileStream(file.Part, options);
        using (var packed = new GZipStream(part, CompressionLevel.Optimal, leaveOpen: true))
        using (var plain = file.OpenRead())
        {
            var buffer = new byte[256 * 1024];
            while (plain.Read(buffer) is > 0 and var read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                packed.Write(buffer, 0, read);
            }
        }

        part.Flush(flushToDisk: true);
    }
}
