using System.Text.Json;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Faults;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>Microsoft's npm clients, unchanged, against the twin: <c>@azure/msal-node</c> and <c>@microsoft/microsoft-graph-client</c>.</summary>
public sealed class NodeTests(GraphTwin graph) : IClassFixture<GraphTwin>
{
    private Task<NodeScript> StartAsync(string name, GraphTwin? own = null)
    {
        var at = own ?? graph;
        return NodeScript.StartOrSkipAsync("tests/Bailiwick.Twin.Tests/Sdk/node", name, new
        {
            origin = at.Twin.Host.Address.GetLeftPart(UriPartial.Authority),
            proxy = at.Twin.Host.ProxyAddress,
            client = at.App.AppId,
            secret = at.App.Secrets[0].Value,
            tenants = new[] { at.Twin.Alder.Id, at.Twin.Birch.Id },
            unconsented = at.Twin.Cedar.Id,
            redirect = RunningTwin.HubRedirect,
        }, at.Twin.Host.CaFile);
    }

    [SkippableFact]
    public async Task Client_credentials_reach_two_tenants_and_refusals_keep_their_codes()
    {
        using var script = await StartAsync("credentials.mjs");

        var seen = await script.ReadAsync();

        seen.List("tenants").ShouldBe([graph.Twin.Alder.Id.ToString(), graph.Twin.Birch.Id.ToString()]);
        seen.List("roles").ShouldContain("SecurityAlert.ReadWrite.All");
        seen.GetProperty("cached").GetBoolean().ShouldBeTrue();
        var refusals = seen.GetProperty("refusals");
        refusals.GetProperty("unconsented").Text("errorCode").ShouldBe("unauthorized_client");
        refusals.GetProperty("unconsented").Text("message")!.ShouldContain("AADSTS700016:");
        refusals.GetProperty("secret").Text("errorCode").ShouldBe("invalid_client");
        refusals.GetProperty("secret").Text("message")!.ShouldContain("AADSTS7000215:");
    }

    [SkippableFact]
    public async Task A_guest_signs_in_with_code_and_PKCE_refreshes_and_is_asked_again_after_revocation()
    {
        var own = new GraphTwin();
        await own.InitializeAsync();
        try
        {
            using var script = await StartAsync("code.mjs", own);
            var asked = await script.ReadAsync();
            using var walker = new Walker(own.Twin);
            await walker.GetAsync(asked.Text("address")!);
            await walker.SignInAsync(own.Twin.Analyst.Upn);
            walker.Answer["state"].ShouldBe(asked.Text("state"));
            await script.WriteAsync(new { code = walker.Answer["code"] });

            var redeemed = await script.ReadAsync();
            await own.Twin.Control.ChangeClockAsync(new ClockChange { AdvanceSeconds = 5 }, default);
            await own.Twin.Control.RevokeAsync(own.Twin.Analyst.Id, default);
            await script.WriteAsync(new { });
            var refused = (await script.ReadAsync()).GetProperty("refused");

            redeemed.Text("homeAccountId").ShouldBe($"{own.Twin.Analyst.Id}.{own.Twin.Provider.Id}");
            redeemed.Text("tenantId").ShouldBe(own.Twin.Alder.Id.ToString());
            redeemed.Text("tid").ShouldBe(own.Twin.Alder.Id.ToString());
            redeemed.Text("uniqueId").ShouldNotBe(own.Twin.Analyst.Id.ToString());
            redeemed.GetProperty("renewed").GetBoolean().ShouldBeTrue();
            redeemed.GetProperty("more").Text("name").ShouldBe("InteractionRequiredAuthError");
            redeemed.GetProperty("more").Text("subError").ShouldBe("consent_required");
            refused.Text("name").ShouldBe("ServerError", "msal-node tells people apart from faults by the suberror, and a revoked token comes without one");
            refused.Text("errorCode").ShouldBe("invalid_grant");
            refused.Text("message")!.ShouldContain("AADSTS50173:");
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_device_code_is_confirmed_by_a_guest_and_polled_to_a_token()
    {
        using var script = await StartAsync("device.mjs");
        var asked = await script.ReadAsync();
        using var walker = new Walker(graph.Twin);
        await walker.GetAsync(asked.Text("address")!);
        await walker.PostAsync(("user_code", asked.Text("userCode")!));
        await walker.SignInAsync(graph.Twin.Analyst.Upn);
        walker.Kind.ShouldBe("device-confirm");
        await walker.AcceptAsync();

        var seen = await script.ReadAsync();

        seen.Text("username").ShouldBe(graph.Twin.Analyst.Upn);
        seen.Text("tid").ShouldBe(graph.Twin.Alder.Id.ToString());
    }

    [SkippableFact]
    public async Task The_Graph_client_lists_pages_changes_and_waits_out_a_429()
    {
        await graph.Twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", PathContains = "organization", Kind = TwinFaultKind.Throttle429, Value = 1, Count = 1 }, default);
        using var script = await StartAsync("graph.mjs");

        var seen = await script.ReadAsync();

        seen.Text("organization").ShouldBe("Alder Mills");
        (await graph.AnswersAsync("graph", 429)).ShouldBe(1);
        seen.List("alerts").ShouldBe(graph.Alerts, ignoreOrder: true);
        seen.Text("next")!.ShouldStartWith($"{graph.Twin.Host.Address}graph/v1.0/security/alerts_v2?");
        var filtered = seen.GetProperty("filtered").EnumerateArray().ToList();
        filtered.ShouldContain(alert => alert.Text("id") == seen.List("alerts")[0]);
        filtered.ShouldAllBe(alert => alert.Text("severity") == seen.Text("severity"));
        seen.Text("status").ShouldBe("inProgress");
        seen.List("comments").ShouldBe(["Seen"]);
        Codes(seen.GetProperty("missing")).ShouldBe(("404", "NotFound"));
        Codes(seen.GetProperty("silent")).ShouldBe(("401", "InvalidAuthenticationToken"));
    }

    [SkippableFact]
    public async Task Real_host_names_are_reached_through_the_proxy()
    {
        using var script = await StartAsync("proxy.mjs");

        var seen = await script.ReadAsync();

        seen.Text("tid").ShouldBe(graph.Twin.Alder.Id.ToString());
        seen.List("alerts").ShouldBe(graph.Alerts, ignoreOrder: true);
        seen.Text("next")!.ShouldStartWith("https://graph.microsoft.com/v1.0/security/alerts_v2?");
        seen.List("hosts").ShouldBe(["graph.microsoft.com", "login.microsoftonline.com"]);
    }

    private static (string? Status, string? Code) Codes(JsonElement fault) => (fault.Text("status"), fault.Text("errorCode"));
}
