using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class CoverageEndpointTests(HubServer hub)
{
    [Fact]
    public async Task The_answer_pages_without_gap_or_repeat()
    {
        var api = hub.Api(hub.Owner);
        var whole = (await api.ListCoverageAsync(new CoverageQuery(), default)).Items;
        whole.Count.ShouldBeGreaterThan(1);
        whole.ShouldAllBe(row => row.Trouble!.Cause == "notConnected" && row.HoleSince == row.From && row.Spans.Count == 1);
        var paged = await api.EveryCoverageAsync(new CoverageQuery { Limit = 1 }, default).ToListAsync();
        paged.Select(row => row.Tenant).ShouldBe(whole.Select(row => row.Tenant));
    }

    [Fact]
    public async Task A_sink_is_shown_to_who_may_see_sinks_and_to_nobody_else()
    {
        var directory = Directory.CreateDirectory(Path.Combine(hub.Folder, "coverage")).FullName;
        await hub.Api(hub.Owner).AddSinkAsync(new NewSink("covered", "jsonlines", JsonSerializer.SerializeToElement(new { directory }), FromNow: true), default);
        var ours = new CoverageQuery { Tenant = hub.OurTenant.Id };
        try
        {
            (await hub.Api(hub.Owner).ListCoverageAsync(ours, default)).Items.ShouldHaveSingleItem().Readers.ShouldContain(reader => reader.Sink == "covered" && reader.Waiting == 0);
            (await hub.Api(await hub.KeyAsync(Role.CustomerAdministrator, hub.Ours)).ListCoverageAsync(ours, default)).Items.ShouldHaveSingleItem().Readers.ShouldBeEmpty();
        }
        finally
        {
            await hub.Api(hub.Owner).RemoveSinkAsync("covered", default);
        }
    }

    [Fact]
    public async Task A_difference_of_another_customer_is_not_there()
    {
        var store = hub.Get<Hub.Collectors.Reconciliations>();
        var at = new DateTimeOffset(2026, 3, 11, 8, 0, 0, TimeSpan.Zero);
        foreach (var tenant in new[] { hub.OurTenant, hub.TheirTenant })
        {
            var found = new Hub.Collectors.Difference($"of-{tenant.TenantKey}", "DefenderAlerts", at, "Late.");
            await store.StoreAsync(tenant.TenantKey, "GraphAlerts", "DefenderAlerts", at, new Hub.Collectors.TimeWindow(at.AddDays(-1), at.AddDays(1)), [found], default);
        }

        try
        {
            (await IdsAsync(hub.Owner, null)).ShouldBe([$"of-{hub.OurTenant.TenantKey}", $"of-{hub.TheirTenant.TenantKey}"]);
            var ours = await hub.KeyAsync(Role.Analyst, hub.Ours);
            (await IdsAsync(ours, null)).ShouldBe([$"of-{hub.OurTenant.TenantKey}"]);
            (await IdsAsync(ours, hub.Ours)).ShouldBe([$"of-{hub.OurTenant.TenantKey}"]);
            (await Should.ThrowAsync<ProblemException>(() => IdsAsync(ours, hub.Theirs))).Problem.Status.ShouldBe(404);
        }
        finally
        {
            await store.KeepAsync([], default);
        }

        async Task<List<string>> IdsAsync(string key, CustomerId? customer) =>
            [.. (await hub.Api(key).ListDifferencesAsync(customer, null, null, default)).Items.Select(one => one.RecordId)];
    }

    [Theory]
    [InlineData("from=2026-03-11T08:00:00Z&to=2026-03-11T08:00:00Z", "from")]
    [InlineData("from=2026-01-01T00:00:00Z&to=2026-03-11T08:00:00Z", "from")]
    [InlineData("holes=maybe", "holes")]
    [InlineData("source=Nothing", "source")]
    [InlineData("cursor=x", "cursor")]
    public async Task A_question_that_cannot_be_answered_names_its_field(string query, string field)
    {
        using var client = hub.Client(hub.Owner);
        using var answer = await client.GetAsync(new Uri($"{Routes.Coverage}?{query}", UriKind.Relative));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        ((int)answer.StatusCode, problem.RootElement.GetProperty("errors").EnumerateObject().Single().Name).ShouldBe((400, field));
    }

    [Fact]
    public async Task A_pause_is_seen_everywhere_and_recorded()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var until = TimeProvider.System.GetUtcNow().AddHours(2);
        (await Should.ThrowAsync<ProblemException>(() => api.PauseCustomerAsync(hub.Theirs, new PauseCustomer("", until), default))).Problem.Errors!.Keys.ShouldBe(["reason"]);
        (await api.PauseCustomerAsync(hub.Theirs, new PauseCustomer("Migration", until), default)).Pause!.Until.ShouldBe(until);
        try
        {
            (await api.GetCustomerAsync(hub.Theirs, default)).Pause!.Reason.ShouldBe("Migration");
            (await api.ListCustomersAsync(null, default)).Items.Single(customer => customer.Id == hub.Theirs).Pause.ShouldNotBeNull();
            (await api.ListTenantStatusAsync(null, default)).Items.Single(tenant => tenant.Tenant == hub.TheirTenant.Id).PausedUntil.ShouldBe(until);
        }
        finally
        {
            (await api.ResumeCustomerAsync(hub.Theirs, default)).Pause.ShouldBeNull();
        }

        var events = (await hub.Api(hub.Owner).ListAuditAsync(null, 200, null, default)).Items.Where(record => record.ObjectId == hub.Theirs.ToString()).Select(record => record.Event);
        events.ShouldContain("customer.paused");
        events.ShouldContain("customer.resumed");
    }
}
