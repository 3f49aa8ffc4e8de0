using System.Net;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Entra.Grants;

namespace Bailiwick.Twin.Tests.Entra;

public sealed class RefreshTests
{
    private static async Task<string> FirstAsync(RunningTwin twin) =>
        (await twin.TokenAsync(twin.Alder.Id, HostTests.Redeem(await HostTests.CodeAsync(twin, twin.Alder.Id, twin.Hub.AppId), twin.Hub.AppId, twin.HubSecret))).Body.Text("refresh_token")!;

    private static async Task<(HttpStatusCode Status, long Code, string? Token)> RefreshAsync(RunningTwin twin, string token)
    {
        var (status, body) = await twin.TokenAsync(twin.Alder.Id, new() { ["grant_type"] = "refresh_token", ["client_id"] = twin.Hub.AppId.ToString(), ["client_secret"] = twin.HubSecret, ["refresh_token"] = token });
        return (status, body.TryGetProperty("error_codes", out var codes) ? codes[0].GetInt64() : 0, body.Text("refresh_token"));
    }

    [Fact]
    public async Task Strict_rotation_revokes_the_family_when_a_token_is_used_twice()
    {
        await using var twin = await RunningTwin.StartAsync(new TwinOptions { StrictRefreshRotation = true });
        var first = await FirstAsync(twin);
        var second = (await RefreshAsync(twin, first)).Token!;
        var third = (await RefreshAsync(twin, second)).Token!;

        (await RefreshAsync(twin, first)).Code.ShouldBe(70000);
        (await RefreshAsync(twin, third)).Code.ShouldBe(50173);
        (await RefreshAsync(twin, second)).Code.ShouldBe(50173, "a token of a revoked family stays known, redeemed or not");
        (await RefreshAsync(twin, first)).Code.ShouldBe(50173);
    }

    [Fact]
    public void A_revoked_family_is_forgotten_with_the_last_token_it_could_void()
    {
        var time = new ManualTime();
        var grants = new GrantStore(store: null, time);
        var family = Guid.NewGuid();
        grants.Revoke(family);

        time.Advance(GrantStore.RefreshIdle * 2);
        Issue();
        grants.Revoked.Find(family.ToString("N")).ShouldNotBeNull();
        time.Advance(TimeSpan.FromSeconds(1));
        Issue();
        grants.Revoked.Find(family.ToString("N")).ShouldBeNull();

        void Issue()
        {
            for (var n = 0; n < 512; n++) grants.New("R");
        }
    }

    [Fact]
    public async Task Ninety_idle_days_end_a_token_and_use_keeps_it()
    {
        await using var twin = await RunningTwin.StartAsync();
        await twin.Control.AddSecretAsync(twin.Hub.AppId, new NewSecret { Value = "long-lived", Days = 4000 }, default);
        var token = await FirstAsync(twin);
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 60 * 86400 }, default);
        (await RefreshAsync(twin, token)).Status.ShouldBe(HttpStatusCode.OK);
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 60 * 86400 }, default);
        (await RefreshAsync(twin, token)).Status.ShouldBe(HttpStatusCode.OK);
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 91 * 86400 }, default);

        (await RefreshAsync(twin, token)).Code.ShouldBe(700082);
    }

    [Fact]
    public async Task A_disabled_person_or_removed_guest_gets_nothing()
    {
        await using var twin = await RunningTwin.StartAsync();
        var token = await FirstAsync(twin);
        await twin.Control.ChangeUserAsync(twin.Analyst.Id, new UserChange(Enabled: false), default);
        (await RefreshAsync(twin, token)).Code.ShouldBe(50057);
        await twin.Control.ChangeUserAsync(twin.Analyst.Id, new UserChange(Enabled: true), default);
        var guest = (await twin.Control.UsersAsync(twin.Alder.Id, default)).Single(user => user.Guest);
        await twin.Control.DeleteUserAsync(guest.Id, default);

        (await RefreshAsync(twin, token)).Code.ShouldBe(50020);
    }

    [Fact]
    public async Task A_changed_password_keeps_a_confidential_clients_token()
    {
        await using var twin = await RunningTwin.StartAsync();
        var token = await FirstAsync(twin);
        await twin.Control.ChangeUserAsync(twin.Analyst.Id, new UserChange(Password: "Another-Horse-8"), default);

        (await RefreshAsync(twin, token)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Withdrawn_consent_asks_for_consent_again()
    {
        await using var twin = await RunningTwin.StartAsync();
        var token = await FirstAsync(twin);
        await twin.Control.RevokeConsentAsync(twin.Alder.Id, twin.Hub.AppId, default);

        (await RefreshAsync(twin, token)).Code.ShouldBe(65001);
    }

    [Fact]
    public async Task An_old_code_is_expired()
    {
        await using var twin = await RunningTwin.StartAsync();
        var code = await HostTests.CodeAsync(twin, twin.Alder.Id, twin.Hub.AppId);
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 11 * 60 }, default);

        (await twin.TokenAsync(twin.Alder.Id, HostTests.Redeem(code, twin.Hub.AppId, twin.HubSecret))).Body.GetProperty("error_codes")[0].GetInt64().ShouldBe(70008);
    }
}
