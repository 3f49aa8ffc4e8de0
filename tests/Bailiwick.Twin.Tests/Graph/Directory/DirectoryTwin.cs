using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Tls;
using Bailiwick.Twin.World;
using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>A twin with one application that holds every permission of Graph, as itself and on behalf of people, in the provider's tenant, in Alder and in Birch.</summary>
public sealed class DirectoryTwin : IAsyncLifetime
{
    public const string Resource = "https://graph.microsoft.com";
    private readonly Dictionary<Guid, string> _tokens = [];

    public RunningTwin Twin { get; private set; } = null!;

    public TwinDirectory Directory => Twin.Host.Services.Directory;

    public CreatedApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Twin = await RunningTwin.StartAsync();
        var offered = TwinPermissions.Of(Directory, TwinResource.Graph).Where(permission => permission.Name is not ("openid" or "profile" or "email" or "offline_access"));
        App = await Twin.CreateAppAsync("Directory", app => app with { Permissions = [.. offered.Select(permission => new TwinPermission(Resource, permission.Name, permission.Application))] });
        foreach (var tenant in new[] { Twin.Provider, Twin.Alder, Twin.Birch }) await Twin.Control.ConsentAsync(tenant.Id, new NewConsent { AppId = App.AppId }, default);
    }

    public Task DisposeAsync() => Twin.DisposeAsync();

    /// <summary>The SDK as the application itself, in Alder where nothing else is said.</summary>
    public async Task<GraphServiceClient> GraphAsync(TwinTenant? tenant = null) => Client(await TokenAsync(tenant));

    /// <summary>The SDK on behalf of a person, by their name at home.</summary>
    public async Task<GraphServiceClient> GraphOfAsync(string upn, TwinTenant? tenant = null, string password = RunningTwin.Password) => Client(await TokenOfAsync(upn, tenant, password));

    /// <summary>A plain client below the version root, as the application itself; the caller disposes it.</summary>
    public async Task<HttpClient> HttpAsync(TwinTenant tenant)
    {
        var client = new HttpClient(TwinTrust.CreateHandler(Twin.Host.CaFile)) { BaseAddress = new Uri(Twin.Host.Address, "graph/v1.0/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(tenant));
        return client;
    }

    /// <summary>A token of the application itself; one for all tests.</summary>
    public async Task<string> TokenAsync(TwinTenant? tenant = null)
    {
        var id = (tenant ?? Twin.Alder).Id;
        if (_tokens.TryGetValue(id, out var known)) return known;
        var (_, body) = await Twin.TokenAsync(id, Twin.AppOnly(app: App));
        return _tokens[id] = body.GetProperty("access_token").GetString()!;
    }

    /// <summary>A token on behalf of a person, by authorization code.</summary>
    public async Task<string> TokenOfAsync(string upn, TwinTenant? tenant = null, string password = RunningTwin.Password)
    {
        var id = (tenant ?? Twin.Alder).Id;
        using var walker = new Walker(Twin);
        await walker.GetAsync($"/{id}/oauth2/v2.0/authorize?" + Walker.Query(new() { ["client_id"] = App.AppId.ToString(), ["response_type"] = "code", ["redirect_uri"] = RunningTwin.HubRedirect, ["scope"] = $"{Resource}/.default" }));
        await walker.SignInAsync(upn, password);
        if (walker.Kind == "review") await walker.AcceptAsync();
        walker.Answer.ShouldContainKey("code", walker.Page);
        var (_, body) = await Twin.TokenAsync(id, new() { ["grant_type"] = "authorization_code", ["client_id"] = App.AppId.ToString(), ["client_secret"] = App.Secrets[0].Value, ["code"] = walker.Answer["code"], ["redirect_uri"] = RunningTwin.HubRedirect });
        return body.GetProperty("access_token").GetString()!;
    }

    /// <summary>One request below the version root, such as <c>/users</c>; as the application in Alder where no token is given.</summary>
    public async Task<GraphReply> SendAsync(HttpMethod method, string path, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var http = Twin.CreateClient();
        using var request = new HttpRequestMessage(method, $"graph/{(path.StartsWith("/beta/", StringComparison.Ordinal) ? path[1..] : "v1.0" + path)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? await TokenAsync());
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null) request.Content = body as HttpContent ?? JsonContent.Create(body);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new GraphReply((int)answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    private GraphServiceClient Client(string token) =>
        new(GraphClientFactory.Create(finalHandler: TwinTrust.CreateHandler(Twin.Host.CaFile)), new BaseBearerTokenAuthenticationProvider(new Given(token)), $"{Twin.Host.Address}graph/v1.0");

    private sealed class Given(string token) : IAccessTokenProvider
    {
        public AllowedHostsValidator AllowedHostsValidator { get; } = new(["localhost"]);

        public Task<string> GetAuthorizationTokenAsync(Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default) => Task.FromResult(token);
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record GraphReply(int Status, JsonElement Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The error's code; empty for an answer that is none.</summary>
    public string Error => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString()! : "";

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<JsonElement> Values => [.. Body.GetProperty("value").EnumerateArray()];
}
