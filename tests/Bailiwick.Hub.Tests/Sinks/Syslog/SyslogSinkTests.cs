using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Syslog;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Sinks;
using Bailiwick.Hub.Sinks.Syslog;
using Bailiwick.Hub.Tests.Alerts.Formats;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Receivers;
using Bailiwick.Testing;
using Bailiwick.Testing.Contracts;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Sinks.Syslog;

public sealed class SyslogSinkTests : SinkContract, IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly SyslogListener _listener = SyslogListener.Start(new SyslogListenerOptions { KeepMessages = true });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _listener.DisposeAsync();

    [Fact]
    public async Task What_was_written_in_the_30_s_before_a_break_is_sent_again_first()
    {
        await using var sink = Sink(_listener.Port);
        await sink.SendAsync(Batch(1), CancellationToken.None);
        await Until.TrueAsync(() => _listener.Count == 1, "the first message arrives");
        _time.Advance(TimeSpan.FromSeconds(31));
        await sink.SendAsync(Batch(2), CancellationToken.None);
        await sink.SendAsync(Batch(3), CancellationToken.None);
        await Until.TrueAsync(() => _listener.Count == 3, "three messages arrive");
        _time.Advance(TimeSpan.FromSeconds(29));
        _listener.CutConnections();
        await SendUntilDeliveredAsync(sink, 4);
        await Until.TrueAsync(() => _listener.Messages.Any(message => message.Contains("log=\"4\"", StringComparison.Ordinal)), "the message after the break arrives");
        var numbers = Numbers();
        numbers.Take(3).ShouldBe([1, 2, 3]);
        numbers.Skip(3).Take(2).ShouldBe([2, 3]);
        numbers.Count(number => number == 1).ShouldBe(1);
        _listener.Messages.Where(message => message.Contains("log=\"2\"", StringComparison.Ordinal)).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_framings_keep_messages_apart(bool newline)
    {
        await using var sink = Sink(_listener.Port, newline);
        var hostile = SampleAlerts.Hostile();
        (await sink.SendAsync(SampleAlerts.Batch([.. hostile]), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => _listener.Count >= hostile.Count, "all messages arrive");
        _listener.Messages.Count.ShouldBe(hostile.Count);
        _listener.Messages.Select(message => SyslogLine.Read(message).Parameters["key"]).ShouldBe(hostile.Select(version => version.Key));
    }

    [Fact]
    public async Task Over_TLS_an_untrusted_certificate_is_named_as_such_and_a_trusted_one_works()
    {
        using var authority = new LocalAuthority(TimeProvider.System);
        using var certificate = authority.IssueForLoopback();
        await using var listener = SyslogListener.Start(new SyslogListenerOptions { Certificate = certificate, KeepMessages = true });
        var folder = Directory.CreateTempSubdirectory("bailiwick-ca-").FullName;
        var ca = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(ca, authority.CertificatePem);
        var settings = Settings(listener.Port, newline: false) with { Tls = true };
        await using (var untrusting = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time))
            (await untrusting.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Untrusted);

        using (var outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true }))
        {
            var wish = Json($$"""{"host":"127.0.0.1","port":{{listener.Port}}}""");
            await using var made = new SyslogKind().Create(new SinkCreation("siem", wish, Secret: null, outbound, _time, new CloudCatalog()));
            (await made.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Untrusted);
        }

        settings = settings with { CaFile = ca };
        await using (var sink = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time))
            (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => listener.Count == 1, "the message arrives after the sink has gone");
        settings = settings with { CaFile = Path.Combine(folder, "missing.pem") };
        await using (var broken = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time))
            (await broken.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Misconfigured);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_message_too_large_without_its_evidence_is_refused()
    {
        var settings = Settings(_listener.Port, newline: false);
        await using var sink = new SyslogSink(settings with { Header = settings.Header with { MaxBytes = 2048 } }, stop => ConnectAsync(settings, stop), _time);
        var batch = SampleAlerts.Batch(SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = new string('t', 500), description = new string('\\', 1000) }), 1));
        (await sink.SendAsync(batch, CancellationToken.None)).ShouldBeOfType<DeliveryResult.Refused>().Reason.ShouldBe(DeliveryFailure.TooLarge);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_real_rsyslog_reads_every_message_and_every_value(bool tls)
    {
        await using var rsyslog = await Rsyslog.StartOrSkipAsync();
        var settings = Settings(tls ? rsyslog.TlsPort : rsyslog.TcpPort, newline: false) with { Tls = tls, CaFile = tls ? rsyslog.CaFile : null };
        var versions = SampleAlerts.Own().Concat(SampleAlerts.Hostile()).ToList();
        if (SharedData.Exists) versions.AddRange(SampleAlerts.RealOrSkip());
        await using (var sink = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time))
        {
            foreach (var part in versions.Chunk(40)) (await sink.SendAsync(SampleAlerts.Batch(part), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        }

        await Until.TrueAsync(() => rsyslog.Parsed.Count >= versions.Count, "rsyslog writes every message");
        var parsed = rsyslog.Parsed.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        parsed.Count.ShouldBe(versions.Count);
        for (var i = 0; i < versions.Count; i++)
        {
            parsed[i].GetProperty("host").GetString().ShouldBe("hub-1");
            parsed[i].GetProperty("app").GetString().ShouldBe("bailiwick");
            parsed[i].GetProperty("msgid").GetString().ShouldBe("alert");
            parsed[i].GetProperty("sd").GetString()!.ShouldContain($"key=\"{versions[i].Key}\"");
            var sent = new System.Buffers.ArrayBufferWriter<byte>();
            SyslogMessage.Write(sent, new(versions[i], SampleAlerts.Customer, SampleAlerts.CustomerName), settings.Header);
            var message = SyslogLine.Read(Encoding.UTF8.GetString(sent.WrittenSpan)).Message;
            CefReader.Read(parsed[i].GetProperty("msg").GetString()!.TrimStart('\uFEFF')).Extension.ShouldBe(CefReader.Read(message.TrimStart('\uFEFF')).Extension);
        }
    }

    [Fact]
    public void Settings_name_every_fault_at_once()
    {
        var kind = new SyslogKind();
        kind.Validate(Json("""{"host":"siem.example"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"host":"siem.example","port":6514,"tls":true,"framing":"newline","bom":false,"facility":4,"appName":"x"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"port":0,"tls":"yes","framing":"x","colour":1,"facility":99,"caFile":"relative.pem"}""")).Count.ShouldBe(7);
        kind.Validate(Json("""{"host":"siem.example","format":"json","clientCertificate":"/etc/c.pem","clientKey":"/etc/c.key"}""")).ShouldBeEmpty();
        kind.Validate(Json("""{"host":"siem.example","transport":"udp","maxMessageBytes":1400}""")).ShouldHaveSingleItem().ShouldContain("2048");
        kind.Validate(Json("""{"host":"siem.example","transport":"udp","tls":true,"framing":"newline"}""")).Count.ShouldBe(2);
        kind.Validate(Json("""{"host":"siem.example","transport":"pigeon","format":"xml","tls":false,"clientKey":"/etc/c.key"}""")).Count.ShouldBe(4);
        kind.Validate(Json("[]")).ShouldBe(["The settings are not a JSON object."]);
    }

    [Fact]
    public void Over_UDP_the_class_is_best_effort_and_over_a_connection_sent()
    {
        var kind = new SyslogKind();
        kind.ClassOf(Json("""{"host":"siem.example","transport":"udp"}""")).Word().ShouldBe("best effort");
        kind.ClassOf(Json("""{"host":"siem.example"}""")).Word().ShouldBe("sent");
        kind.ClassOf(Json("""{"host":"siem.example","tls":false}""")).Word().ShouldBe("sent");
    }

    [Fact]
    public void The_mark_before_the_text_is_for_CEF_unless_told()
    {
        SyslogSettings.Read(Json("""{"host":"a"}"""), out _).Header.Bom.ShouldBeTrue();
        SyslogSettings.Read(Json("""{"host":"a","format":"json"}"""), out _).Header.Bom.ShouldBeFalse();
        SyslogSettings.Read(Json("""{"host":"a","format":"json","bom":true}"""), out _).Header.Bom.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_real_rsyslog_gives_back_the_JSON_document_as_it_was_made()
    {
        await using var rsyslog = await Rsyslog.StartOrSkipAsync();
        var settings = Settings(rsyslog.TcpPort, newline: false) with { Body = SyslogBody.Json };
        settings = settings with { Header = settings.Header with { Bom = false } };
        var versions = SampleAlerts.Own().Concat(SampleAlerts.Hostile()).ToList();
        await using var sink = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time);
        (await sink.SendAsync(SampleAlerts.Batch(versions), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => rsyslog.Parsed.Count >= versions.Count, "rsyslog writes every message");
        for (var i = 0; i < versions.Count; i++)
        {
            var body = JsonDocument.Parse(JsonDocument.Parse(rsyslog.Parsed[i]).RootElement.GetProperty("msg").GetString()!).RootElement;
            body.GetProperty("bailiwick").GetProperty("key").GetString().ShouldBe(versions[i].Key);
            if (body.GetProperty("bailiwick").TryGetProperty("shortened", out _))
            {
                i.ShouldBeGreaterThanOrEqualTo(SampleAlerts.Own().Count, "only a hostile record is too long for a message");
                continue;
            }

            var document = new System.Buffers.ArrayBufferWriter<byte>();
            Bailiwick.Hub.Alerts.Formats.AlertFormats.Ecs.Write(document, new(versions[i], SampleAlerts.Customer, SampleAlerts.CustomerName));
            JsonElement.DeepEquals(body, JsonDocument.Parse(document.WrittenMemory).RootElement).ShouldBeTrue();
        }
    }

    [SkippableFact]
    public async Task A_real_rsyslog_gives_back_LEEF_that_another_reader_understands()
    {
        await using var rsyslog = await Rsyslog.StartOrSkipAsync();
        var settings = Settings(rsyslog.TcpPort, newline: false) with { Body = SyslogBody.Leef };
        settings = settings with { Header = settings.Header with { Bom = false, MaxBytes = 190_000 } }; // rsyslog takes frames of 200,000 bytes
        var versions = SampleAlerts.Own().Concat(SampleAlerts.Hostile()).ToList();
        await using var sink = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time);
        (await sink.SendAsync(SampleAlerts.Batch(versions), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => rsyslog.Parsed.Count >= versions.Count, "rsyslog writes every message");
        for (var i = 0; i < versions.Count; i++)
        {
            var text = JsonDocument.Parse(rsyslog.Parsed[i]).RootElement.GetProperty("msg").GetString()!;
            text = text.Replace("#011", "\t", StringComparison.Ordinal); // rsyslog shows controls so unless told otherwise
            LeefReader.Read(text).Attributes.Values.ShouldContain(attribute => attribute == versions[i].Key, $"record {i}");
        }
    }

    [Fact]
    public async Task A_JSON_document_that_does_not_fit_is_shortened_and_says_so()
    {
        var settings = Settings(_listener.Port, newline: false) with { Body = SyslogBody.Json };
        await using var sink = new SyslogSink(settings with { Header = settings.Header with { MaxBytes = 4096, Bom = false } }, stop => ConnectAsync(settings, stop), _time);
        var batch = SampleAlerts.Batch(SampleAlerts.Version(JsonSerializer.SerializeToUtf8Bytes(new { title = "t", description = new string('d', 9000) }), 1));
        (await sink.SendAsync(batch, CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);
        await Until.TrueAsync(() => _listener.Count == 1, "the message arrives");
        var message = _listener.Messages[0];
        message.Length.ShouldBeLessThanOrEqualTo(4096);
        JsonDocument.Parse(message[message.IndexOf("] {", StringComparison.Ordinal)..][2..]).RootElement.GetProperty("bailiwick").GetProperty("shortened").GetInt32().ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_real_rsyslog_that_asks_for_a_certificate_takes_ours_and_no_other()
    {
        await using var rsyslog = await Rsyslog.StartOrSkipAsync();
        var settings = Settings(rsyslog.MutualTlsPort, newline: false) with { Tls = true, CaFile = rsyslog.CaFile };
        await using (var without = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time))
            (await without.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Untrusted);

        using var stranger = new TestCa("Somebody else");
        var (foreign, foreignKey) = stranger.WriteClient(rsyslog.Folder);
        var other = settings with { ClientCertificate = foreign, ClientKey = foreignKey };
        await using (var refused = new SyslogSink(other, stop => ConnectAsync(other, stop), _time))
            (await refused.SendAsync(Batch(2), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>().Reason.ShouldBe(DeliveryFailure.Untrusted);

        var (certificate, key) = rsyslog.IssueClient();
        var own = settings with { ClientCertificate = certificate, ClientKey = key };
        await using (var sink = new SyslogSink(own, stop => ConnectAsync(own, stop), _time))
            (await sink.SendAsync(Batch(3, 4), CancellationToken.None)).ShouldBe(DeliveryResult.Delivered.Instance);

        await Until.TrueAsync(() => rsyslog.Parsed.Count >= 2, "rsyslog writes both messages");
        rsyslog.Raw.Select(message => SyslogLine.Read(message).Parameters["log"]).ShouldBe(["3", "4"]);
    }

    [SkippableFact]
    public async Task A_key_file_that_others_may_read_is_not_used()
    {
        Skip.If(OperatingSystem.IsWindows(), "Modes of files are a matter of Unix.");
        using var ca = new TestCa();
        var folder = Directory.CreateTempSubdirectory("bailiwick-key-").FullName;
        var (certificate, key) = ca.WriteClient(folder);
        var settings = Settings(port: 1, newline: false) with { Tls = true, ClientCertificate = certificate, ClientKey = key }; // nobody listens there
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        (await FaultOfAsync(settings)).ShouldBe($"The key file {key} may be read or written by others than its owner; set its mode to 0600.");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        (await FaultOfAsync(settings with { ClientKey = certificate }))!.ShouldContain("others"); // the certificate's file is open to all, as it may be
        File.WriteAllText(key + "2", $"{Canary} no key");
        File.SetUnixFileMode(key + "2", UnixFileMode.UserRead);
        (await FaultOfAsync(settings with { ClientKey = key + "2" })).ShouldBe($"The client certificate {certificate} and the key {key}2 are no pair in PEM form with an unencrypted key.");
        (await FaultOfAsync(settings with { ClientKey = key + "3" })).ShouldBe($"The client certificate {certificate} or its key {key}3 cannot be read.");
        var (_, wrong) = ca.WriteClient(folder);
        (await FaultOfAsync(settings with { ClientKey = wrong }))!.ShouldContain("no pair");
        Directory.Delete(folder, recursive: true);
    }

    private async Task<string?> FaultOfAsync(SyslogSettings settings)
    {
        await using var sink = new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time);
        var later = (await sink.SendAsync(Batch(1), CancellationToken.None)).ShouldBeOfType<DeliveryResult.TryLater>();
        later.Reason.ShouldBe(DeliveryFailure.Misconfigured);
        return later.Detail;
    }

    protected override Task<ISink> StartAsync() => Task.FromResult<ISink>(Sink(_listener.Port));

    protected override Task<ISink> StartWithoutReceiverAsync() => Task.FromResult<ISink>(Sink(LocalPort.Free()));

    protected override AlertBatch Batch(params long[] logNumbers) => SinkSamples.Batch(Canary, logNumbers);

    protected override AlertBatch UnreadableBatch() => SinkSamples.Unreadable(Canary);

    protected override async Task<IReadOnlyList<long>> ReceivedAsync(int expected)
    {
        await Until.TrueAsync(() => _listener.Count >= expected, $"{expected} messages arrive");
        return Numbers();
    }

    protected override async Task<IReadOnlyList<string>> RecordsAsync(int expected)
    {
        await Until.TrueAsync(() => _listener.Count >= expected, $"{expected} messages arrive");
        return _listener.Messages;
    }

    private async Task SendUntilDeliveredAsync(SyslogSink sink, long number)
    {
        // the cut may be seen only by the first write after it, as with any TCP connection
        for (var tries = 0; tries < 50; tries++)
        {
            var answer = await sink.SendAsync(Batch(number), CancellationToken.None);
            if (answer is DeliveryResult.Delivered && _listener.Messages.Any(message => message.Contains($"log=\"{number}\"", StringComparison.Ordinal))) return;
            await Task.Yield();
        }
    }

    private List<long> Numbers() => [.. _listener.Messages.Select(message => long.Parse(SyslogLine.Read(message).Parameters["log"]))];

    private SyslogSink Sink(int port, bool newline = false)
    {
        var settings = Settings(port, newline);
        return new SyslogSink(settings, stop => ConnectAsync(settings, stop), _time);
    }

    private static SyslogSettings Settings(int port, bool newline) =>
        new("127.0.0.1", port, Tls: false, CaFile: null, newline, new SyslogHeader(16, "hub-1", "bailiwick", Bom: true, 256 * 1024));

    private static async Task<Stream> ConnectAsync(SyslogSettings settings, CancellationToken cancellationToken)
    {
        var tls = SyslogKind.TlsOptions(settings);
        var client = new TcpClient();
        await client.ConnectAsync(settings.Host, settings.Port, cancellationToken);
        if (tls is null) return client.GetStream();
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(tls, cancellationToken);
        return stream;
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
