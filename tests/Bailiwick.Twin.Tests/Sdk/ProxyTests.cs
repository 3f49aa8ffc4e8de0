using System.Diagnostics;
using System.Text.Json;
using Azure.Core;
using Bailiwick.Twin.Control;
using Microsoft.Graph;
using Microsoft.Graph.Models.Security;
using Microsoft.Identity.Client;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>The same libraries under Microsoft's real names: only a proxy and a CA say that the twin answers.</summary>
public sealed class ProxyTests(GraphTwin graph) : IClassFixture<GraphTwin>
{
    [Fact]
    public async Task MSAL_keeps_its_public_authority_and_its_instance_discovery()
    {
        var app = ConfidentialClientApplicationBuilder.Create(graph.App.AppId.ToString())
            .WithAuthority(AzureCloudInstance.AzurePublic, graph.Twin.Alder.Id)
            .WithClientSecret(graph.App.Secrets[0].Value)
            .WithHttpClientFactory(new ProxyFactory(graph.ProxyClient()))
            .Build();

        var first = await app.AcquireTokenForClient([GraphTwin.Scope]).ExecuteAsync();
        var second = await app.AcquireTokenForClient([GraphTwin.Scope]).WithTenantId(graph.Twin.Birch.Id.ToString()).ExecuteAsync();

        app.Authority.ShouldBe($"https://login.microsoftonline.com/{graph.Twin.Alder.Id}/");
        Jwt.Claims(first.AccessToken).Text("tid").ShouldBe(graph.Twin.Alder.Id.ToString());
        Jwt.Claims(second.AccessToken).Text("tid").ShouldBe(graph.Twin.Birch.Id.ToString());
    }

    [Fact]
    public async Task The_Graph_client_keeps_its_default_address_and_its_default_hosts()
    {
        using var http = graph.ProxyClient();
        var credential = graph.Credential(graph.Twin.Alder, http);
        var client = new GraphServiceClient(GraphClientFactory.Create(finalHandler: graph.ProxyHandler()), credential);

        var first = (await client.Security.Alerts_v2.GetAsync(request => request.QueryParameters.Top = 3))!;
        var visited = new List<string>();
        await PageIterator<Alert, AlertCollectionResponse>.CreatePageIterator(client, first, alert =>
        {
            visited.Add(alert.Id!);
            return true;
        }).IterateAsync();

        first.OdataNextLink.ShouldStartWith("https://graph.microsoft.com/v1.0/security/alerts_v2?");
        visited.ShouldBe(graph.Alerts, ignoreOrder: true);
    }

    [Theory]
    [InlineData("https://eu.api.security.microsoft.com")]
    [InlineData("https://api-uk.securitycenter.microsoft.com")]
    public async Task Defenders_answers_name_the_regional_host_that_was_asked(string origin)
    {
        using var http = graph.ProxyClient();
        var token = await graph.Credential(graph.Twin.Alder, http).GetTokenAsync(new TokenRequestContext(["https://api.securitycenter.microsoft.com/.default"]), default);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{origin}/api/alerts") { Headers = { Authorization = new("Bearer", token.Token) } };

        using var answer = await http.SendAsync(request);

        var context = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.Text("@odata.context");
        context.ShouldBe($"{origin}/api/$metadata#Alerts");
    }

    [Fact]
    public async Task A_program_with_stock_constructors_only_runs_on_two_environment_variables()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Bailiwick.StockClient.dll")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR" }) start.Environment.Remove(name);
        start.Environment["HTTPS_PROXY"] = graph.Twin.Host.ProxyAddress!.ToString();
        start.Environment["SSL_CERT_FILE"] = graph.Twin.Host.CaFile;
        start.Environment["AZURE_TENANT_ID"] = graph.Twin.Alder.Id.ToString();
        start.Environment["AZURE_CLIENT_ID"] = graph.App.AppId.ToString();
        start.Environment["AZURE_CLIENT_SECRET"] = graph.App.Secrets[0].Value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        string output;
        try
        {
            output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        process.ExitCode.ShouldBe(0, await errors);
        var seen = JsonDocument.Parse(output).RootElement;
        seen.Text("organization").ShouldBe("Alder Mills");
        seen.List("alerts").ShouldBe(graph.Alerts, ignoreOrder: true);
        seen.Text("nextHost").ShouldBe("graph.microsoft.com");
        seen.Text("missing").ShouldBe("404 NotFound");
        Jwt.Claims(seen.Text("token")!).Text("tid").ShouldBe(graph.Twin.Alder.Id.ToString());
    }

    private sealed class ProxyFactory(HttpClient client) : IMsalHttpClientFactory
    {
        public HttpClient GetHttpClient() => client;
    }
}
