using System.Net.Http.Json;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;

namespace Bailiwick.Twin.Control;

/// <summary>The twin refused a control request; the message is its sentence.</summary>
public sealed class TwinControlException(string message) : Exception(message);

/// <summary>Speaks to a twin's control port. Thread safe. Every method throws <see cref="TwinControlException"/> when the twin refuses.</summary>
public sealed class TwinControlClient : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">As <see cref="TwinHost.ControlAddress"/>.</param>
    public TwinControlClient(Uri address)
    {
#pragma warning disable RS0030 // the one destination is the twin's own loopback port, never the outside
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
#pragma warning restore RS0030
    }

    /// <summary>All tenants.</summary>
    public Task<IReadOnlyList<TwinTenant>> TenantsAsync(CancellationToken cancellationToken) => GetAsync<IReadOnlyList<TwinTenant>>("tenants", cancellationToken);

    /// <summary>Creates tenants, all or none; answers in the same order.</summary>
    public Task<IReadOnlyList<TwinTenant>> CreateTenantsAsync(IReadOnlyList<NewTenant> tenants, CancellationToken cancellationToken) => PostAsync<IReadOnlyList<TwinTenant>>("tenants", tenants, cancellationToken);

    /// <summary>Creates one tenant.</summary>
    public Task<TwinTenant> CreateTenantAsync(NewTenant tenant, CancellationToken cancellationToken) => PostAsync<TwinTenant>("tenants", tenant, cancellationToken);

    /// <summary>Changes what a tenant is licensed for.</summary>
    public Task<TwinTenant> ChangeTenantAsync(Guid tenant, TenantChange change, CancellationToken cancellationToken) => SendAsync<TwinTenant>(HttpMethod.Patch, $"tenants/{tenant}", change, cancellationToken);

    /// <summary>Creates a member or a guest.</summary>
    public Task<UserView> CreateUserAsync(Guid tenant, NewUser user, CancellationToken cancellationToken) => PostAsync<UserView>($"tenants/{tenant}/users", user, cancellationToken);

    /// <summary>Users of a tenant.</summary>
    public Task<IReadOnlyList<UserView>> UsersAsync(Guid tenant, CancellationToken cancellationToken) => GetAsync<IReadOnlyList<UserView>>($"tenants/{tenant}/users", cancellationToken);

    /// <summary>Creates or replaces a group.</summary>
    public Task<TwinGroup> CreateGroupAsync(Guid tenant, NewGroup group, CancellationToken cancellationToken) => PostAsync<TwinGroup>($"tenants/{tenant}/groups", group, cancellationToken);

    /// <summary>Enables, disables, or sets a password.</summary>
    public Task<UserView> ChangeUserAsync(Guid user, UserChange change, CancellationToken cancellationToken) => SendAsync<UserView>(HttpMethod.Patch, $"users/{user}", change, cancellationToken);

    /// <summary>Removes a user object.</summary>
    public Task DeleteUserAsync(Guid user, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, $"users/{user}", null, cancellationToken);

    /// <summary>Revokes a user's sessions and refresh tokens; without effect for guests.</summary>
    public Task<RevokeView> RevokeAsync(Guid user, CancellationToken cancellationToken) => PostAsync<RevokeView>($"users/{user}/revoke", null, cancellationToken);

    /// <summary>Registers an application; the answer holds its secrets, once.</summary>
    public Task<CreatedApp> CreateAppAsync(NewApp app, CancellationToken cancellationToken) => PostAsync<CreatedApp>("apps", app, cancellationToken);

    /// <summary>All applications.</summary>
    public Task<IReadOnlyList<AppView>> AppsAsync(CancellationToken cancellationToken) => GetAsync<IReadOnlyList<AppView>>("apps", cancellationToken);

    /// <summary>Adds a secret.</summary>
    public Task<SecretValue> AddSecretAsync(Guid app, NewSecret secret, CancellationToken cancellationToken) => PostAsync<SecretValue>($"apps/{app}/secrets", secret, cancellationToken);

    /// <summary>Removes a secret.</summary>
    public Task DeleteSecretAsync(Guid app, Guid keyId, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, $"apps/{app}/secrets/{keyId}", null, cancellationToken);

    /// <summary>Adds a certificate in PEM.</summary>
    public Task<TwinCertificate> AddCertificateAsync(Guid app, string pem, CancellationToken cancellationToken) => PostAsync<TwinCertificate>($"apps/{app}/certificates", pem, cancellationToken);

    /// <summary>Consents for a whole tenant.</summary>
    public Task<ConsentView> ConsentAsync(Guid tenant, NewConsent consent, CancellationToken cancellationToken) => PostAsync<ConsentView>($"tenants/{tenant}/consents", consent, cancellationToken);

    /// <summary>Everything granted in a tenant, by application.</summary>
    public Task<IReadOnlyList<ConsentView>> ConsentsAsync(Guid tenant, CancellationToken cancellationToken) => GetAsync<IReadOnlyList<ConsentView>>($"tenants/{tenant}/consents", cancellationToken);

    /// <summary>Removes an application with everything granted to it from a tenant.</summary>
    public Task RevokeConsentAsync(Guid tenant, Guid app, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, $"tenants/{tenant}/consents/{app}", null, cancellationToken);

    /// <summary>Enables or disables an application in a tenant, or makes it require assignment.</summary>
    public Task<ConsentView> ChangePrincipalAsync(Guid tenant, Guid app, PrincipalChange change, CancellationToken cancellationToken) => SendAsync<ConsentView>(HttpMethod.Patch, $"tenants/{tenant}/apps/{app}", change, cancellationToken);

    /// <summary>Assigns a user or group to an application.</summary>
    public Task AssignAsync(Guid tenant, NewAssignment assignment, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, $"tenants/{tenant}/assignments", assignment, cancellationToken);

    /// <summary>Makes a delegated admin relationship of a partner.</summary>
    public Task<TwinRelationship> CreateRelationshipAsync(Guid partner, NewRelationship relationship, CancellationToken cancellationToken) => PostAsync<TwinRelationship>($"tenants/{partner}/gdap", relationship, cancellationToken);

    /// <summary>The virtual clock.</summary>
    public Task<ClockView> ClockAsync(CancellationToken cancellationToken) => GetAsync<ClockView>("clock", cancellationToken);

    /// <summary>Moves, freezes or resumes the virtual clock.</summary>
    public Task<ClockView> ChangeClockAsync(ClockChange change, CancellationToken cancellationToken) => PostAsync<ClockView>("clock", change, cancellationToken);

    /// <summary>Rules in force.</summary>
    public Task<IReadOnlyList<FaultView>> FaultsAsync(CancellationToken cancellationToken) => GetAsync<IReadOnlyList<FaultView>>("faults", cancellationToken);

    /// <summary>Puts a rule in force.</summary>
    public Task<TwinFault> AddFaultAsync(TwinFault fault, CancellationToken cancellationToken) => PostAsync<TwinFault>("faults", fault, cancellationToken);

    /// <summary>Takes every rule out of force.</summary>
    public Task ClearFaultsAsync(CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, "faults", null, cancellationToken);

    /// <summary>Requests answered so far.</summary>
    public Task<IReadOnlyList<RequestCount>> RequestsAsync(CancellationToken cancellationToken) => GetAsync<IReadOnlyList<RequestCount>>("requests", cancellationToken);

    /// <summary>Turns behaviours on and off.</summary>
    public Task<SwitchesView> SwitchAsync(SwitchesView switches, CancellationToken cancellationToken) => PostAsync<SwitchesView>("switches", switches, cancellationToken);

    /// <summary>That the twin is up.</summary>
    public Task<HealthView> HealthAsync(CancellationToken cancellationToken) => GetAsync<HealthView>("health", cancellationToken);

    /// <summary>Posts to a plane's own control route.</summary>
    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Post, path, body, cancellationToken);

    /// <summary>Puts to a plane's own control route, such as <c>tenants/{tenant}/portal</c>.</summary>
    public Task<T> PutAsync<T>(string path, object body, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Put, path, body, cancellationToken);

    /// <summary>Reads a plane's own control route.</summary>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendRawAsync(method, path, body, cancellationToken);
        return await answer.Content.ReadFromJsonAsync<T>(ControlJson.Options, cancellationToken) ?? throw new TwinControlException($"The twin answered null to {method} /{path}.");
    }

    private async Task SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendRawAsync(method, path, body, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendRawAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: ControlJson.Options) };
        var answer = await _http.SendAsync(request, cancellationToken);
        if (answer.IsSuccessStatusCode) return answer;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        answer.Dispose();
        throw new TwinControlException($"The twin refused {method} /{path} with {(int)answer.StatusCode}: {text}");
    }
}
