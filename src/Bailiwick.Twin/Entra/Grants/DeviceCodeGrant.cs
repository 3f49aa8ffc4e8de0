using System.Globalization;
using System.Security.Cryptography;
using Bailiwick.Twin.Entra.Tokens;
using Bailiwick.Twin.World;
using Bailiwick.Wire.Entra;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Entra.Grants;

/// <summary>Device codes: drawn by a public client, confirmed by a person elsewhere, polled for. Source: v2-oauth2-device-code, 2025.</summary>
internal sealed class DeviceCodeGrant(EntraServices services, UserTokens tokens)
{
    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int CodeLength = 9;
    private const int Interval = 5;

    public async Task StartAsync(HttpContext context, IFormCollection form, TenantSegment segment, bool legacy)
    {
        if (TryStart(context, form, segment, legacy, out var body) is { } error)
        {
            await ErrorAnswer.WriteAsync(context, error, services.Clock);
            return;
        }

        if (!legacy)
        {
            await ErrorAnswer.WriteJsonAsync(context, body);
            return;
        }

        await ErrorAnswer.WriteJsonAsync(context, new LegacyDeviceCodeBody
        {
            UserCode = body.UserCode,
            DeviceCode = body.DeviceCode,
            VerificationUrl = body.VerificationUri,
            ExpiresIn = body.ExpiresIn.ToString(CultureInfo.InvariantCulture),
            Interval = body.Interval.ToString(CultureInfo.InvariantCulture),
            Message = body.Message,
        });
    }

    public TokenAnswer Redeem(HttpContext context, IFormCollection form, TenantSegment segment, Client client, bool legacy)
    {
        if (client.Proof == ClientProof.None && !client.App.PublicClient) return EntraError.NoClientProof();
        if ((SignInRequest.Read(form, "device_code") ?? SignInRequest.Read(form, "code")) is not { } value) return EntraError.Missing("device_code");
        var digest = GrantStore.DigestOf(value);
        if (services.Grants.Devices.Find(digest) is not { } device || device.Request.ClientId != client.App.AppId) return EntraError.DeviceUnknown();
        if (services.Clock.GetUtcNow() > device.IssuedAt + GrantStore.DeviceLifetime) return EntraError.DeviceExpired();
        if (device.State == DeviceState.Declined) return EntraError.DeviceDeclined();
        if (device.State == DeviceState.Pending) return EntraError.DevicePending();
        if (segment.Tenant is { } concrete && concrete.Id != device.TenantId) return EntraError.CodeOfOtherTenant();
        if (services.Grants.Devices.Remove(digest) is null) return EntraError.DeviceUnknown();
        if (services.Directory.FindTenant(device.TenantId) is not { } tenant || services.Directory.FindUser(device.HomeTenantId, device.HomeUserId) is not { } home) return EntraError.BadGrant();
        if (device.Request.TryReadScope(services.Directory, out var scope) is { } error) return error;
        return tokens.Issue(context, form, client, new UserGrant
        {
            Tenant = tenant,
            Home = home,
            AuthenticatedAt = device.AuthenticatedAt,
            Scope = scope,
            ScopeText = device.Request.Scope,
            ResourceText = device.Request.Resource,
            Platform = client.Proof == ClientProof.None ? RedirectPlatform.PublicClient : RedirectPlatform.Web,
            Family = Guid.NewGuid(),
            Offline = legacy || scope.Offline,
        }, legacy);
    }

    public DeviceGrant? FindByUserCode(string typed)
    {
        var code = typed.Trim().ToUpperInvariant();
        return services.Grants.Devices.All.FirstOrDefault(device => device.UserCode == code && device.State == DeviceState.Pending && services.Clock.GetUtcNow() <= device.IssuedAt + GrantStore.DeviceLifetime);
    }

    private EntraError? TryStart(HttpContext context, IFormCollection form, TenantSegment segment, bool legacy, out DeviceCodeBody body)
    {
        body = null!;
        if (SignInRequest.Read(form, "client_id") is not { } id) return EntraError.Missing("client_id");
        if (segment.TryFindApp(services.Directory, id, out var app) is { } unknown) return unknown;
        var scope = SignInRequest.Read(form, "scope");
        var resource = SignInRequest.Read(form, "resource");
        if (!legacy && resource is not null) return EntraError.ResourceOnV2();
        if (!legacy && scope is null) return EntraError.Missing("scope");
        var request = new SignInRequest { Segment = segment.Text, ClientId = app.AppId, Legacy = legacy, Scope = scope ?? "", Resource = resource, Platform = RedirectPlatform.PublicClient };
        if (request.TryReadScope(services.Directory, out _) is { } wrong) return wrong;
        var (value, digest) = services.Grants.New("D");
        var userCode = RandomNumberGenerator.GetString(Letters, CodeLength);
        services.Grants.Devices.Put(new DeviceGrant { Digest = digest, UserCode = userCode, Request = request, IssuedAt = services.Clock.GetUtcNow() });
        var address = $"{TwinAddress.Origin(context)}/devicelogin";
        body = new DeviceCodeBody
        {
            UserCode = userCode,
            DeviceCode = value,
            VerificationUri = address,
            ExpiresIn = (int)GrantStore.DeviceLifetime.TotalSeconds,
            Interval = Interval,
            Message = $"To sign in, use a web browser to open the page {address} and enter the code {userCode} to authenticate.",
        };
        return null;
    }
}
