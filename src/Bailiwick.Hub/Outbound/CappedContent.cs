namespace Bailiwick.Hub.Outbound;

/// <summary>The other side sent more than this hub is willing to hold.</summary>
public sealed class ResponseTooLargeException(long limit) : IOException($"The answer is larger than {limit} bytes.");

/// <summary>Reads answers with a limit on the bytes after decompression; what an endpoint sends is hostile until proven otherwise.</summary>
public static class CappedContent
{
    /// <summary>The whole body, at most <paramref name="maxBytes"/> bytes.</summary>
    /// <exception cref="ResponseTooLargeException">There is more.</exception>
    public static async Task<byte[]> ReadCappedAsync(this HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        await using var stream = await content.ReadStreamCappedAsync(maxBytes, cancellationToken);
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole, cancellationToken);
        return whole.ToArray();
    }

    /// <summary>The body as a forward-only stream that fails once more than <paramref name="maxBytes"/> bytes were read. The caller disposes it.</summary>
    public static async Task<Stream> ReadStreamCappedAsync(this HttpContent content, long maxBytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new CappedStream(await content.ReadAsStreamAsync(cancellationToken), maxBytes);
    }

    private sealed class CappedStream(Stream inner, long maxBytes) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            _read += read;
            return _read <= maxBytes ? read : throw new ResponseTooLargeException(maxBytes);
        }
    }
}
