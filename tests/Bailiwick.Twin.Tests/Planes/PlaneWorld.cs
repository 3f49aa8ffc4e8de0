using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire;

namespace Bailiwick.Twin.Tests.Planes;

/// <summary>A twin with its alert planes, one customer tenant, and an application that may read and write there.</summary>
internal sealed class PlaneWorld : IAsyncDisposable
{
    private readonly Dictionary<(Guid, string), string> _tokens = [];

    public required TwinHost Host { get; init; }

    public required AlertPlanes Planes { get; init; }

    public required TwinControlClient Control { get; init; }

    public required HttpClient Http { get; init; }

    public required TwinTenant Tenant { get; init; }

    public required CreatedApp App { get; init; }

    public TwinAlerts Alerts => Planes.Alerts;

    public static async Task<PlaneWorld> StartAsync(AlertKnobs? knobs = null, bool licensed = true, string[]? permissions = null)
    {
        AlertPlanes? planes = null;
        var host = await TwinHost.StartAsync(
            new TwinOptions { Seed = 11 },
            [services => planes = new AlertPlanes(services.Store, services.Clock, services.Tokens, services.Directory.FindTenant, new AlertPlanesOptions { Knobs = knobs ?? new AlertKnobs() })],
            CancellationToken.None);
        var control = new TwinControlClient(host.ControlAddress);
        await control.CreateTenantAsync(new NewTenant { Name = "Northwatch", Domain = "northwatch.example" }, default);
        var tenant = await control.CreateTenantAsync(new NewTenant { Name = "Harrowgate", Domain = "harrowgate.example", Licensed = licensed }, default);
        var app = await control.CreateAppAsync(
            new NewApp
            {
                Tenant = "northwatch.example",
                Name = "Reader",
                MultiTenant = true,
                Secrets = [new NewSecret()],
                Permissions =
                [
                    .. (permissions ?? ["SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All", "Organization.Read.All"]).Select(name => new TwinPermission(Wire.Planes.GraphResource, name, true)),
                    new TwinPermission(Wire.Planes.DefenderResource, "Alert.ReadWrite.All", true),
                    new TwinPermission(Wire.Planes.DefenderResource, "Machine.Read.All", true),
                ],
            },
            default);
        await control.ConsentAsync(tenant.Id, new NewConsent { AppId = app.AppId }, default);
#pragma warning disable RS0030 // the test's client goes to the twin in this process
        var http = new HttpClient(TwinTrust(host)) { BaseAddress = host.Address };
#pragma warning restore RS0030
        return new PlaneWorld { Host = host, Planes = planes!, Control = control, Http = http, Tenant = tenant, App = app };
    }

    /// <summary>One request with a token for the plane; answers status, headers and body.</summary>
    public async Task<Answer> AskAsync(HttpMethod method, string path, object? body = null, string? audience = null)
    {
        var resource = audience ?? (path.StartsWith("/graph", StringComparison.Ordinal) ? Wire.Planes.GraphResource
            : path.StartsWith("/exporter", StringComparison.Ordinal) ? Wire.Planes.ExporterResource : Wire.Planes.DefenderResource);
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(resource));
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answer(answer.StatusCode, text, answer.Headers.RetryAfter?.Delta);
    }

    public Task<Answer> GetAsync(string path, string? audience = null) => AskAsync(HttpMethod.Get, path, null, audience);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Control.Dispose();
        await Host.DisposeAsync();
    }

    private static SocketsHttpHandler TwinTrust(TwinHost host) => Tls.TwinTrust.CreateHandler(host.CaFile);

    private async Task<string> TokenAsync(string resource)
    {
        if (_tokens.TryGetValue((Tenant.Id, resource), out var known)) return known;
        using var answer = await Http.PostAsync(
            $"/{Tenant.Id}/oauth2/v2.0/token",
            new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = App.AppId.ToString(),
                ["client_secret"] = App.Secrets[0].Value,
                ["scope"] = $"{resource}/.default",
            }));
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return _tokens[(Tenant.Id, resource)] = json.RootElement.GetProperty("access_token").GetString()!;
    }
}

/// <summary>What a plane answered.</summary>
internal sealed record Answer(HttpStatusCode Status, string Text, TimeSpan? RetryAfter)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement.Clone();

    public List<JsonElement> Value => [.. Json.GetProperty("value").EnumerateArray()];

    public string? ErrorCode => Json.GetProperty("error").GetProperty("code").GetString();
}
