using System.Net;
using System.Net.Sockets;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;

namespace Bailiwick.Twin.Tests;

public sealed class HostTests
{
    [Fact]
    public async Task A_restart_on_the_same_data_knows_everything_it_handed_out()
    {
        using var folder = new TempDirectory();
        var options = new TwinOptions { DataDirectory = folder.Path };
        string code, unredeemed, refresh, access, ca;
        Guid alder, birch, appId;
        string secret;
        await using (var first = await RunningTwin.StartAsync(options))
        {
            (alder, birch, appId, secret) = (first.Alder.Id, first.Birch.Id, first.Hub.AppId, first.HubSecret);
            ca = await File.ReadAllTextAsync(first.Host.CaFile);
            code = await CodeAsync(first, alder, appId);
            unredeemed = await CodeAsync(first, birch, appId);
            var (_, body) = await first.TokenAsync(alder, Redeem(code, appId, secret));
            refresh = body.Text("refresh_token")!;
            access = body.Text("access_token")!;
        }

        await using var second = await RunningTwin.StartAsync(options);
        (await File.ReadAllTextAsync(second.Host.CaFile)).ShouldBe(ca);
        second.Host.Services.Directory.Tenants.Count.ShouldBe(4);
        second.Host.Services.Tokens.Read($"Bearer {access}", ["https://graph.microsoft.com"], out var caller).ShouldBeNull();
        caller!.UserName.ShouldBe("ann@northwatch.example");
        (await second.TokenAsync(birch, Redeem(unredeemed, appId, secret))).Status.ShouldBe(HttpStatusCode.OK);
        (await second.TokenAsync(alder, Redeem(code, appId, secret))).Body.GetProperty("error_codes")[0].GetInt64().ShouldBe(54005);
        (await second.TokenAsync(birch, new() { ["grant_type"] = "refresh_token", ["client_id"] = appId.ToString(), ["client_secret"] = secret, ["refresh_token"] = refresh })).Body.GetProperty("error_codes")[0].GetInt64().ShouldBe(50173, "the code was used twice, so what came of it is void");
        (await second.TokenAsync(alder, new() { ["grant_type"] = "client_credentials", ["client_id"] = appId.ToString(), ["client_secret"] = secret, ["scope"] = "https://graph.microsoft.com/.default" })).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_are_readable_by_their_owner_only()
    {
        using var folder = new TempDirectory();
        var data = Path.Combine(folder.Path, "data");
        await using var twin = await RunningTwin.StartAsync(new TwinOptions { DataDirectory = data });

        if (OperatingSystem.IsWindows()) return;
        File.GetUnixFileMode(Path.Combine(data, "ca.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(data, "server.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(data).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var refused = await Should.ThrowAsync<TwinStartException>(() => TwinHost.StartAsync(new TwinOptions { Port = port }, default));

        refused.Message.ShouldContain(port.ToString());
    }

    [Fact]
    public async Task Faulty_options_are_all_named()
    {
        var refused = await Should.ThrowAsync<TwinStartException>(() => TwinHost.StartAsync(new TwinOptions { Port = 70000, IssuerMode = IssuerMode.Microsoft }, default));

        refused.Message.ShouldContain("70000");
        refused.Message.ShouldContain("ProxyPort");
    }

    [Fact]
    public async Task The_planes_of_others_are_mapped_on_both_ports_and_real_hosts_reach_their_prefix()
    {
        await using var host = await TwinHost.StartAsync(new TwinOptions(), [services => new EchoPlane(services)], default);
        using var client = new HttpClient(Tls.TwinTrust.CreateHandler(host.CaFile)) { BaseAddress = host.Address };
        using var control = new TwinControlClient(host.ControlAddress);

        (await client.GetStringAsync("/graph/v1.0/echo")).ShouldBe($"{host.Address}graph");
        using var renamed = new HttpRequestMessage(HttpMethod.Get, "/v1.0/echo") { Headers = { Host = "graph.microsoft.com" } };
        (await (await client.SendAsync(renamed)).Content.ReadAsStringAsync()).ShouldBe("https://graph.microsoft.com");
        (await control.GetAsync<int>("echo", default)).ShouldBe(host.Services.Random.Seed);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_twin_that_cannot_start_gives_back_all_that_it_opened(bool portTaken)
    {
        Skip.IfNot(Directory.Exists("/proc/self/fd"), "needs /proc to see open files");
        var folder = Directory.CreateTempSubdirectory("bailiwick-twin-").FullName;
        try
        {
            using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
            taken.Start();
            EchoPlane? plane = null;
            var options = new TwinOptions { DataDirectory = folder, ControlPort = portTaken ? ((System.Net.IPEndPoint)taken.LocalEndpoint).Port : 0 };
            Func<TwinServices, ITwinPlane> broken = portTaken ? services => new EchoPlane(services) : static _ => throw new InvalidOperationException("no such plane");

            await Should.ThrowAsync<Exception>(() => TwinHost.StartAsync(options, [services => plane = new EchoPlane(services), broken], default));

            plane!.IsDisposed.ShouldBeTrue();
            new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(open => open.LinkTarget ?? "").ShouldAllBe(open => !open.StartsWith(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Planes_are_disposed_with_the_twin()
    {
        EchoPlane? plane = null;
        await using (await TwinHost.StartAsync(new TwinOptions(), [services => plane = new EchoPlane(services)], default)) plane!.IsDisposed.ShouldBeFalse();

        plane.IsDisposed.ShouldBeTrue();
    }

    internal static async Task<string> CodeAsync(RunningTwin twin, Guid tenant, Guid appId)
    {
        using var walker = new Walker(twin);
        await walker.GetAsync($"/{tenant}/oauth2/v2.0/authorize?" + Walker.Query(new() { ["client_id"] = appId.ToString(), ["response_type"] = "code", ["redirect_uri"] = RunningTwin.HubRedirect, ["scope"] = "openid offline_access https://graph.microsoft.com/User.Read" }));
        await walker.SignInAsync("ann@northwatch.example");
        return walker.Answer["code"];
    }

    internal static Dictionary<string, string> Redeem(string code, Guid appId, string secret) => new()
    {
        ["grant_type"] = "authorization_code",
        ["client_id"] = appId.ToString(),
        ["client_secret"] = secret,
        ["code"] = code,
        ["redirect_uri"] = RunningTwin.HubRedirect,
    };
}
