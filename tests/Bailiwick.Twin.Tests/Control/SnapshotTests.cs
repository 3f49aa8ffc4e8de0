using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.Control;

/// <summary>One tenant as a document: taken, changed, restored; here and in another twin.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public async Task A_restored_tenant_is_what_it_was_and_others_are_untouched()
    {
        await using var twin = await StartAsync();
        var (before, birch) = (await TakeAsync(twin), await TakeAsync(twin, "birch.example"));

        await twin.Control.CreateUserAsync(twin.Alder.Id, new NewUser { Name = "New", Upn = "new@alder.example", Password = RunningTwin.Password }, default);
        await twin.Control.DeleteUserAsync(twin.AlderAdmin.Id, default);
        await twin.Control.RevokeConsentAsync(twin.Alder.Id, twin.Hub.AppId, default);
        await twin.Control.PostAsync<JsonNode>($"tenants/{twin.Alder.Id}/alerts/generate", new { count = 3 }, default);
        var changed = await TakeAsync(twin);
        await RestoreAsync(twin, before);

        Parts(changed).ShouldNotBe(Parts(before));
        Parts(await TakeAsync(twin)).ShouldBe(Parts(before));
        Parts(await TakeAsync(twin, "birch.example")).ShouldBe(Parts(birch));
        (await twin.TokenAsync("alder.example", twin.AppOnly())).Status.ShouldBe(System.Net.HttpStatusCode.OK, "the consent is back");
    }

    [Fact]
    public async Task A_snapshot_comes_to_life_in_another_twin()
    {
        await using var first = await StartAsync();
        await using var second = await RunningTwin.StartAsync(new TwinOptions { Seed = 44 }, [Planes], empty: true);
        await RestoreAsync(second, await TakeAsync(first, "northwatch.example"));
        await RestoreAsync(second, await TakeAsync(first));

        var token = await second.TokenAsync("alder.example", first.AppOnly());
        using var http = second.CreateClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token.Body.GetProperty("access_token").GetString());
        var alerts = JsonNode.Parse(await http.GetStringAsync("/graph/v1.0/security/alerts_v2?$top=100"))!["value"]!.AsArray();

        alerts.Count.ShouldBe(4);
        Parts(await TakeAsync(second)).ShouldBe(Parts(await TakeAsync(first)));
    }

    [Theory]
    [InlineData("format", "7", "format 1")]
    [InlineData("parts/user", null, "lacks the part 'user'")]
    [InlineData("parts/user", "[]", "not an object of documents")]
    [InlineData("parts/alert-shelf/generated", "-1", "how many alerts")]
    [InlineData("parts/alert-shelf/alerts/columns", "[\"key\"]", "another version")]
    [InlineData("parts/alert-shelf/alerts/rows/0", "[1]", "values")]
    [InlineData("parts/logs/rows", "5", "no rows")]
    public async Task A_document_that_is_no_snapshot_is_refused_and_nothing_changes(string path, string? value, string part)
    {
        await using var twin = await StartAsync();
        var good = await TakeAsync(twin);
        var broken = (JsonObject)good.DeepClone();
        Set(broken, path, value);
        using var client = new HttpClient { BaseAddress = twin.Host.ControlAddress };

        using var answer = await client.PostAsJsonAsync("snapshots", broken);

        ((int)answer.StatusCode).ShouldBe(400);
        (await answer.Content.ReadFromJsonAsync<ControlError>())!.Error.ShouldContain(part);
        Parts(await TakeAsync(twin)).ShouldBe(Parts(good));
    }

    private static AlertPlanes Planes(TwinServices services) => new(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant);

    private static async Task<RunningTwin> StartAsync()
    {
        var twin = await RunningTwin.StartAsync(new TwinOptions { Seed = 3 }, [Planes]);
        await twin.Control.ChangeClockAsync(new ClockChange { Frozen = true }, default);
        foreach (var tenant in new[] { twin.Alder, twin.Birch }) await twin.Control.PostAsync<JsonNode>($"tenants/{tenant.Id}/alerts/generate", new { count = 4, seed = 2 }, default);
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 3600 }, default);
        await twin.Control.CreateGroupAsync(twin.Alder.Id, new NewGroup("Tier 1 Analyst", [twin.AlderAdmin.Id]), default);
        return twin;
    }

    private static Task<JsonObject> TakeAsync(RunningTwin twin, string tenant = "alder.example") => twin.Control.GetAsync<JsonObject>($"tenants/{tenant}/snapshot", default);

    private static async Task RestoreAsync(RunningTwin twin, JsonObject snapshot) => await twin.Control.PostAsync<JsonNode>("snapshots", snapshot, default);

    private static string Parts(JsonObject snapshot) => snapshot["parts"]!.ToJsonString();

    private static void Set(JsonObject document, string path, string? value)
    {
        var names = path.Split('/');
        JsonNode at = document;
        foreach (var name in names[..^1]) at = int.TryParse(name, out var index) ? at[index]! : at[name]!;
        if (value is null) at.AsObject().Remove(names[^1]);
        else if (int.TryParse(names[^1], out var last)) at[last] = JsonNode.Parse(value);
        else at[names[^1]] = JsonNode.Parse(value);
    }
}
