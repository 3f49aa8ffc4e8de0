using System.Diagnostics;
using Bailiwick.Api;
using Bailiwick.Cli.Local;
using Bailiwick.Cli.Output;
using Bailiwick.Hub.Vault;
using Bailiwick.Server;
using Bailiwick.Server.Configuration;

namespace Bailiwick.Cli.Demo;

/// <summary>Twin, receivers and hub in one process, set up through the normal interfaces; new alerts keep coming until Ctrl-C.</summary>
internal sealed class DemoRunner(Func<Surroundings> surroundings) : IDemo
{
    private const string Marker = "demo.txt";
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RaiseEvery = TimeSpan.FromSeconds(3);

    public async Task<int> RunAsync(DemoRequest request, Terminal terminal, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var folder = Prepare(request);
        var (syslogPort, hecPort) = request.TwinPort == 0 ? (0, 0) : (request.TwinPort + 2, request.TwinPort + 3);
        terminal.Say("Starting the twin, three receivers and the hub …");
        await using var twin = await TwinRunner.StartAsync(
            new TwinRequest(Path.Combine(folder, "twin"), request.TwinPort, request.TwinPort == 0 ? 0 : request.TwinPort + 1, null, request.Seed), cancellationToken);
        await using var receivers = await DemoReceivers.StartAsync(Path.Combine(folder, "received"), syslogPort, hecPort, cancellationToken);
        var earlier = receivers.LineCount;
        await using var server = await BailiwickServer.StartAsync(Options(request, folder, twin), cancellationToken);
        var hub = new Uri(server.Addresses[0].GetLeftPart(UriPartial.Authority));
        var keyFile = Path.Combine(server.Data, "owner.key");

        terminal.Say("Preparing the sample world and connecting its customers …");
        var world = new DemoWorld(twin, folder);
        await world.PrepareAsync(request.Customers, new Uri(hub, Routes.ConnectCallback), cancellationToken);
        using var http = HubConnection.Client(surroundings(), hub);
        var client = new BailiwickClient(http, HubConnection.Key(surroundings(), keyFile), surroundings().Time);
        var (connected, all) = await new DemoHub(client, world, receivers).SetUpAsync(cancellationToken);

        await WaitForFirstAsync(receivers, earlier, cancellationToken);
        Introduce(terminal, twin, receivers, world, hub, keyFile, $"{connected} of {all}", earlier, watch.Elapsed);
        await GoOnAsync(terminal, twin, receivers, world, earlier, cancellationToken);
        terminal.Say("Stopping … the data stays; the next start goes on with it.");
        return ExitCodes.Ok;
    }

    private static string Prepare(DemoRequest request)
    {
        var folder = Path.GetFullPath(request.Data);
        try
        {
            if (request.Fresh && Directory.Exists(folder))
            {
                if (!File.Exists(Path.Combine(folder, Marker)) && Directory.EnumerateFileSystemEntries(folder).Any())
                {
                    throw new DataDirectoryException($"{folder} does not look like a demonstration's directory, so --fresh does not empty it: name another with --data.");
                }

                Directory.Delete(folder, recursive: true);
            }

            PrivateFile.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, Marker), "Data of bailiwick demo. Everything in it is invented; bailiwick demo --fresh throws it away.\n");
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException($"The directory {folder} cannot be used: give this user the right to write it, or name another with --data.", failure);
        }
    }

    private static ServerOptions Options(DemoRequest request, string folder, RunningTwin twin)
    {
        var options = new ServerOptions { Data = Path.Combine(folder, "hub"), Urls = [request.HubUrl], Profile = Profile.Demo };
        options.Clouds["twin"] = new CloudOptions
        {
            Login = twin.Host.Address.ToString(),
            Graph = new Uri(twin.Host.Address, "graph").ToString(),
            Defender = new Uri(twin.Host.Address, "defender").ToString(),
            Exporter = new Uri(twin.Host.Address, "exporter").ToString(),
            CaFile = twin.Host.CaFile,
        };
        foreach (var source in options.Sources.Values) source.PollInterval = TimeSpan.FromSeconds(2);
        return options;
    }

    /// <summary>Waits for the first alert in each sink; a demonstration that goes on has had them.</summary>
    private async Task WaitForFirstAsync(DemoReceivers receivers, long earlier, CancellationToken cancellationToken)
    {
        while (earlier == 0 && (receivers.LineCount == 0 || receivers.Syslog.Count == 0 || receivers.Hec.Count == 0))
            await Task.Delay(TimeSpan.FromMilliseconds(50), surroundings().Time, cancellationToken);
    }

    private static void Introduce(
        Terminal terminal, RunningTwin twin, DemoReceivers receivers, DemoWorld world, Uri hub, string keyFile, string connected, long earlier, TimeSpan took)
    {
        var firstLines = Directory.EnumerateFiles(receivers.Lines).MaxBy(File.GetLastWriteTimeUtc) ?? receivers.Lines;
        var text = $"""

            Alerts are arriving: {connected} customers connected, {(earlier == 0 ? "first alert in each sink" : $"going on after {earlier} earlier records")} {took.TotalSeconds:0.0} s after the start.

            Hub            {hub}   key file {keyFile}
            Twin           {twin.Host.Address}   control {twin.Host.ControlAddress}
            Twin's CA      {twin.Host.CaFile}

            Alerts arrive in
              JSON lines   {receivers.Lines}/<tenant>.jsonl
              TLS syslog   {receivers.SyslogFile}   (localhost:{receivers.Syslog.Port})
              HEC          {receivers.HecFile}   ({receivers.Hec.Url})

            People of the twin, password {world.Password}
              {string.Join(", ", DemoPeople.ProviderPeople.Select(person => $"{person.User}@{DemoPeople.ProviderDomain}"))}
              {string.Join(", ", world.Customers.Take(3).Select(tenant => $"admin@{tenant.DefaultDomain}"))}{(world.Customers.Count > 3 ? ", …" : "")}

            Try next, in another window
              export BAILIWICK_HUB={hub.GetLeftPart(UriPartial.Authority)} BAILIWICK_KEY_FILE={keyFile}
              alias bailiwick="dotnet {Environment.GetCommandLineArgs()[0]}"
              bailiwick status
              bailiwick alerts list --limit 5
              tail -n 1 {firstLines}

            Ctrl-C stops; the data stays.

            """;
        foreach (var line in text.Split('\n')) terminal.Say(line);
    }

    /// <summary>Raises an alert at some customer every few seconds and tells from time to time what has arrived.</summary>
    private async Task GoOnAsync(Terminal terminal, RunningTwin twin, DemoReceivers receivers, DemoWorld world, long earlier, CancellationToken cancellationToken)
    {
        var time = surroundings().Time;
        var told = (Lines: -1L, Syslog: -1L, Hec: -1L);
        var reportAt = time.GetUtcNow();
        try
        {
            for (var round = 0; ; round++)
            {
                twin.Planes.Alerts.Raise(world.Customers[round % world.Customers.Count].Id, seed: time.GetUtcNow().UtcTicks);
                await Task.Delay(RaiseEvery, time, cancellationToken);
                if (time.GetUtcNow() < reportAt) continue;
                reportAt = time.GetUtcNow() + ReportEvery;
                var now = (Lines: receivers.LineCount - earlier, Syslog: receivers.Syslog.Count, Hec: receivers.Hec.Count);
                if (now != told) terminal.Say($"{time.GetUtcNow():HH:mm:ss}Z  arrived since the start: {now.Lines} lines in files, {now.Syslog} syslog messages, {now.Hec} HEC events");
                told = now;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C
        }
    }
}
