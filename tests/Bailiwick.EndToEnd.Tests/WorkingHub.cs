using System.Text.Json;

namespace Bailiwick.EndToEnd.Tests;

/// <summary>A hub as a process on a fresh directory, spoken to by the command line with its owner's key.</summary>
internal sealed class WorkingHub : IAsyncDisposable
{
    private WorkingHub(string folder, string configuration, HubProcess process)
    {
        Folder = folder;
        Configuration = configuration;
        Process = process;
    }

    public string Folder { get; }

    public string Configuration { get; }

    public HubProcess Process { get; private set; }

    /// <summary>The hub by the name that the twin's application knows its callback under.</summary>
    public string Address => $"http://localhost:{Process.Address.Port}";

    public string Data => Path.Combine(Folder, "data");

    public static async Task<WorkingHub> StartAsync(TwinFixture twin)
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-hub-").FullName;
        var configuration = await HubProcess.WriteConfigurationAsync(folder, twin);
        return new WorkingHub(folder, configuration, await HubProcess.StartAsync(configuration));
    }

    /// <summary>One command with the owner's key.</summary>
    public Task<Told> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    /// <summary>One command with the owner's key and something on standard input.</summary>
    public Task<Told> RunWithInputAsync(string? input, params string[] arguments) => Executable.RunAsync(
        arguments, input, new Dictionary<string, string> { ["BAILIWICK_HUB"] = Address, ["BAILIWICK_KEY_FILE"] = Path.Combine(Data, "owner.key") });

    /// <summary>One command that must work.</summary>
    public async Task<string> MustAsync(params string[] arguments)
    {
        var told = await RunAsync(arguments);
        return told.Code == 0 ? told.Out : throw new InvalidOperationException($"bailiwick {string.Join(' ', arguments)} ended with {told.Code}: {told.Error}");
    }

    /// <summary>The answer of a command as JSON.</summary>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using var json = JsonDocument.Parse(await MustAsync([.. arguments, "--output", "json"]));
        return json.RootElement.Clone();
    }

    /// <summary>Adds the twin's application and the named tenants, not connected yet.</summary>
    public async Task PrepareAsync(TwinFixture twin, string secret, params (string Customer, Guid Tenant, string Cloud)[] customers)
    {
        var added = await RunWithInputAsync(secret + "\n", "app", "add", "collector", "--client-id", twin.App.AppId.ToString(), "--secret-file", "-");
        if (added.Code != 0) throw new InvalidOperationException(added.Error);
        foreach (var (customer, tenant, cloud) in customers) await MustAsync("customer", "add", customer, "--tenant", tenant.ToString(), "--cloud", cloud);
    }

    /// <summary>Ends the process; the data stays. The next command needs <see cref="StartAgainAsync"/>.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>Another process on the same data.</summary>
    public async Task StartAgainAsync(params string[] more)
    {
        await Process.DisposeAsync();
        Process = await HubProcess.StartAsync(Configuration, more);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
