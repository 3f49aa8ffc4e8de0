using System.Collections.Concurrent;
using Azure.Core.Pipeline;
using Azure.Identity;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Graph;
using Microsoft.Graph.Authentication;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>A twin with alerts and a proxy for Microsoft's names, and an application that may read and change alerts; clients are built as integrators build them.</summary>
public sealed class GraphTwin : IAsyncLifetime
{
    public const int AlertCount = 7;
    public const string Scope = "https://graph.microsoft.com/.default";
    private AlertPlanes _planes = null!;

    public RunningTwin Twin { get; private set; } = null!;

    public CreatedApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Twin = await RunningTwin.StartAsync(
            new TwinOptions { ProxyPort = 0 },
            [services => _planes = new AlertPlanes(services, new AlertPlanesOptions { Knobs = new AlertKnobs { GraphNextLink = true, Limits = false } })]);
        App = await Twin.CreateAppAsync("Triage", app => app with
        {
            PublicClient = true,
            Permissions =
            [
                new("https://graph.microsoft.com", "SecurityAlert.ReadWrite.All", true),
                new("https://graph.microsoft.com", "Organization.Read.All", true),
                new("https://graph.microsoft.com", "User.Read", false),
                new("https://api.securitycenter.microsoft.com", "Alert.Read.All", true),
            ],
        });
        foreach (var tenant in new[] { Twin.Provider, Twin.Alder, Twin.Birch }) await Twin.Control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, default);
        Alerts = Fill(Twin.Alder);
        Fill(Twin.Birch);
    }

    /// <summary>Ids of Alder's alerts on Graph.</summary>
    public IReadOnlyList<string> Alerts { get; private set; } = [];

    /// <summary>The <c>claims</c> of each token request of <see cref="Credential"/>, empty where there were none.</summary>
    public ConcurrentQueue<string> ClaimsAsked { get; } = new();

    /// <summary>Answers of a status on a plane since the last reset.</summary>
    public async Task<long> AnswersAsync(string plane, int status) =>
        (await Twin.Control.RequestsAsync(default)).Where(count => count.Plane == plane && count.Status == status).Sum(count => count.Requests);

    public ClientSecretCredential Credential(TwinTenant tenant, HttpClient? http = null)
    {
        var options = new ClientSecretCredentialOptions { Transport = new HttpClientTransport(http ?? Client()) };
        if (http is null) (options.AuthorityHost, options.DisableInstanceDiscovery) = (Twin.Host.Address, true);
        return new ClientSecretCredential(tenant.Id.ToString(), App.AppId.ToString(), App.Secrets[0].Value, options);
    }

    /// <summary>The SDK's own pipeline on the twin's own address.</summary>
    public GraphServiceClient Graph(TwinTenant tenant, string allowedHost = "localhost") => new(
        GraphClientFactory.Create(finalHandler: TwinTrust.CreateHandler(Twin.Host.CaFile)),
        new AzureIdentityAuthenticationProvider(Credential(tenant), allowedHosts: [allowedHost], observabilityOptions: null, isCaeEnabled: true, scopes: [Scope]),
        $"{Twin.Host.Address}graph/v1.0");

    /// <summary>Goes through the proxy, trusts the CA, knows no address of the twin.</summary>
    public SocketsHttpHandler ProxyHandler()
    {
        var handler = TwinTrust.CreateHandler(Twin.Host.CaFile);
        (handler.UseProxy, handler.Proxy) = (true, new System.Net.WebProxy(Twin.Host.ProxyAddress));
        return handler;
    }

    public HttpClient ProxyClient() => new(ProxyHandler());

    private HttpClient Client() => new(new ClaimsRecorder(ClaimsAsked) { InnerHandler = TwinTrust.CreateHandler(Twin.Host.CaFile) });

    public async Task DisposeAsync()
    {
        await Twin.DisposeAsync();
        _planes.Dispose();
    }

    private List<string> Fill(TwinTenant tenant) => [.. Enumerable.Range(1, AlertCount).Select(seed => _planes.Alerts.Raise(tenant.Id, seed: seed))];

    private sealed class ClaimsRecorder(ConcurrentQueue<string> asked) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                var form = QueryHelpers.ParseQuery(await content.ReadAsStringAsync(cancellationToken));
                asked.Enqueue(form.TryGetValue("claims", out var claims) ? claims.ToString() : "");
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
