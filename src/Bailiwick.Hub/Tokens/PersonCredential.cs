using System.Text.Json;
using Bailiwick.Hub.Vault;
using Microsoft.Identity.Client;

namespace Bailiwick.Hub.Tokens;

/// <summary>What the vault keeps for an authorization-code connection: MSAL's serialized user token cache and whose account it holds.</summary>
internal sealed record PersonCredential(string Account, byte[] Cache)
{
    public static PersonCredential Read(Secret secret) =>
        JsonSerializer.Deserialize<PersonCredential>(secret.Reveal()) ?? throw new VaultCorruptException("A connection's token cache");

    public Secret ToSecret() => new(JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>
    /// Puts <paramref name="cache"/> behind the client. <paramref name="store"/> runs inside the library's own acquisition, before it hands the
    /// new token to anybody: the new refresh token is durable before it is used.
    /// </summary>
    public static void Attach(IConfidentialClientApplication client, byte[]? cache, Func<byte[], Task> store)
    {
        client.UserTokenCache.SetBeforeAccessAsync(args =>
        {
            if (cache is not null) args.TokenCache.DeserializeMsalV3(cache, shouldClearExistingCache: true);
            return Task.CompletedTask;
        });
        client.UserTokenCache.SetAfterAccessAsync(async args =>
        {
            if (!args.HasStateChanged) return;
            var changed = args.TokenCache.SerializeMsalV3();
            await store(changed);
            cache = changed;
        });
    }
}
