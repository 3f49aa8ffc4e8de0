using System.Net.Http.Headers;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Operators;
using Bailiwick.Testing;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Operators;

public sealed class ApiKeyTests : IAsyncLifetime
{
    private static readonly Actor s_actor = new("key", "tests");
    private static readonly CustomerId s_own = new(Guid.Parse("11111111-0000-4000-8000-000000000001"));
    private static readonly CustomerId s_foreign = new(Guid.Parse("22222222-0000-4000-8000-000000000002"));

    private readonly ManualTime _time = new();
    private TempVault _temp = null!;
    private ApiKeyStore _keys = null!;

    public async Task InitializeAsync()
    {
        _temp = await TempVault.CreateAsync(_time);
        _keys = new ApiKeyStore(_temp.Database, new AuditLog(_temp.Keyring, _time), _temp.Keyring, _temp.Seal, _time);
    }

    public async Task DisposeAsync() => await _temp.DisposeAsync();

    [Fact]
    public async Task A_key_signs_in_as_what_it_was_made_for()
    {
        var text = await MakeAsync(new NewApiKey("feed", Role.Analyst, [s_own], [HubAction.AlertsRead], _time.GetUtcNow().AddDays(1)));

        text.ShouldStartWith("bwk_");
        text.Length.ShouldBe(47);
        var principal = (await _keys.AuthenticateAsync(text, CancellationToken.None))!;
        principal.Grants.ShouldBe([new RoleGrant(Role.Analyst, s_own)]);
        principal.Only.ShouldBe([HubAction.AlertsRead]);
    }

    [Fact]
    public async Task The_key_itself_is_nowhere_in_the_database()
    {
        var text = await MakeAsync(Owner());

        _temp.Temp.ReadFiles().AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)).ShouldBe(-1);
        _temp.Temp.ReadFiles().AsSpan().IndexOf(Encoding.ASCII.GetBytes(text[4..])).ShouldBe(-1);
    }

    [Fact]
    public async Task Expired_revoked_and_unknown_keys_do_not_sign_in()
    {
        var expiring = await MakeAsync(Owner());
        var (revoked, secret) = await _keys.CreateAsync(s_actor, Owner() with { ExpiresAt = _time.GetUtcNow().AddDays(9) }, CancellationToken.None);
        (await _keys.RevokeAsync(s_actor, revoked.Id, CancellationToken.None)).ShouldBeTrue();
        (await _keys.AuthenticateAsync(secret.RevealText(), CancellationToken.None)).ShouldBeNull();
        (await _keys.AuthenticateAsync(expiring, CancellationToken.None)).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromDays(1));
        (await _keys.AuthenticateAsync(expiring, CancellationToken.None)).ShouldBeNull();
        (await _keys.AuthenticateAsync("bwk_" + new string('A', 43), CancellationToken.None)).ShouldBeNull();
        (await _keys.AuthenticateAsync("", CancellationToken.None)).ShouldBeNull();
        (await _keys.RevokeAsync(s_actor, Guid.NewGuid(), CancellationToken.None)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("role = 'Owner'")]
    [InlineData("customers = NULL")]
    [InlineData("actions = NULL")]
    [InlineData("expires_at = expires_at + 1")]
    public async Task A_row_changed_outside_the_hub_signs_nobody_in(string change)
    {
        var text = await MakeAsync(new NewApiKey("feed", Role.Analyst, [s_own], [HubAction.AlertsRead], _time.GetUtcNow().AddDays(1)));
        await _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync($"UPDATE api_keys SET {change}", transaction: write.Transaction), CancellationToken.None);

        (await _keys.AuthenticateAsync(text, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_revoked_key_does_not_come_back_by_clearing_the_mark()
    {
        var (key, secret) = await _keys.CreateAsync(s_actor, Owner(), CancellationToken.None);
        await _keys.RevokeAsync(s_actor, key.Id, CancellationToken.None);
        await _temp.Database.WriteAsync(write => write.Connection.ExecuteAsync("UPDATE api_keys SET revoked_at = NULL", transaction: write.Transaction), CancellationToken.None);

        (await _keys.AuthenticateAsync(secret.RevealText(), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Wishes_that_make_no_sense_are_refused()
    {
        foreach (var wish in new[]
        {
            Owner() with { Name = " " },
            Owner() with { ExpiresAt = _time.GetUtcNow() },
            Owner() with { ExpiresAt = _time.GetUtcNow().AddDays(400) },
            Owner() with { Customers = [s_own] },
            Owner() with { Role = Role.CustomerAdministrator },
            Owner() with { Role = Role.Analyst, Customers = [] },
        })
        {
            await Should.ThrowAsync<ArgumentException>(() => _keys.CreateAsync(s_actor, wish, CancellationToken.None));
        }
    }

    [Fact]
    public async Task The_first_start_writes_an_owner_key_that_only_the_owner_may_read()
    {
        var path = await _keys.EnsureOwnerKeyAsync(_temp.Temp.Folder, CancellationToken.None);

        var principal = await _keys.AuthenticateAsync((await File.ReadAllTextAsync(path!)).Trim(), CancellationToken.None);
        principal!.Grants.ShouldBe([new RoleGrant(Role.Owner, null)]);
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await _keys.EnsureOwnerKeyAsync(_temp.Temp.Folder, CancellationToken.None)).ShouldBeNull();
        _time.Advance(TimeSpan.FromDays(366));
        (await _keys.EnsureOwnerKeyAsync(_temp.Temp.Folder, CancellationToken.None)).ShouldNotBeNull("an expired owner key locks nobody out");
    }

    [Fact]
    public async Task An_owner_key_that_is_narrowed_locks_nobody_out()
    {
        await MakeAsync(Owner() with { Actions = [HubAction.StatusRead] });
        (await _keys.EnsureOwnerKeyAsync(_temp.Temp.Folder, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Endpoints_answer_foreign_unknown_and_malformed_ids_alike()
    {
        await using var app = await StartAsync();
        using var http = new Caller(app);
        var analyst = await MakeAsync(new NewApiKey("a", Role.Analyst, [s_own], null, _time.GetUtcNow().AddDays(1)));

        (await http.GetAsync($"/customers/{s_own}/alerts", analyst)).ShouldBe((200, "alerts"));
        var foreign = await http.GetAsync($"/customers/{s_foreign}/alerts", analyst);
        foreign.Status.ShouldBe(404);
        (await http.GetAsync($"/customers/{Guid.NewGuid()}/alerts", analyst)).ShouldBe(foreign);
        (await http.GetAsync("/customers/none/alerts", analyst)).ShouldBe(foreign);
    }

    [Fact]
    public async Task Endpoints_refuse_without_a_key_or_right_in_the_right_words()
    {
        await using var app = await StartAsync();
        using var http = new Caller(app);
        var analyst = await MakeAsync(new NewApiKey("a", Role.Analyst, [s_own], null, _time.GetUtcNow().AddDays(1)));

        (await http.GetAsync("/keys", null)).Status.ShouldBe(401);
        (await http.GetAsync("/keys", "bwk_" + new string('A', 43))).Body.ShouldContain("https://bailiwick.example/problems/unauthenticated");
        (await http.GetAsync("/keys", analyst)).Status.ShouldBe(403);
        (await http.GetAsync("/keys", await MakeAsync(Owner()))).ShouldBe((200, "keys"));
        (await http.GetAsync($"/customers/{s_own}/connect", analyst)).Status.ShouldBe(403);
        (await http.GetAsync("/forgotten", null)).Status.ShouldBe(401, "an endpoint that says nothing is closed");
        File.Delete(Path.Combine(_temp.KeyDirectory, "kek"));
        await _temp.Keyring.OpenAsync(false, CancellationToken.None);
        (await http.GetAsync("/keys", analyst)).Status.ShouldBe(503);
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOperators();
        builder.Services.AddSingleton(_keys).AddSingleton(new AccessTokens(_keys, _temp.Keyring, _time));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapGet("/customers/{customer}/alerts", () => "alerts").RequireAction(HubAction.AlertsRead, "customer");
        app.MapGet("/customers/{customer}/connect", () => "connect").RequireAction(HubAction.ConnectionsChange, "customer");
        app.MapGet("/keys", () => "keys").RequireAction(HubAction.KeysChange);
        app.MapGet("/forgotten", () => "open");
        await app.StartAsync();
        return app;
    }

    private NewApiKey Owner() => new("owner", Role.Owner, null, null, _time.GetUtcNow().AddDays(1));

    private async Task<string> MakeAsync(NewApiKey wish)
    {
        var (_, secret) = await _keys.CreateAsync(s_actor, wish, CancellationToken.None);
        using (secret) return secret.RevealText();
    }

    private sealed class Caller(WebApplication app) : IDisposable
    {
        private readonly Hub.Outbound.OutboundFactory _outbound = new(new Hub.Outbound.OutboundOptions { AllowLoopback = true });

        public async Task<(int Status, string Body)> GetAsync(string path, string? key)
        {
            using var http = _outbound.CreateHttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(app.Urls.First()), path));
            if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await http.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            return ((int)answer.StatusCode, System.Text.RegularExpressions.Regex.Replace(body, "\"traceId\":\"[^\"]*\"", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
        }

        public void Dispose() => _outbound.Dispose();
    }
}
