using Bailiwick.Twin.Control;

namespace Bailiwick.Twin.Tests.Graph.Directory;

public sealed class LimitTests : IAsyncLifetime
{
    private readonly DirectoryTwin _twin = new();

    public async Task InitializeAsync()
    {
        await _twin.InitializeAsync();
        await _twin.Twin.Control.ChangeClockAsync(new ClockChange { Frozen = true }, default);
    }

    public Task DisposeAsync() => _twin.DisposeAsync();

    [Fact]
    public async Task Without_the_switch_nothing_is_counted()
    {
        for (var n = 0; n < 8; n++) (await _twin.SendAsync(HttpMethod.Get, "/auditLogs/directoryAudits?$top=1")).Status.ShouldBe(200);

        (await _twin.SendAsync(HttpMethod.Get, "/users")).Headers.Keys.ShouldNotContain("x-ms-resource-unit");
    }

    [Fact]
    public async Task Units_run_out_warn_before_and_come_back()
    {
        await _twin.Twin.Control.SwitchAsync(new SwitchesView(DirectoryLimits: true, DirectoryUnits: 10), default);
        for (var n = 0; n < 3; n++) (await _twin.SendAsync(HttpMethod.Get, "/users")).Headers["x-ms-resource-unit"].ShouldBe("2");
        (await _twin.SendAsync(HttpMethod.Get, "/users?$select=id&$top=5")).Headers["x-ms-resource-unit"].ShouldBe("1");
        var near = await _twin.SendAsync(HttpMethod.Get, "/users");
        near.Headers["x-ms-throttle-limit-percentage"].ShouldBe("0.9");

        var refused = await _twin.SendAsync(HttpMethod.Get, "/users");

        (refused.Status, refused.Error, refused.Headers["Retry-After"], refused.Headers["x-ms-throttle-information"]).ShouldBe((429, "TooManyRequests", "10", "ResourceUnitLimitExceeded"));
        (await _twin.SendAsync(HttpMethod.Get, "/users", token: await _twin.TokenAsync(_twin.Twin.Birch))).Status.ShouldBe(200);
        await _twin.Twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 10 }, default);
        (await _twin.SendAsync(HttpMethod.Get, "/users")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Logs_answer_five_times_in_ten_seconds_and_a_batch_counts_by_item()
    {
        await _twin.Twin.Control.SwitchAsync(new SwitchesView(DirectoryLimits: true), default);
        object Item(int id) => new { id = id.ToString(), method = "GET", url = "/auditLogs/directoryAudits?$top=1" };

        var batch = await _twin.SendAsync(HttpMethod.Post, "/$batch", new { requests = Enumerable.Range(1, 6).Select(Item) });

        batch.Body.GetProperty("responses").EnumerateArray().Select(item => item.GetProperty("status").GetInt32()).ShouldBe([200, 200, 200, 200, 200, 429]);
        batch.Body.GetProperty("responses")[5].GetProperty("headers").GetProperty("Retry-After").GetString().ShouldBe("10");
    }
}
