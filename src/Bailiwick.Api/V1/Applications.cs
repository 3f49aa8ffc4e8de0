namespace Bailiwick.Api.V1;

/// <summary>An app registration of the provider that the hub signs in with. Its credential is write-only.</summary>
/// <param name="Name">1 to 64 characters of <c>a-z 0-9 -</c>, unique.</param>
/// <param name="ClientId">The application (client) id.</param>
/// <param name="Credential">How it proves itself.</param>
/// <param name="CredentialExpiresAt">UTC; null when unknown (a secret tells no date).</param>
/// <param name="AddedAt">UTC.</param>
public sealed record Application(
    string Name,
    Guid ClientId,
    ApplicationCredential Credential,
    DateTimeOffset? CredentialExpiresAt,
    DateTimeOffset AddedAt);

/// <summary>How an application proves itself to the sign-in service.</summary>
public enum ApplicationCredential
{
    /// <summary>A client secret.</summary>
    Secret,

    /// <summary>A certificate with its private key.</summary>
    Certificate,
}

/// <summary>An application to be added. Exactly one of <paramref name="Secret"/> and <paramref name="CertificatePem"/> is given.</summary>
/// <param name="Name">As in <see cref="Application"/>.</param>
/// <param name="ClientId">The application (client) id.</param>
/// <param name="Secret">The client secret's value (not its id), up to 4,096 characters; never shown again.</param>
/// <param name="CertificatePem">Certificate and unencrypted private key as PEM, up to 64 KiB; never shown again.</param>
/// <param name="SecretExpiresAt">UTC; when the person knows until when the secret lives. Only with a secret: a certificate says it itself.</param>
public sealed record NewApplication(
    string Name,
    Guid ClientId,
    string? Secret = null,
    string? CertificatePem = null,
    DateTimeOffset? SecretExpiresAt = null)
{
    /// <summary>Never shows the credential.</summary>
    public override string ToString() => $"NewApplication {Name} {ClientId}";
}
