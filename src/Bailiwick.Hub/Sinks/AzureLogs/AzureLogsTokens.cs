using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Tokens;
using Bailiwick.Hub.Vault;

namespace Bailiwick.Hub.Sinks.AzureLogs;

/// <summary>
/// Tokens of the provider's own application for Azure Monitor, by its client secret. One request at a time; a token is kept until shortly before its end. Thread safe.
/// </summary>
/// <param name="settings">Cloud, tenant and application.</param>
/// <param name="secret">The client secret; owned and cleared here.</param>
/// <param name="clouds">The only places that credentials are sent to.</param>
/// <param name="outbound">The one factory for connections that leave.</param>
/// <param name="time">The clock.</param>
internal sealed class AzureLogsTokens(AzureLogsSettings settings, Secret secret, CloudCatalog clouds, OutboundFactory outbound, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private TokenResult.Acquired? _kept;

    /// <summary>A token that lasts for some minutes more.</summary>
    public async Task<TokenResult> GetAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_kept is { } kept && kept.ExpiresAt - TokenProvider.Margin > time.GetUtcNow()) return kept;
            var result = await AcquireAsync(cancellationToken);
            _kept = result as TokenResult.Acquired;
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The token was not accepted: the next one is asked for anew.</summary>
    public void Forget(TokenResult.Acquired refused) => Interlocked.CompareExchange(ref _kept, null, refused);

    /// <inheritdoc/>
    public void Dispose()
    {
        secret.Dispose();
        _turn.Dispose();
    }

    private async Task<TokenResult> AcquireAsync(CancellationToken cancellationToken)
    {
        if (clouds.Find(settings.Cloud) is not { } cloud)
            return new TokenResult.Refused("unknown_cloud", $"The cloud '{settings.Cloud}' is not configured; known are {string.Join(", ", clouds.Names)}.");
        try
        {
            using var msal = MsalApplication.Create(outbound, cloud, settings.Tenant, settings.ClientId, builder => builder.WithClientSecret(secret.RevealText()));
            var answer = await msal.Client.AcquireTokenForClient([ScopeIn(cloud)]).ExecuteAsync(cancellationToken);
            return new TokenResult.Acquired(answer.AccessToken, time.GetUtcNow() + (answer.ExpiresOn - TimeProvider.System.GetUtcNow()));
        }
        catch (Exception exception) when (TokenErrors.Handles(exception, cancellationToken))
        {
            return TokenErrors.Map(exception, ConnectionFlow.AppOnly, time.GetUtcNow());
        }
    }

    /// <summary>The resource's identifier ends in a slash, and so does the path before <c>.default</c>.</summary>
    private static string ScopeIn(Cloud cloud) =>
        cloud.Login.Host.EndsWith(".us", StringComparison.Ordinal) ? "https://monitor.azure.us//.default" : "https://monitor.azure.com//.default";
}
