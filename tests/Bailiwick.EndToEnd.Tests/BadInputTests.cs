using System.Net;
using System.Net.Sockets;
using Bailiwick.Cli;
using Bailiwick.Twin.Control;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>What people get wrong, through the real executable: one clear sentence, the documented exit code, nothing half done.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    [Fact]
    public async Task A_wrong_client_secret_connects_nothing()
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenant = (await twin.AddCustomersAsync(1))[0];
        await using var hub = await WorkingHub.StartAsync(twin);
        await hub.PrepareAsync(twin, "not-the-secret-of-the-application", ("Alder Mills", tenant.Id, "twin"));

        var told = await hub.RunAsync("connect", "app-only", tenant.Id.ToString());

        Sentence(told, ExitCodes.PartlyFailed, "Alder Mills", "secret or certificate was not accepted", "AADSTS7000215");
        told.Error.ShouldNotContain("not-the-secret");
        await NotConnectedAsync(hub);
    }

    [Fact]
    public async Task A_tenant_without_consent_is_not_connected()
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenant = await twin.Control.CreateTenantAsync(new NewTenant { Name = "Silent", Domain = "silent.example" }, CancellationToken.None);
        await using var hub = await WorkingHub.StartAsync(twin);
        await hub.PrepareAsync(twin, twin.Secret, ("Silent", tenant.Id, "twin"));

        var told = await hub.RunAsync("connect", "app-only", "--all");

        Sentence(told, ExitCodes.PartlyFailed, "Silent", "the customer's administrator gives admin consent");
        told.Out.ShouldBe("Connected 0 of 1 tenant.\n");
        await NotConnectedAsync(hub);
    }

    [Fact]
    public async Task An_unknown_host_of_the_hub_is_named()
    {
        var told = await Executable.RunAsync("status", "--hub", "https://hub.nowhere.invalid");

        Sentence(told, ExitCodes.Unreachable, "Nothing answers at https://hub.nowhere.invalid", "--hub");
    }

    [Fact]
    public async Task An_unknown_host_of_a_cloud_connects_nothing()
    {
        await using var twin = await TwinFixture.StartAsync();
        var tenant = (await twin.AddCustomersAsync(1))[0];
        await using var hub = await WorkingHub.StartAsync(twin);
        await hub.StartAgainAsync(
            "--set", "Clouds:nowhere:Login=https://login.nowhere.invalid",
            "--set", "Clouds:nowhere:Graph=https://graph.nowhere.invalid",
            "--set", "Clouds:nowhere:Defender=https://defender.nowhere.invalid");
        await hub.PrepareAsync(twin, twin.Secret, ("Alder Mills", tenant.Id, "nowhere"));

        var told = await hub.RunAsync("connect", "app-only", "--all");

        Sentence(told, ExitCodes.PartlyFailed, "Alder Mills", "could not be reached");
        await NotConnectedAsync(hub);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var told = await Executable.RunAsync("serve", "--data", Path.Combine(_folder.Path, "data"), "--urls", url);

        told.Code.ShouldBe(ExitCodes.PortInUse);
        told.Errors.Where(line => !line.Contains(" info: ", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldBe($"Another program listens on {url}: stop it, or choose another address with --urls.");
    }

    [Theory]
    [InlineData("{ \"Urls\": [\"http://127.0.0.1:0\"],\n  \"Profile\": }", "is not valid JSON near line 2")]
    [InlineData("{ \"Urlz\": \"http://127.0.0.1:0\" }", "Urlz in ")]
    [InlineData("{ \"Sources\": { \"GraphAlerts\": { \"PollInterval\": \"soon\" } } }", "write a time such as 30s")]
    [InlineData("{ \"Tls\": { \"KeyFile\": \"/nowhere/key.pem\" }, \"Urls\": [\"https://127.0.0.1:0\"] }", "set Tls:CertificateFile and Tls:KeyFile")]
    [InlineData("{ \"DatabaseFile\": \"/nowhere/connection\" }", "DatabaseFile /nowhere/connection does not exist")]
    public async Task A_broken_configuration_file_stops_the_start(string text, string expected)
    {
        var file = Path.Combine(_folder.Path, "bailiwick.json");
        await File.WriteAllTextAsync(file, text);

        var told = await Executable.RunAsync("serve", "--config", file, "--data", Path.Combine(_folder.Path, "data"));

        Sentence(told, ExitCodes.Configuration, expected);
        Directory.Exists(Path.Combine(_folder.Path, "data")).ShouldBeFalse("nothing is made before the configuration is right");
    }

    [Fact]
    public async Task A_missing_configuration_file_and_a_misspelt_flag_stop_the_start()
    {
        Sentence(await Executable.RunAsync("serve", "--config", "/nowhere/bailiwick.json"), ExitCodes.Configuration, "/nowhere/bailiwick.json does not exist");
        Sentence(await Executable.RunAsync("serve", "--set", "Sourses:GraphAlerts:PollInterval=2s"), ExitCodes.Configuration, "Sourses in a flag is not a setting");
    }

    [Fact]
    public async Task A_missing_or_open_key_file_is_named()
    {
        var file = Path.Combine(_folder.Path, "key");
        Sentence(await Executable.RunAsync("status", "--key-file", file), ExitCodes.DataDirectory, $"The key file {file} does not exist");
        await File.WriteAllTextAsync(file, "bwk_x");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Sentence(await Executable.RunAsync("status", "--key-file", file), ExitCodes.DataDirectory, $"run chmod 600 {file}");
    }

    [Fact]
    public async Task Without_its_key_encryption_key_the_hub_serves_health_only()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        await hub.PrepareAsync(twin, twin.Secret);
        await hub.KillAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(hub.Data, "keys"))) File.Delete(file);

        var vault = await Executable.RunAsync("vault", "status", "--data", hub.Data);
        vault.Code.ShouldBe(ExitCodes.DataDirectory);
        vault.Out.ShouldContain("does NOT open");
        await hub.StartAgainAsync();
        Sentence(await hub.RunAsync("status"), ExitCodes.NotNow, "put the key file back and start the hub again");
        Directory.EnumerateFiles(Path.Combine(hub.Data, "keys")).ShouldBeEmpty("no new key is made over the old vault");
    }

    [SkippableFact]
    public async Task A_data_directory_that_cannot_be_read_is_named()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder.Path, "locked")).FullName;
        Skip.If(OperatingSystem.IsWindows(), "Windows has other rights.");
        File.SetUnixFileMode(data, UnixFileMode.None);
        try
        {
            Skip.If(CanRead(data), "This user may read everything (root), so no directory is unreadable.");
            Sentence(await Executable.RunAsync("serve", "--data", data), ExitCodes.DataDirectory, $"The data directory {data} cannot be used by this user");
        }
        finally
        {
            File.SetUnixFileMode(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_or_open_to_others_is_named()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "");
        Sentence(await Executable.RunAsync("serve", "--data", file), ExitCodes.DataDirectory, $"The data directory {file} cannot be made, because a file stands in the way");
        if (OperatingSystem.IsWindows()) return;
        var open = Directory.CreateDirectory(Path.Combine(_folder.Path, "open"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        Sentence(await Executable.RunAsync("serve", "--data", open), ExitCodes.DataDirectory, $"run chmod 700 {open}");
    }

    [Fact]
    public async Task A_malformed_import_names_each_line_and_adds_nobody()
    {
        await using var twin = await TwinFixture.StartAsync();
        await using var hub = await WorkingHub.StartAsync(twin);
        var file = Path.Combine(_folder.Path, "customers.csv");
        await File.WriteAllTextAsync(file, $"""
            customer,tenant_id,cloud,region
            Good,{Guid.NewGuid()},twin,
            Bad,alder.example,twin,
            ,{Guid.NewGuid()},twin,

            """);
        var told = await hub.RunAsync("customer", "import", file);
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Errors.ShouldBe([
            $"{file}:3: \"alder.example\" is not a tenant id: write the directory's GUID, never its domain name.",
            $"{file}:4: The customer's name is missing.",
            "Nothing was imported: correct these 2 faults and import the file again.",
        ]);

        // What only the hub can know is told by the file's lines as well.
        await File.WriteAllTextAsync(file, $"customer,tenant_id,cloud,region\nGood,{Guid.NewGuid()},twin,\nFar,{Guid.NewGuid()},mars,\n");
        told = await hub.RunAsync("customer", "import", file);
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Errors[0].ShouldStartWith($"{file}:3: ");
        told.Errors[0].ShouldContain("'mars'");
        told.Errors[^1].ShouldBe("Nothing was imported: correct this line and import the file again.");

        (await hub.AskAsync("customer", "list")).GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Production_refuses_a_twin()
    {
        await using var twin = await TwinFixture.StartAsync();
        var configuration = await HubProcess.WriteConfigurationAsync(_folder.Path, twin);

        var told = await Executable.RunAsync("serve", "--config", configuration, "--profile", "production");

        told.Code.ShouldBe(ExitCodes.Configuration);
        told.Errors.Length.ShouldBeGreaterThan(3);
        told.Errors.ShouldContain("Clouds:twin names a twin in the production profile: remove it, or start with --profile test.");
        told.Errors.ShouldAllBe(line => line.EndsWith('.') && line.Contains("production profile", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(_folder.Path, "data")).ShouldBeFalse();
        Sentence(
            await Executable.RunAsync("serve", "--data", Path.Combine(_folder.Path, "data"), "--clock", twin.Host.ControlAddress.ToString()),
            ExitCodes.Configuration,
            "a hub for real customers keeps its own time");
    }

    public void Dispose() => _folder.Dispose();

    private static void Sentence(Told told, int code, params string[] parts)
    {
        told.Code.ShouldBe(code, told.Error);
        var sentence = told.Errors.ShouldHaveSingleItem();
        foreach (var part in parts) sentence.ShouldContain(part);
        (sentence.EndsWith('.') || sentence.EndsWith(')')).ShouldBeTrue(sentence);
        sentence.ShouldNotContain("   at ");
        sentence.ShouldNotContain("Exception");
    }

    private static async Task NotConnectedAsync(WorkingHub hub)
    {
        var connections = (await hub.AskAsync("connect", "list")).GetProperty("items");
        connections.EnumerateArray().ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("notConnected");
        var events = (await hub.AskAsync("audit", "list")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("event").GetString()).ToList();
        events.ShouldNotContain("connection.added");
    }

    private static bool CanRead(string folder)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(folder) is { } entries && !entries.Any();
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
