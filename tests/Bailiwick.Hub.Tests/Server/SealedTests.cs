using System.Net;
using System.Net.Http.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Delivery;
using Bailiwick.Server;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class SealedTests
{
    [Fact]
    public async Task Without_its_key_the_hub_serves_health_and_nothing_else()
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-sealed-").FullName;
        try
        {
            string owner;
            await using (var first = await StartAsync(folder)) owner = (await File.ReadAllTextAsync(Path.Combine(first.Data, "owner.key"))).Trim();
            Directory.Move(Path.Combine(folder, "hub", "keys"), Path.Combine(folder, "keys-elsewhere"));
            await using var server = await StartAsync(folder);
            using var client = new HttpClient { BaseAddress = server.Addresses[0] };
            client.DefaultRequestHeaders.Authorization = new("Bearer", owner);
            foreach (var address in new[] { Routes.Customers, Routes.Status, Routes.Metrics, Routes.OpenApi, "/connect/x", "/nothing" })
            {
                using var answer = await client.GetAsync(new Uri(address, UriKind.Relative));
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, address);
                answer.Headers.RetryAfter.ShouldNotBeNull();
                (await answer.Content.ReadFromJsonAsync<Problem>(ApiJson.Tolerant))!.Type.ShouldBe(Problems.Sealed.Uri);
            }

            server.Services.GetRequiredService<CollectorWorker>().ExecuteTask!.IsCompletedSuccessfully.ShouldBeTrue();
            server.Services.GetRequiredService<DeliveryWorker>().ExecuteTask!.IsCompletedSuccessfully.ShouldBeTrue();
            (await client.GetAsync(new Uri(Routes.HealthLive, UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
            using var ready = await client.GetAsync(new Uri(Routes.HealthReady, UriKind.Relative));
            ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await ready.Content.ReadFromJsonAsync<Health>(ApiJson.Tolerant))!.Reasons.Select(reason => reason.Check).ShouldContain("vault");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<RunningServer> StartAsync(string folder) =>
        BailiwickServer.StartAsync(HubServer.OptionsOf(folder), static _ => { }, static _ => { }, CancellationToken.None);
}
