using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Bailiwick.Hub.Outbound;

namespace Bailiwick.Hub.Tokens;

/// <summary>Asks the sign-in service and Graph, at the tenant's own pinned addresses, whose tokens these are.</summary>
internal sealed class TenantProof(OutboundFactory outbound)
{
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The tenant's key document; null when it cannot be had now.</summary>
    public async Task<string?> ReadKeysAsync(TenantSignIn signIn, CancellationToken cancellationToken)
    {
        using var http = outbound.CreateHttpClient(signIn.Cloud.TrustedCa);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{signIn.Authority}/discovery/v2.0/keys"));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return answer.IsSuccessStatusCode ? System.Text.Encoding.UTF8.GetString(await answer.Content.ReadCappedAsync(MaxBytes, cancellationToken)) : null;
    }

    /// <summary>
    /// GET /organization with a Graph token: true when its id is the tenant's, false when it is another's, null when the permission does not allow
    /// asking or Graph does not answer; then the pinned authority is the proof. Source: organization-list (2024).
    /// </summary>
    public async Task<bool?> IsOrganizationAsync(TenantSignIn signIn, string accessToken, CancellationToken cancellationToken)
    {
        using var http = outbound.CreateHttpClient(signIn.Cloud.TrustedCa);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(signIn.Cloud.Graph, "v1.0/organization?$select=id"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.OK) return null;
            using var body = JsonDocument.Parse(await answer.Content.ReadCappedAsync(MaxBytes, cancellationToken));
            var ids = body.RootElement.GetProperty("value").EnumerateArray().Select(one => one.GetProperty("id").GetString()).ToList();
            return ids is [{ } id] && Guid.TryParse(id, out var tenant) && tenant == signIn.Tenant.Value;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
