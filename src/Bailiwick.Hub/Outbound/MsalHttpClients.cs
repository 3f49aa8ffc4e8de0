using System.Security.Cryptography.X509Certificates;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Outbound;

/// <summary>Gives MSAL this hub's own HTTP client, and lets it speak to one sign-in origin only, whatever it asks for.</summary>
internal sealed class MsalHttpClients : IMsalHttpClientFactory, IDisposable
{
    private readonly HttpClient _client;

    public MsalHttpClients(OutboundFactory outbound, Origin signIn, X509Certificate2Collection? trustedCa) =>
        _client = outbound.CreateHttpClient(inner => new OneOrigin(signIn, inner), trustedCa);

    public HttpClient GetHttpClient() => _client;

    public void Dispose() => _client.Dispose();

    private sealed class OneOrigin(Origin signIn, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri is { } address && signIn.Includes(address)
                ? base.SendAsync(request, cancellationToken)
                : throw new OutboundRefusedException($"The sign-in library asked for '{request.RequestUri?.GetLeftPart(UriPartial.Authority)}'; only {signIn} is allowed for this tenant.");
    }
}
