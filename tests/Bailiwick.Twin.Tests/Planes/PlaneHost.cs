using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Bailiwick.Testing;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Twin.Tests.Planes;

/// <summary>The alert planes on a real Kestrel over plain http, with a token reader that takes the caller out of the header.</summary>
public sealed class PlaneHost : IAsyncDisposable, ITwinTokenReader
{
    public const string Graph = "https://graph.microsoft.com";
    public const string Defender = "https://api.securitycenter.microsoft.com";
    public const string Exporter = "https://graph.windows.net";

    public static readonly Guid Harrowgate = Guid.Parse("6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a01");
    public static readonly Guid Unlicensed = Guid.Parse("6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a02");
    public static readonly Guid Second = Guid.Parse("6b0f3c2e-6c55-4a86-9a0f-0d6b5c1f0a03");
    public static readonly Guid App = Guid.Parse("11111111-2222-3333-4444-555555555555");
    public static readonly Guid Analyst = Guid.Parse("99999999-2222-3333-4444-555555555555");

    private static readonly TwinTenant[] Tenants =
    [
        new(Harrowgate, "Harrowgate Tools", "harrowgate.example", "SE"),
        new(Unlicensed, "Plain Bakery", "bakery.example", "SE", DefenderLicensed: false),
        new(Second, "Quayside Clinic", "quayside.example", "NO"),
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("bailiwick-twin-").FullName;
    private readonly TwinStore _store;
    private readonly WebApplication _app;

    private PlaneHost(AlertKnobs? knobs)
    {
        Clock = new TwinClock(Time);
        _store = new TwinStore(_directory);
        Planes = new AlertPlanes(_store, Clock, this, Find, new AlertPlanesOptions { Knobs = knobs ?? new AlertKnobs() });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        Planes.Map(_app);
        Planes.MapControl(_app.MapGroup("/control"));
    }

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero).AddTicks(1_234_567));

    public TwinClock Clock { get; }

    public AlertPlanes Planes { get; }

    public TwinAlerts Alerts => Planes.Alerts;

    public HttpClient Client { get; private set; } = null!;

    public static TwinTenant? Find(Guid id) => Tenants.FirstOrDefault(tenant => tenant.Id == id);

    public static async Task<PlaneHost> StartAsync(AlertKnobs? knobs = null)
    {
        var host = new PlaneHost(knobs);
        await host._app.StartAsync();
        var address = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        host.Client = new HttpClient { BaseAddress = new Uri(address) };
        return host;
    }

    public static string Token(string audience, string permissions, Guid? tenant = null, Guid? user = null) =>
        $"{audience}|{permissions}|{tenant ?? Harrowgate}|{user}";

    public string? Read(string? authorization, IReadOnlyList<string> audiences, out TwinPrincipal? principal)
    {
        principal = null;
        if (authorization is null) return "Access token is empty.";
        var parts = authorization["Bearer ".Length..].Split('|');
        if (!audiences.Contains(parts[0])) return "Access token validation failure. Invalid audience.";
        var held = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var user = parts[3].Length > 0;
        principal = new TwinPrincipal(
            Guid.Parse(parts[2]), parts[0], App, user ? Guid.Parse(parts[3]) : App, !user, user ? new HashSet<string>() : held, user ? held : new HashSet<string>(),
            user ? "ada@provider.example" : null);
        return null;
    }

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> SendAsync(
        HttpMethod method, string path, string? token = null, string? body = null, Action<HttpRequestMessage>? more = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        more?.Invoke(request);
        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, response);
    }

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> GraphAsync(string path, string permissions = "SecurityAlert.ReadWrite.All SecurityIncident.ReadWrite.All", Guid? tenant = null, Guid? user = null) =>
        SendAsync(HttpMethod.Get, "/graph/v1.0" + path, Token(Graph, permissions, tenant, user));

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> DefenderAsync(string path, string permissions = "Alert.ReadWrite.All Machine.Read.All Incident.Read.All", Guid? tenant = null, Guid? user = null) =>
        SendAsync(HttpMethod.Get, "/defender/api" + path, Token(Defender, permissions, tenant, user));

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> ExporterAsync(string query = "") =>
        SendAsync(HttpMethod.Get, "/exporter/api/alerts" + query, Token(Exporter, ""));

    public Task<(int Status, JsonElement Body, HttpResponseMessage Response)> ControlAsync(HttpMethod method, string path, string? body = null) =>
        SendAsync(method, "/control" + path, null, body);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Planes.Dispose();
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

internal static class Reading
{
    public static List<JsonElement> Values(this JsonElement body) => [.. (body.ValueKind == JsonValueKind.Array ? body : body.GetProperty("value")).EnumerateArray()];

    public static string Str(this JsonElement body, string name) => body.GetProperty(name).GetString()!;

    public static List<string> Ids(this JsonElement body) => [.. body.Values().Select(alert => alert.Str("id"))];

    public static string Error(this JsonElement body) => body.GetProperty("error").GetProperty("code").GetString()!;
}
