using System.Text;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Tests.Entra;

public sealed class TokenReaderTests
{
    private static readonly string[] Graph = ["https://graph.microsoft.com"];
    private static readonly string[] Defender = ["https://api.securitycenter.microsoft.com"];

    private static async Task<string> TokenAsync(RunningTwin twin, string scope = "https://graph.microsoft.com/.default") =>
        "Bearer " + (await twin.TokenAsync(twin.Alder.Id, twin.AppOnly(scope))).Body.Text("access_token");

    [Fact]
    public async Task A_good_token_names_its_caller()
    {
        await using var twin = await RunningTwin.StartAsync();
        var reader = twin.Host.Services.Tokens;

        reader.Read(await TokenAsync(twin), Graph, out var caller).ShouldBeNull();

        caller!.TenantId.ShouldBe(twin.Alder.Id);
        caller.AppId.ShouldBe(twin.Hub.AppId);
        caller.Audience.ShouldBe("https://graph.microsoft.com");
        caller.IsApplication.ShouldBeTrue();
        caller.Roles.ShouldBe(["SecurityAlert.Read.All"]);
        caller.Scopes.ShouldBeEmpty();
        caller.UserName.ShouldBeNull();
    }

    [Theory]
    [InlineData("https://api.securitycenter.windows.com/.default")]
    [InlineData("https://securitycenter.onmicrosoft.com/windowsatpservice/.default")]
    [InlineData("fc780465-2017-40d4-a0c5-307022471b92/.default")]
    public async Task Every_name_of_a_resource_is_the_resource(string scope)
    {
        await using var twin = await RunningTwin.StartAsync();
        var token = await TokenAsync(twin, scope);

        twin.Host.Services.Tokens.Read(token, Defender, out _).ShouldBeNull();
        twin.Host.Services.Tokens.Read(token, Graph, out _)!.ShouldContain("audience");
    }

    [Fact]
    public async Task Changed_foreign_missing_and_late_tokens_are_refused()
    {
        await using var twin = await RunningTwin.StartAsync();
        await using var stranger = await RunningTwin.StartAsync();
        var reader = twin.Host.Services.Tokens;
        var token = await TokenAsync(twin);
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])).Replace("SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All", StringComparison.Ordinal);
        var forged = $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{parts[2]}";
        var unsigned = $"Bearer {System.Buffers.Text.Base64Url.EncodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}"u8)}.{parts[1]}.";

        foreach (var bad in new[] { null, "", "Bearer", "Bearer nonsense", "Basic abc", forged, unsigned, await TokenAsync(stranger) })
        {
            reader.Read(bad, Graph, out var nobody).ShouldNotBeNull(bad);
            nobody.ShouldBeNull();
        }

        reader.Read(token, Graph, out _).ShouldBeNull();
        await twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 91 * 60 }, default);
        reader.Read(token, Graph, out _)!.ShouldContain("expired");
    }

    [Fact]
    public async Task Withdrawn_consent_ends_tokens_at_once_only_when_the_switch_says_so()
    {
        await using var twin = await RunningTwin.StartAsync();
        var reader = twin.Host.Services.Tokens;
        var token = await TokenAsync(twin);
        await twin.Control.RevokeConsentAsync(twin.Alder.Id, twin.Hub.AppId, default);

        reader.Read(token, Graph, out _).ShouldBeNull();
        await twin.Control.SwitchAsync(new SwitchesView(ImmediateConsentRevocation: true), default);
        reader.Read(token, Graph, out _)!.ShouldContain("revoked");
        await twin.Control.ConsentAsync(twin.Alder.Id, new NewConsent { AppId = twin.Hub.AppId }, default);
        reader.Read(token, Graph, out _).ShouldBeNull();
    }

    [Fact]
    public async Task A_member_and_a_guest_are_told_apart_by_tenant_and_object_id()
    {
        await using var twin = await RunningTwin.StartAsync();
        var code = await HostTests.CodeAsync(twin, twin.Alder.Id, twin.Hub.AppId);
        var (_, body) = await twin.TokenAsync(twin.Alder.Id, HostTests.Redeem(code, twin.Hub.AppId, twin.HubSecret));

        twin.Host.Services.Tokens.Read($"Bearer {body.Text("access_token")}", Graph, out var caller).ShouldBeNull();

        caller!.IsApplication.ShouldBeFalse();
        caller.ObjectId.ShouldNotBe(twin.Analyst.Id);
        caller.Scopes.ShouldContain("User.Read");
        caller.UserName.ShouldBe(twin.Analyst.Upn);
    }

    [Fact]
    public async Task A_token_seen_before_is_looked_up_and_not_decoded_again()
    {
        await using var twin = await RunningTwin.StartAsync();
        var token = await TokenAsync(twin);
        var reader = twin.Host.Services.Tokens;
        var forged = token[..^8] + "AAAAAAAA";
        long Allocated(string presented)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < 100; n++) reader.Read(presented, Graph, out _);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        reader.Read(token, Graph, out _).ShouldBeNull();
        reader.Read(forged, Graph, out _).ShouldNotBeNull();

        Allocated(token).ShouldBeLessThan(Allocated(forged) / 3, "a look-up decodes neither claims nor signature, which a forged token costs each time");
    }
}
