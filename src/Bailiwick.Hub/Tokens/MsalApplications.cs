using System.Security.Cryptography.X509Certificates;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Storage;
using Bailiwick.Hub.Vault;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Tokens;

/// <summary>
/// Makes confidential clients of Microsoft.Identity.Client: one per tenant and acquisition, authority from the tenant's cloud and stored GUID
/// alone, the credential decrypted late and for this one. Wiring verified against 4.92.
/// </summary>
internal sealed class MsalApplications(
    Database database, TenantStore tenants, CloudCatalog clouds, CredentialVault vault, AuditLog audit, OutboundFactory outbound)
{
    /// <summary>The place tokens of a tenant come from.</summary>
    public async Task<TenantSignIn?> FindSignInAsync(TenantId tenant, CancellationToken cancellationToken) =>
        await tenants.GetAsync(tenant, cancellationToken) is { } record ? new TenantSignIn(record, clouds.Get(record.Cloud)) : null;

    /// <summary>A client for one acquisition. Decrypting the credential is audited first: no record, no credential.</summary>
    public async Task<MsalApplication> CreateAsync(TenantSignIn signIn, ProviderApplication application, string? redirectUri, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            write => audit.AppendAsync(write, new AuditEntry("credential.opened", Actor.Job("tokens"), signIn.Tenant, application.Credential.ToString(), $"application={application.Id}")),
            cancellationToken);
        using var secret = await vault.OpenAsync(application.Credential, VaultOwner.Provider, ApplicationStore.Purpose, cancellationToken);
        var certificate = application.CredentialKind == "certificate" ? X509CertificateLoader.LoadPkcs12(secret.Reveal(), null) : null;
        return MsalApplication.Create(
            outbound,
            signIn.Cloud,
            signIn.Tenant.Value,
            application.ClientId,
            builder =>
            {
                if (redirectUri is not null) builder = builder.WithRedirectUri(redirectUri);
                return certificate is null ? builder.WithClientSecret(secret.RevealText()) : builder.WithCertificate(certificate);
            }) with { Certificate = certificate };
    }
}

/// <summary>A tenant with its cloud.</summary>
internal sealed record TenantSignIn(TenantRecord Record, Cloud Cloud)
{
    public TenantId Tenant => Record.Id;

    /// <summary>Login host and stored GUID, nothing else.</summary>
    public Uri Authority => new(Cloud.Login, Record.Id.ToString());

    /// <summary>The exact issuer of this tenant's v2 id tokens.</summary>
    public string Issuer => $"{Authority}/v2.0";

    public string ScopeFor(TokenAudience audience) => ResourceOf(audience) + "/.default";

    private string ResourceOf(TokenAudience audience) => audience switch
    {
        TokenAudience.Graph => Cloud.GraphResource,
        TokenAudience.Defender => Cloud.DefenderResource,
        TokenAudience.Exporter => Cloud.ExporterResource,
        _ => throw new ArgumentOutOfRangeException(nameof(audience), audience, "No such plane."),
    };
}

/// <summary>A confidential client with what must be let go after its use.</summary>
internal sealed record MsalApplication(IConfidentialClientApplication Client, MsalHttpClients Http, X509Certificate2? Certificate) : IDisposable
{
    /// <summary>Makes a client that speaks to the cloud's sign-in alone, for one tenant by its id.</summary>
    public static MsalApplication Create(
        OutboundFactory outbound, Cloud cloud, Guid tenant, Guid clientId, Func<ConfidentialClientApplicationBuilder, ConfidentialClientApplicationBuilder> prove)
    {
        var http = new MsalHttpClients(outbound, Origin.Of(cloud.Login), cloud.TrustedCa);
        var builder = ConfidentialClientApplicationBuilder.Create(clientId.ToString("D"))
            .WithAuthority(new Uri(cloud.Login, tenant.ToString("D")).ToString(), validateAuthority: cloud.IsMicrosoft)
            .WithHttpClientFactory(http, retryOnceOn5xx: false);
        if (!cloud.IsMicrosoft) builder = builder.WithInstanceDiscovery(false);
        return new MsalApplication(prove(builder).Build(), http, null);
    }

    public void Dispose()
    {
        Http.Dispose();
        Certificate?.Dispose();
    }
}
