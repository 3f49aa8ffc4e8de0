using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Tests.Server;
using Bailiwick.Testing;
using Shouldly;
using Xunit;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tests.Compat;

[Collection(HubServerTests.Name)]
public sealed class CompatEndpointTests(HubServer hub) : IDisposable
{
    private const string Python = "/usr/bin/env";
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_key_becomes_a_token_in_the_v1_form_with_texts_and_in_the_v2_form_with_numbers()
    {
        var key = await MakeAsync("analyst");
        var v1 = await TokenAsync("/compat/oauth2/token", ("grant_type", "client_credentials"), ("client_id", key.Key.Id), ("client_secret", key.Secret), ("resource", "https://graph.windows.net"));
        v1.Status.ShouldBe(HttpStatusCode.OK);
        (v1.Body.GetProperty("expires_in").GetString(), v1.Body.GetProperty("token_type").GetString(), v1.Body.GetProperty("resource").GetString()).ShouldBe(("3599", "Bearer", "https://graph.windows.net"));
        var v2 = await TokenAsync(
            $"/compat/{Guid.NewGuid()}/oauth2/v2.0/token", ("grant_type", "client_credentials"), ("client_id", key.Key.Id), ("client_secret", key.Secret), ("scope", "https://api.securitycenter.microsoft.com/.default"));
        v2.Body.GetProperty("expires_in").GetInt32().ShouldBe(3599);
        v2.Body.GetProperty("access_token").GetString().ShouldStartWith("bwt_");
        var refreshed = await TokenAsync("/compat/contoso.example/oauth2/token", ("grant_type", "refresh_token"), ("refresh_token", key.Secret), ("client_id", key.Key.Id), ("client_secret", key.Secret));
        refreshed.Status.ShouldBe(HttpStatusCode.OK);
        foreach (var answer in new[] { v1, v2, refreshed })
        {
            using var client = hub.Client(answer.Body.GetProperty("access_token").GetString());
            (await client.GetAsync(new Uri(Routes.CompatExporterAlerts, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_token_reads_alerts_at_the_compatible_addresses_only_and_dies_with_its_key()
    {
        var key = await MakeAsync("owner");
        var token = (await TokenAsync("/compat/oauth2/token", ("grant_type", "refresh_token"), ("refresh_token", key.Secret))).Body.GetProperty("access_token").GetString()!;
        using var client = hub.Client(token);
        (await client.GetAsync(new Uri(Routes.CompatDefenderAlerts, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync(new Uri(Routes.Alerts, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.GetAsync(new Uri(Routes.Keys, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var forged = hub.Client(token[..^2] + (token[^2] == 'A' ? "BA" : "AA"));
        (await forged.GetAsync(new Uri(Routes.CompatDefenderAlerts, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await hub.Api(hub.Owner).RevokeKeyAsync(key.Key.Id, default);
        (await client.GetAsync(new Uri(Routes.CompatDefenderAlerts, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("invalid_request", 400, "client_id=x")]
    [InlineData("invalid_request", 400, "grant_type=refresh_token")]
    [InlineData("invalid_request", 400, "grant_type=refresh_token&grant_type=refresh_token&refresh_token=x")]
    [InlineData("unsupported_grant_type", 400, "grant_type=password&username=a&password=b")]
    [InlineData("invalid_grant", 400, "grant_type=refresh_token&refresh_token=bwk_canary7f3e")]
    [InlineData("invalid_client", 401, "grant_type=client_credentials&client_id=x&client_secret=bwk_canary7f3e")]
    [InlineData("invalid_client", 401, "grant_type=client_credentials")]
    public async Task A_request_for_a_token_that_cannot_be_met_is_refused_as_oauth_says(string error, int status, string form)
    {
        using var client = hub.Client(null);
        using var answer = await client.PostAsync(new Uri(Routes.CompatToken, UriKind.Relative), new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded"));
        ((int)answer.StatusCode).ShouldBe(status);
        var text = await answer.Content.ReadAsStringAsync();
        JsonDocument.Parse(text).RootElement.GetProperty("error").GetString().ShouldBe(error);
        text.ShouldNotContain("canary7f3e");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task The_parts_of_different_keys_are_refused_and_basic_authentication_is_understood()
    {
        var (one, two) = (await MakeAsync("analyst"), await MakeAsync("analyst"));
        (await TokenAsync("/compat/oauth2/token", ("grant_type", "client_credentials"), ("client_id", one.Key.Id), ("client_secret", two.Secret))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await TokenAsync("/compat/oauth2/token", ("grant_type", "refresh_token"), ("refresh_token", one.Secret), ("client_id", two.Key.Id))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        using var client = hub.Client(null);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{one.Key.Id}:{one.Secret}")));
        using var answer = await client.PostAsync(new Uri(Routes.CompatToken, UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "client_credentials")]));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_defender_sent_is_passed_through_exactly_and_other_sources_are_rendered()
    {
        var day = new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.Zero);
        var raw = $$"""{"id":"exact-1" , "aadTenantId":"{{hub.OurTenant.Id}}","lastUpdateTime":"2026-07-01T08:00:00Z","n":1.0e400,"evidence":[ ]}""";
        await hub.Get<Hub.Alerts.AlertLog>().AppendAsync(
            hub.OurTenant.TenantKey,
            hub.OurTenant.Id,
            Hub.Alerts.AlertSources.DefenderAlerts,
            [new Hub.Alerts.CollectedAlert("exact-1", day, day, Hub.Alerts.AlertSeverity.Low, Hub.Alerts.AlertStatus.New, new byte[32], Encoding.UTF8.GetBytes(raw))],
            [],
            null,
            default);
        await hub.AppendAsync(hub.OurTenant, "rendered-1", day.AddMinutes(1), "Rendered");
        await hub.AppendAsync(hub.TheirTenant, "foreign-1", day.AddMinutes(1), "Foreign");
        using var client = hub.Client(await hub.KeyAsync(Role.Analyst, hub.Ours));
        var text = await client.GetStringAsync(new Uri("/compat/defender/api/alerts?$filter=lastUpdateTime+ge+2026-07-01Z+and+lastUpdateTime+lt+2026-07-02Z&$expand=evidence", UriKind.Relative));
        text.ShouldContain(raw);
        using var body = JsonDocument.Parse(text);
        body.RootElement.GetProperty("@odata.context").GetString().ShouldEndWith("/compat/defender/api/$metadata#Alerts");
        var alerts = body.RootElement.GetProperty("value").EnumerateArray().ToList();
        alerts.Select(alert => alert.GetProperty("id").GetString()).ShouldBe(["rendered-1", "exact-1"]);
        var rendered = alerts[0];
        (rendered.GetProperty("severity").GetString(), rendered.GetProperty("status").GetString(), rendered.GetProperty("aadTenantId").GetString(), rendered.GetProperty("lastUpdateTime").GetDateTimeOffset())
            .ShouldBe(("High", "New", hub.OurTenant.Id.ToString(), day.AddMinutes(1)));
    }

    [Theory]
    [InlineData("$filter=severity+eq+High")]
    [InlineData("$top=0")]
    [InlineData("$top=10001")]
    [InlineData("$skip=-1")]
    [InlineData("$select=id")]
    [InlineData("$expand=machine")]
    [InlineData("$orderby=title")]
    public async Task A_bad_question_to_the_defender_shape_is_answered_in_its_envelope(string query)
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Analyst, hub.Ours));
        using var answer = await client.GetAsync(new Uri($"{Routes.CompatDefenderAlerts}?{query}", UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("BadRequest");
        error.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        Guid.TryParse(error.GetProperty("target").GetString(), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData("sinceTimeUtc=yesterday")]
    [InlineData("ago=45+minutes")]
    [InlineData("limit=0")]
    [InlineData("sinceTimeUtc=2026-03-11&sinceTimeUtc=2026-03-12")]
    public async Task A_bad_question_to_the_exporter_shape_is_a_400(string query)
    {
        using var client = hub.Client(await hub.KeyAsync(Role.Analyst, hub.Ours));
        using var answer = await client.GetAsync(new Uri($"{Routes.CompatExporterAlerts}/?{query}", UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [SkippableFact]
    public async Task A_connector_written_with_python_requests_gets_a_token_and_reads_its_customers()
    {
        var key = await hub.Api(hub.Owner).AddKeyAsync(new V1.NewApiKey("python", "analyst", [hub.Ours]), default);
        await hub.AppendAsync(hub.OurTenant, "python-1", TimeProvider.System.GetUtcNow(), "For python");
        await hub.AppendAsync(hub.TheirTenant, "python-not", TimeProvider.System.GetUtcNow(), "Not for python");
        var program = Path.Combine(_temp.Path, "connector.py");
        await File.WriteAllTextAsync(
            program,
            """
            import os, sys, time
            try:
                import requests
            except ImportError:
                sys.exit(77)
            hub, client, secret = sys.argv[1], sys.argv[2], os.environ["SECRET"]
            session = requests.Session()
            session.trust_env = False
            token = session.post(hub + "compat/contoso/oauth2/token", data={"grant_type": "refresh_token", "resource": "https://graph.windows.net",
                "client_id": client, "client_secret": secret, "refresh_token": secret})
            token.raise_for_status()
            assert int(token.json()["expires_on"]) > int(token.json()["not_before"])
            head = {"Authorization": "Bearer " + token.json()["access_token"]}
            for poll in range(40):
                legacy = session.get(hub + "compat/exporter/api/alerts/", params={"ago": "PT1H"}, headers=head)
                legacy.raise_for_status()
                if any(alert["AlertId"] == "python-1" for alert in legacy.json()):
                    break
                time.sleep(0.25)
            listed = session.get(hub + "compat/defender/api/alerts", params={"$filter": "lastUpdateTime ge 2026-01-01T00:00:00Z", "$top": "10000"}, headers=head)
            listed.raise_for_status()
            print(sorted(alert["AlertId"] for alert in legacy.json() if alert["AlertId"].startswith("python")), sorted(alert["id"] for alert in listed.json()["value"] if alert["id"].startswith("python")))
            """);
        using var running = Process.Start(new ProcessStartInfo(Python, ["python3", program, hub.Address.ToString(), key.Key.Id])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SECRET"] = key.Secret },
        })!;
        var said = await running.StandardOutput.ReadToEndAsync();
        var errors = await running.StandardError.ReadToEndAsync();
        await running.WaitForExitAsync();
        Skip.If(running.ExitCode is 77 or 127, "There is no python3 with requests; the connector was not run.");
        running.ExitCode.ShouldBe(0, errors);
        said.ShouldBe("['python-1'] ['python-1']\n");
    }

    private Task<V1.CreatedApiKey> MakeAsync(string role) => hub.Api(hub.Owner).AddKeyAsync(new V1.NewApiKey("connector", role), default);

    private async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(string address, params (string Name, string Value)[] form)
    {
        using var client = hub.Client(null);
        using var answer = await client.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
