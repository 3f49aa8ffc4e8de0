using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Syslog;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Syslog;
using Bailiwick.Hub.Tests.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Syslog;

public sealed class SyslogDatagramSinkTests : SinkContract, IAsyncLifetime
{
    private readonly UdpClient _receiver = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly OutboundFactory _outbound = new(new OutboundOptions { AllowLoopback = true });
    private Task _reading = Task.CompletedTask;

    private int Port => ((IPEndPoint)_receiver.Client.LocalEndPoint!).Port;

    public Task InitializeAsync()
    {
        _reading = ReadAsync();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _receiver.Dispose();
        _outbound.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_datagram_is_one_message_without_a_frame()
    {
        await using var sink = Sink(Settings(Port));
        await sink.SendAsync(Batch(1, 2), CancellationToken.None);
        (await RecordsAsync(2)).ShouldAllBe(message => message.StartsWith('<') && !message.EndsWith('\n'));
    }

    [Fact]
    public async Task A_message_too_large_for_a_datagram_is_refused()
    {
        await using var sink = Sink(Settings(Port, maxBytes: 2048));
        var batch = SampleAlerts.Batch(SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = new string('t', 500), description = new string('\\', 1000) }), 1));
        (await sink.SendAsync(batch, CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
    }

    [Fact]
    public async Task A_message_that_the_network_does_not_take_is_refused_after_those_before_it()
    {
        var settings = Settings(Port, maxBytes: 200_000) with { Body = SyslogBody.Json };
        await using var sink = Sink(settings);
        var large = SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { id = "x", title = "t", description = new string('d', 70_000) }), 2);
        var batch = SampleAlerts.Batch(SampleAlerts.Simple(1), large);
        (await sink.SendAsync(batch, CancellationToken.None)).ShouldBe(new DeliveryResult.DeliveredPart(1));
        (await sink.SendAsync(SampleAlerts.Batch(large), CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
        (await ReceivedAsync(1)).ShouldBe([1]);
    }

    [Fact]
    public async Task An_address_that_the_server_does_not_allow_is_misconfigured()
    {
        using var strict = new OutboundFactory(new OutboundOptions());
        var settings = Settings(Port);
        await using var sink = new SyslogDatagramSink(settings, stop => strict.OpenDatagramsAsync(settings.Host, settings.Port, stop));
        (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
    }

    [SkippableFact]
    public async Task A_real_rsyslog_reads_every_datagram()
    {
        await using var rsyslog = await Rsyslog.StartOrSkipAsync();
        var settings = Settings(rsyslog.UdpPort, maxBytes: 8192);
        var versions = SampleAlerts.Own().ToList();
        await using var sink = Sink(settings);
        (await sink.SendAsync(SampleAlerts.Batch(versions), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => rsyslog.Parsed.Count >= versions.Count, "rsyslog writes every message");
        rsyslog.Raw.Select(message => SyslogLine.Read(message).Parameters["key"]).ShouldBe(versions.Select(version => version.Key), ignoreOrder: true);
    }

    protected override Task<ISink> StartAsync() => Task.FromResult<ISink>(Sink(Settings(Port)));

    /// <summary>A datagram to nobody leaves all the same; what can be missing is the way there.</summary>
    protected override Task<ISink> StartWithoutReceiverAsync() => Task.FromResult<ISink>(Sink(Settings(Port) with { Host = "receiver.invalid" }));

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override async Task<IReadOnlyList<long>> ReceivedAsync(int expected) =>
        [.. (await RecordsAsync(expected)).Select(message => long.Parse(SyslogLine.Read(message).Parameters["log"]))];

    protected override async Task<IReadOnlyList<string>> RecordsAsync(int expected)
    {
        await Until.TrueAsync(() => _messages.Count >= expected, $"{expected} datagrams arrive");
        return [.. _messages];
    }

    private SyslogDatagramSink Sink(SyslogSettings settings) => new(settings, stop => _outbound.OpenDatagramsAsync(settings.Host, settings.Port, stop));

    private static SyslogSettings Settings(int port, int maxBytes = 8192) =>
        new("127.0.0.1", port, Tls: false, CaFile: null, Newline: false, new SyslogHeader(16, "hub-1", "bailiwick", Bom: true, maxBytes), Udp: true);

    private async Task ReadAsync()
    {
        try
        {
            while (true) _messages.Enqueue(Encoding.UTF8.GetString((await _receiver.ReceiveAsync(_stop.Token)).Buffer));
        }
        catch (OperationCanceledException)
        {
            // the test is over
        }
    }
}
