using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Bailiwick.Hub.Outbound;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Outbound;

public sealed class OutboundFactoryTests : IDisposable
{
    private readonly TestCa _ca = new();
    private readonly TempDirectory _folder = new();

    public void Dispose()
    {
        _ca.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("168.63.129.16")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.250")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::7f00:1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("2001:0:1::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    [InlineData("fd00:ec2::254")]
    public async Task An_address_that_is_never_right_is_refused_even_when_its_name_is_configured(string address)
    {
        var options = new OutboundOptions { AllowLoopback = true, AllowedPrivateEndpoints = { "siem.example.test:443" } };
        using var outbound = new OutboundFactory(options, Resolving(address));

        var refusal = await Should.ThrowAsync<OutboundRefusedException>(() => outbound.ConnectAsync("siem.example.test", 443, null, CancellationToken.None));

        refusal.Message.ShouldContain("siem.example.test:443");
        refusal.Message.ShouldContain(IPAddress.Parse(address).ToString());
    }

    [Theory]
    [InlineData("127.0.0.1", (int)AddressKind.Loopback)]
    [InlineData("127.9.9.9", (int)AddressKind.Loopback)]
    [InlineData("::1", (int)AddressKind.Loopback)]
    [InlineData("10.0.0.1", (int)AddressKind.Private)]
    [InlineData("172.31.255.255", (int)AddressKind.Private)]
    [InlineData("192.168.1.1", (int)AddressKind.Private)]
    [InlineData("100.64.0.1", (int)AddressKind.Private)]
    [InlineData("fd12::1", (int)AddressKind.Private)]
    [InlineData("172.32.0.1", (int)AddressKind.Public)]
    [InlineData("20.190.128.1", (int)AddressKind.Public)]
    [InlineData("2603:1030::1", (int)AddressKind.Public)]
    [InlineData("64:ff9b::808:808", (int)AddressKind.Public)]
    public void Addresses_are_sorted(string address, int kind) => AddressRules.KindOf(IPAddress.Parse(address)).ShouldBe((AddressKind)kind);

    [Fact]
    public async Task One_bad_address_among_good_ones_refuses_the_name()
    {
        using var outbound = new OutboundFactory(new OutboundOptions(), Resolving("20.190.128.1", "10.0.0.7"));

        var refusal = await Should.ThrowAsync<OutboundRefusedException>(() => outbound.ConnectAsync("rebind.example.test", 443, null, CancellationToken.None));

        refusal.Message.ShouldContain("10.0.0.7");
    }

    [Fact]
    public async Task A_private_address_is_reached_only_under_its_exact_host_and_port()
    {
        await using var web = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("siem.example.test"));
        var options = new OutboundOptions { ExtraCaFile = _ca.WritePem(_folder.Path), AllowedPrivateEndpoints = { $"siem.example.test:{web.Port}" } };
        using var outbound = new OutboundFactory(options, Resolving("127.0.0.1"));
        using var http = outbound.CreateHttpClient();

        (await http.GetStringAsync(web.Address(host: "siem.example.test"))).ShouldBe("here");

        options.AllowedPorts.Add(web.Port);
        using var other = new OutboundFactory(options, Resolving("127.0.0.1"));
        using var otherHttp = other.CreateHttpClient();
        var refusal = await Should.ThrowAsync<HttpRequestException>(() => otherHttp.GetStringAsync(web.Address(host: "else.example.test")));
        refusal.InnerException.ShouldBeOfType<OutboundRefusedException>().Message.ShouldContain("Outbound:AllowedPrivateEndpoints");
    }

    [Fact]
    public async Task A_name_pointing_to_loopback_is_not_local_even_in_the_test_profile()
    {
        using var outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true }, Resolving("127.0.0.1"));

        await Should.ThrowAsync<OutboundRefusedException>(() => outbound.ConnectAsync("rebind.example.test", 443, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("http://login.example.test/")]
    [InlineData("https://login.example.test:8443/")]
    [InlineData("https://user:word@login.example.test/")]
    [InlineData("http://127.0.0.1:1/")]
    public async Task Plain_http_other_ports_and_user_parts_are_refused_by_default(string address)
    {
        using var outbound = new OutboundFactory(new OutboundOptions(), Resolving("20.190.128.1"));
        using var http = outbound.CreateHttpClient();

        await Should.ThrowAsync<OutboundRefusedException>(() => http.GetAsync(new Uri(address)));
    }

    [Fact]
    public async Task Redirects_are_not_followed_and_cookies_not_kept()
    {
        var cookies = new List<string>();
        await using var web = await LocalWeb.StartAsync(context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Cookies.Append("track", "1");
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var outbound = Local();
        using var http = outbound.CreateHttpClient();

        (await http.GetAsync(web.Address())).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await http.GetAsync(web.Address())).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        cookies.ShouldBe(["", ""]);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        await using var web = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("127.0.0.1"));
        using var outbound = Local();
        using var http = outbound.CreateHttpClient();

        await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(web.Address()));
    }

    [Fact]
    public async Task The_extra_authority_is_believed_for_the_right_name_only()
    {
        await using var right = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("127.0.0.1"));
        await using var wrong = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("other.example.test"));
        using var outbound = Local(_ca.WritePem(_folder.Path));
        using var http = outbound.CreateHttpClient();

        (await http.GetStringAsync(right.Address())).ShouldBe("here");
        await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(wrong.Address()));
        await Should.ThrowAsync<IOException>(() => outbound.ConnectAsync("127.0.0.1", wrong.Port, new SslClientAuthenticationOptions(), CancellationToken.None));
    }

    [Fact]
    public async Task A_sinks_own_authority_replaces_the_configured_ones()
    {
        using var other = new TestCa("another CA");
        await using var configured = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("127.0.0.1"));
        await using var own = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), other.Issue("127.0.0.1"));
        using var outbound = Local(_ca.WritePem(_folder.Path));
        using var http = outbound.CreateHttpClient([other.Authority]);

        (await http.GetStringAsync(own.Address())).ShouldBe("here");
        await Should.ThrowAsync<HttpRequestException>(() => http.GetStringAsync(configured.Address()));
    }

    [Fact]
    public async Task A_callers_callback_cannot_switch_certificate_checks_off()
    {
        await using var web = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("127.0.0.1"));
        using var outbound = Local();
#pragma warning disable CA5359 // the test proves that this callback is not used
        var lax = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359

        await Should.ThrowAsync<IOException>(() => outbound.ConnectAsync("127.0.0.1", web.Port, lax, CancellationToken.None));
    }

    [Fact]
    public async Task A_stream_over_tls_carries_bytes()
    {
        await using var web = await LocalWeb.StartAsync(context => context.Response.WriteAsync("here"), _ca.Issue("127.0.0.1"));
        using var outbound = Local();
        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust } };
        tls.CertificateChainPolicy.CustomTrustStore.Add(_ca.Authority);

        await using var stream = await outbound.ConnectAsync("127.0.0.1", web.Port, tls, CancellationToken.None);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);

        (await reader.ReadToEndAsync()).ShouldContain("here");
    }

    [Fact]
    public async Task A_silent_peer_fails_within_the_connect_time()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var outbound = new OutboundFactory(new OutboundOptions { AllowLoopback = true, ConnectTimeout = TimeSpan.FromMilliseconds(200) });

        await Should.ThrowAsync<IOException>(() =>
            outbound.ConnectAsync("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port, new SslClientAuthenticationOptions(), CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_that_is_too_large_after_decompression_is_an_error()
    {
        await using var web = await LocalWeb.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await zip.WriteAsync(new byte[100_000]);
        });
        using var outbound = Local();
        using var http = outbound.CreateHttpClient();
        using var answer = await http.GetAsync(web.Address(), HttpCompletionOption.ResponseHeadersRead);
        using var second = await http.GetAsync(web.Address(), HttpCompletionOption.ResponseHeadersRead);

        await Should.ThrowAsync<ResponseTooLargeException>(() => answer.Content.ReadCappedAsync(99_999, CancellationToken.None));
        (await second.Content.ReadCappedAsync(100_000, CancellationToken.None)).Length.ShouldBe(100_000);
    }

    [Fact]
    public void A_missing_authority_file_is_one_clear_sentence() =>
        Should.Throw<InvalidOperationException>(() => new OutboundFactory(new OutboundOptions { ExtraCaFile = "/nowhere/ca.pem" }))
            .Message.ShouldContain("'/nowhere/ca.pem' cannot be read");

    [Theory]
    [InlineData("https://graph.example.test/x", true)]
    [InlineData("https://graph.example.test:443/other?y", true)]
    [InlineData("https://GRAPH.example.test/x", true)]
    [InlineData("https://graph.example.test.evil.test/x", false)]
    [InlineData("https://graph.example.test@evil.test/x", false)]
    [InlineData("https://user@graph.example.test/x", false)]
    [InlineData("http://graph.example.test:443/x", false)]
    [InlineData("https://graph.example.test:8443/x", false)]
    public void An_origin_is_compared_by_its_parts(string address, bool same) =>
        Origin.Of(new Uri("https://graph.example.test/v1.0")).Includes(new Uri(address)).ShouldBe(same);

    private static OutboundFactory Local(string? extraCa = null) => new(new OutboundOptions { AllowLoopback = true, ExtraCaFile = extraCa });

    private static Func<string, CancellationToken, Task<IPAddress[]>> Resolving(params string[] addresses) =>
        (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray());
}
