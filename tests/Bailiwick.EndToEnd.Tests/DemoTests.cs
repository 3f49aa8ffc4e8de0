using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Bailiwick.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>What a newcomer does first: the demonstration, stopped and started again; and what a provider does next: a thousand tenants at once.</summary>
public sealed class DemoTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempDirectory _folder = new();

    [SkippableFact]
    public async Task The_demo_delivers_to_three_sinks_stops_on_Ctrl_C_and_goes_on()
    {
        Skip.If(OperatingSystem.IsWindows(), "Ctrl-C is sent as a POSIX signal.");
        var port = FreePorts();
        string[] arguments = ["demo", "--data", Path.Combine(_folder.Path, "demo"), "--url", $"http://127.0.0.1:{port + 4}", "--twin-port", $"{port}", "--customers", "3"];
        var received = Path.Combine(_folder.Path, "demo", "received");

        await RunOnceAsync(arguments);
        var first = Keys(received);
        first.ShouldNotBeEmpty();
        new FileInfo(Path.Combine(received, "syslog.log")).Length.ShouldBeGreaterThan(0);
        new FileInfo(Path.Combine(received, "hec.jsonl")).Length.ShouldBeGreaterThan(0);

        await RunOnceAsync(arguments);
        var second = Keys(received);
        second.Count.ShouldBeGreaterThanOrEqualTo(first.Count);
        first.Except(second).ShouldBeEmpty("what was there stays");
        second.Count.ShouldBe(second.Distinct().Count(), "each record once");
    }

    [Fact]
    public async Task A_thousand_tenants_are_imported_at_once()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        var file = Path.Combine(_folder.Path, "customers.csv");
        await File.WriteAllLinesAsync(file, ["customer,tenant_id,cloud,region", .. Enumerable.Range(1, 1000).Select(i => $"Customer {i},{Guid.NewGuid()},twin,")]);

        var watch = Stopwatch.StartNew();
        var told = await hub.MustAsync("customer", "import", file);
        output.WriteLine($"1,000 tenants imported in {watch.Elapsed.TotalSeconds:0.0} s, the program's start included.");
        told.ShouldBe("Added 1000 customers and 1000 tenants; 0 lines known already.\n");
        (await hub.MustAsync("customer", "import", file)).ShouldBe("Added 0 customers and 0 tenants; 1000 lines known already.\n");
        (await hub.AskAsync("status")).GetProperty("tenants").GetArrayLength().ShouldBe(1000);
        (await hub.AskAsync("connect", "list")).GetProperty("items").GetArrayLength().ShouldBe(1000);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Starts the demo, waits until it says that alerts arrive, and stops it as Ctrl-C does.</summary>
    private async Task RunOnceAsync(string[] arguments)
    {
        // A test run in the background ignores SIGINT and hands that on; a person's terminal does not.
        var start = Executable.Start(arguments);
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "/usr/bin/env";
        using var demo = Process.Start(start)!;
        try
        {
            demo.StandardInput.Close();
            var errors = demo.StandardError.ReadToEndAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            string? line;
            do line = await demo.StandardOutput.ReadLineAsync(limit.Token);
            while (line is not null && !line.StartsWith("Alerts are arriving", StringComparison.Ordinal));
            line.ShouldNotBeNull(demo.HasExited ? await errors : "no word that alerts arrive").ShouldContain("3 of 3 customers connected");
            output.WriteLine(line);
            var rest = demo.StandardOutput.ReadToEndAsync(limit.Token);

            using var kill = Process.Start("kill", ["-INT", $"{demo.Id}"]);
            var watch = Stopwatch.StartNew();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            await demo.WaitForExitAsync(patience.Token);
            output.WriteLine($"Ended {watch.Elapsed.TotalSeconds:0.0} s after Ctrl-C.");
            demo.ExitCode.ShouldBe(0, await errors);
            (await rest).ShouldContain("Stopping");
            (await errors).ShouldBeEmpty("nothing to complain about");
        }
        finally
        {
            if (!demo.HasExited) demo.Kill();
        }
    }

    private static List<string> Keys(string received) =>
        [.. Directory.EnumerateFiles(Path.Combine(received, "json-lines"), "*.jsonl").SelectMany(File.ReadLines).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("bailiwick").GetProperty("key").GetString()!;
        })];

    /// <summary>The first of five free ports in a row.</summary>
    private static int FreePorts()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var first = Random.Shared.Next(20_000, 30_000);
            var open = new List<TcpListener>();
            try
            {
                for (var i = 0; i < 5; i++)
                {
                    var listener = new TcpListener(IPAddress.Loopback, first + i);
                    listener.Start();
                    open.Add(listener);
                }

                return first;
            }
            catch (SocketException)
            {
                // one of them is taken: try others
            }
            finally
            {
                foreach (var listener in open) listener.Dispose();
            }
        }

        throw new InvalidOperationException("There are no five free ports in a row.");
    }
}
