using Bailiwick.Hub.Collectors;
using Bailiwick.Server;
using Bailiwick.Server.Start;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class StartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bailiwick-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_hub_that_stops_in_order_leaves_no_mark_and_no_open_database()
    {
        await using (await StartAsync()) File.Exists(Mark).ShouldBeTrue();
        File.Exists(Mark).ShouldBeFalse();
        Directory.EnumerateFiles(Path.Combine(_folder, "hub"), "bailiwick.db*").Select(Path.GetFileName).ShouldBe(["bailiwick.db"], "SQLite removes its log when the last connection closes");
    }

    [Fact]
    public async Task A_crash_is_still_known_after_a_run_that_was_sealed()
    {
        await using (await StartAsync())
        {
        }

        await File.WriteAllBytesAsync(Mark, []);
        Directory.Move(Path.Combine(_folder, "hub", "keys"), Path.Combine(_folder, "keys-elsewhere"));
        await using (await StartAsync())
        {
        }

        File.Exists(Mark).ShouldBeTrue("nothing was read back while sealed");
        Directory.Move(Path.Combine(_folder, "keys-elsewhere"), Path.Combine(_folder, "hub", "keys"));
        await using (await StartAsync())
        {
        }

        File.Exists(Mark).ShouldBeFalse();
    }

    [Fact]
    public void Everything_said_about_a_source_reaches_its_collector()
    {
        var options = HubServer.OptionsOf(_folder);
        var source = options.Sources["DefenderAlerts"];
        source.Enabled = false;
        source.PollInterval = TimeSpan.FromSeconds(7);
        var mapped = options.ToHubOptions().Collectors;
        mapped["DefenderAlerts"].Enabled.ShouldBeFalse();
        mapped["DefenderAlerts"].PollInterval.ShouldBe(TimeSpan.FromSeconds(7));
        mapped["GraphAlerts"].Enabled.ShouldBe(new CollectorOptions().Enabled);
    }

    private string Mark => Path.Combine(_folder, "hub", "hub.running");

    private Task<RunningServer> StartAsync() => BailiwickServer.StartAsync(HubServer.OptionsOf(_folder), CancellationToken.None);
}
