using Bailiwick.Twin.Tls;
using Microsoft.Identity.Client;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>Gives MSAL a client that trusts the twin's CA.</summary>
internal sealed class TwinHttpFactory(string caFile) : IMsalHttpClientFactory, IDisposable
{
    private readonly HttpClient _client = new(TwinTrust.CreateHandler(caFile));

    public HttpClient GetHttpClient() => _client;

    public void Dispose() => _client.Dispose();
}
