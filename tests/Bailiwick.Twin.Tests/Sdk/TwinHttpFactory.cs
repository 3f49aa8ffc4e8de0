using Bailiwick.Twin.Tls;
using Microsoft.Identity.Client;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>Gives MSAL a client that trusts the twin's CA.</summary>
internal sealed class TwinHttpFactory(string caFile) : IMsalHttpClientFactory, IDisposable
{
#pragma warning disable RS0030 // MSAL asks for a client; it goes to the twin in this process
    private readonly HttpClient _client = new(TwinTrust.CreateHandler(caFile));
#pragma warning restore RS0030

    public HttpClient GetHttpClient() => _client;

    public void Dispose() => _client.Dispose();
}
