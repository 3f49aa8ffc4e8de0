using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Simulation.Network;
using Bailiwick.Simulation.Process;
using Bailiwick.Simulation.World;

namespace Bailiwick.Simulation.Naive;

/// <summary>What a script has: an HTTP client with a timeout, and a pile of what it got.</summary>
internal sealed class NaiveClient(HttpClient http, IncarnationTime time, int pageSize)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public int PageSize => pageSize;

    /// <summary>How often each state came.</summary>
    public Dictionary<State, int> Got { get; } = [];

    public string Updated(Feed feed) => feed.Source == AlertSources.DefenderAlerts ? "lastUpdateTime" : "lastUpdateDateTime";

    public string Created(Feed feed) => feed.Source == AlertSources.DefenderAlerts ? "alertCreationTime" : "createdDateTime";

    public string Address(Feed feed, string filter, int skip)
    {
        var path = feed.Source == AlertSources.DefenderAlerts ? "api/alerts?$expand=evidence&" : "v1.0/security/alerts_v2?";
        return string.Create(CultureInfo.InvariantCulture, $"{SimPlane.Address}{path}$filter={Uri.EscapeDataString(filter)}&$top={pageSize}&$skip={skip}");
    }

    /// <exception cref="HttpRequestException">Anything but a readable page.</exception>
    public async Task<(IReadOnlyList<State> States, string? Next)> GetAsync(Feed feed, string address)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SimPlane.TokenOf(feed.Tenant));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(timeout.Token);
            using var page = await JsonDocument.ParseAsync(body, default, timeout.Token);
            var states = page.RootElement.GetProperty("value").EnumerateArray().Select(row => Keep(feed, row)).ToList();
            var next = page.RootElement.TryGetProperty("@odata.nextLink", out var link) ? link.GetString() : null;
            return (states, next is not null && next != address && next.StartsWith(SimPlane.Address.AbsoluteUri, StringComparison.Ordinal) ? next : null);
        }
        catch (Exception failure) when (failure is JsonException or IOException or OperationCanceledException)
        {
            throw new HttpRequestException("The poll failed.", failure);
        }
    }

    private State Keep(Feed feed, JsonElement row)
    {
        var updated = DateTime.Parse(row.GetProperty(Updated(feed)).GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal).Ticks;
        var state = feed.Recognize(row.GetProperty("id").GetString()!, updated, JsonMarshal.GetRawUtf8Value(row), out _)!;
        CollectionsMarshal.GetValueRefOrAddDefault(Got, state, out _)++;
        return state;
    }
}
