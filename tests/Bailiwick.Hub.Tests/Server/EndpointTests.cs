using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Routing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

[Collection(HubServerTests.Name)]
public sealed class EndpointTests(HubServer hub)
{
    [Fact]
    public async Task A_customer_is_added_with_its_tenants_or_not_at_all()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var tenant = new TenantId(Guid.NewGuid());
        var refused = await Should.ThrowAsync<ProblemException>(() =>
            api.AddCustomerAsync(new NewCustomer("Half", [new NewTenant(tenant), new NewTenant(hub.OurTenant.Id), new NewTenant(new TenantId(Guid.NewGuid()), "moon")]), default));
        refused.Problem.Status.ShouldBe(422);
        refused.Problem.Errors!.Keys.ShouldBe(["tenants[1].id", "tenants[2].cloud"], ignoreOrder: true);
        (await api.ListCustomersAsync(null, default)).Items.ShouldNotContain(customer => customer.Name == "Half");
        var added = await api.AddCustomerAsync(new NewCustomer("Half", [new NewTenant(tenant)]), default);
        (await api.GetCustomerAsync(added.Id, default)).Tenants.Select(one => one.Id).ShouldBe([tenant]);
        (await Should.ThrowAsync<ProblemException>(() => api.AddCustomerAsync(new NewCustomer("half"), default))).Problem.Status.ShouldBe(409);
    }

    [Fact]
    public async Task An_import_names_the_line_and_the_reason_and_adds_nothing_when_one_line_is_wrong()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var good = new CustomerImportLine(2, "Imported", new TenantId(Guid.NewGuid()));
        var refused = await Should.ThrowAsync<ProblemException>(() =>
            api.ImportCustomersAsync(new CustomerImport([good, new CustomerImportLine(3, "Imported", new TenantId(Guid.NewGuid()), "moon")]), default));
        refused.Problem.Errors!["lines[1].cloud"][0].ShouldStartWith("Line 3: ");
        (await api.ImportCustomersAsync(new CustomerImport([good]), default)).ShouldBe(new CustomerImportResult(1, 1, 0));
        (await api.ImportCustomersAsync(new CustomerImport([good]), default)).ShouldBe(new CustomerImportResult(0, 0, 1));
    }

    [Fact]
    public async Task The_queue_pages_without_gap_and_an_alert_shows_its_versions_and_raw_bytes()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Analyst, hub.Ours));
        var day = new DateTimeOffset(2026, 4, 1, 8, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 5; i++) await hub.AppendAsync(hub.OurTenant, $"paged-{i}", day.AddMinutes(i / 2), $"Paged {i}");
        var last = await hub.AppendAsync(hub.OurTenant, "paged-0", day.AddHours(1), "Paged 0, closed", "resolved");
        var seen = new List<Alert>();
        string? cursor = null;
        do
        {
            var page = await api.ListAlertsAsync(new AlertQuery { From = day, To = day.AddDays(1), Limit = 2, Cursor = cursor }, default);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        seen.Select(alert => alert.AlertId).Order().ShouldBe(["paged-0", "paged-1", "paged-2", "paged-3", "paged-4"]);
        seen[0].ShouldBe(seen[0] with { AlertId = "paged-0", Title = "Paged 0, closed", Severity = "high", Status = "resolved", Category = "Malware", CustomerName = HubServer.OursName });
        var detail = await api.GetAlertAsync(hub.OurTenant.Id, null, "paged-0", default);
        detail.Versions.Count.ShouldBe(2);
        detail.Versions[^1].Key.ShouldBe(detail.Current.Key);
        detail.Versions[^1].Bytes.ShouldBe(last.Raw.Length);
        (await api.GetRawAsync(hub.OurTenant.Id, detail.Versions[^1].LogNumber, default)).ShouldBe(last.Raw.ToArray());
        (await Should.ThrowAsync<ProblemException>(() => api.GetRawAsync(hub.OurTenant.Id, 9999, default))).Problem.Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_sink_is_added_tested_parked_and_removed_and_can_begin_now()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var directory = Directory.CreateDirectory(Path.Combine(hub.Folder, "from-now")).FullName;
        var added = await api.AddSinkAsync(new NewSink("from-now", "jsonlines", JsonSerializer.SerializeToElement(new { directory }), FromNow: true), default);
        added.ShouldBe(added with { Class = "confirmed", HasSecret = false, Parked = false });
        (await Should.ThrowAsync<ProblemException>(() => api.AddSinkAsync(new NewSink("from-now", "jsonlines", JsonSerializer.SerializeToElement(new { directory })), default))).Problem.Status.ShouldBe(409);
        (await api.TestSinkAsync("from-now", default)).Delivered.ShouldBeTrue();
        Directory.EnumerateFiles(directory).Count().ShouldBe(1, "only the test: what was in the logs before is not sent");
        (await hub.Get<Hub.Alerts.Positions>().ReadAsync("sink:from-now", default)).ShouldNotBeEmpty();
        (await api.ParkSinkAsync("from-now", true, default)).Parked.ShouldBeTrue();
        (await api.GetStatusAsync(default)).Sinks.ShouldContain(sink => sink.Name == "from-now" && sink.Parked && sink.Waiting == 0);
        await api.RemoveSinkAsync("from-now", default);
        (await hub.Get<Hub.Alerts.Positions>().ReadAsync("sink:from-now", default)).ShouldBeEmpty();
        (await Should.ThrowAsync<ProblemException>(() => api.GetSinkAsync("from-now", default))).Problem.Status.ShouldBe(404);
        var audit = await hub.Api(hub.Owner).ListAuditAsync(null, 200, null, default);
        foreach (var code in new[] { "sink.added", "sink.tested", "sink.parked", "sink.removed" }) audit.Items.ShouldContain(record => record.Event == code && record.ObjectId == "from-now");
    }

    [Fact]
    public async Task What_a_sink_never_gets_does_not_wait_for_it()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var directory = Directory.CreateDirectory(Path.Combine(hub.Folder, "only-ours")).FullName;
        await api.AddSinkAsync(new NewSink("only-ours", "jsonlines", JsonSerializer.SerializeToElement(new { directory }), FromNow: true, Routing: new SinkRouting([hub.Ours])), default);
        await api.ParkSinkAsync("only-ours", true, default);
        await hub.AppendAsync(hub.OurTenant, "routed-ours", new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero), "Ours");
        await hub.AppendAsync(hub.TheirTenant, "routed-theirs", new DateTimeOffset(2026, 5, 1, 8, 0, 0, TimeSpan.Zero), "Theirs");
        (await api.GetStatusAsync(default)).Sinks.Single(sink => sink.Name == "only-ours").Waiting.ShouldBe(1);
        await api.RemoveSinkAsync("only-ours", default);
    }

    [Fact]
    public async Task A_dead_letter_is_delivered_again_and_one_that_never_got_into_the_log_is_not()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        (await Should.ThrowAsync<ProblemException>(() => api.ReplayDeadLetterAsync(hub.OurCollectorLetter, default))).Problem.Status.ShouldBe(409);
        var letter = await api.GetDeadLetterAsync(hub.OurLetter, default);
        (await api.GetDeadLetterRawAsync(hub.OurLetter, default)).ShouldBe(await api.GetRawAsync(hub.OurTenant.Id, letter.LogNumber!.Value, default));
        letter.ShouldBe(letter with { Stage = "sink", Sink = "gone", Reason = "rejected", State = "waiting", LogNumber = 1, Tenant = hub.OurTenant.Id });
        (await Should.ThrowAsync<ProblemException>(() => api.ReplayDeadLetterAsync(hub.OurLetter, default))).Problem.Detail!.ShouldContain("no longer there");
        var directory = Directory.CreateDirectory(Path.Combine(hub.Folder, "gone")).FullName;
        await api.AddSinkAsync(new NewSink("gone", "jsonlines", JsonSerializer.SerializeToElement(new { directory }), FromNow: true), default);
        (await api.ReplayDeadLettersAsync(new DeadLetterSelection(Sink: "gone", Tenant: hub.OurTenant.Id), default)).Count.ShouldBe(1);
        await Until.TrueAsync(async () => (await hub.Get<Hub.Alerts.DeadLetters>().FindAsync(hub.OurLetter, default))!.State == "delivered", "the letter is delivered");
        Directory.EnumerateFiles(directory).Single().ShouldContain(hub.OurTenant.Id.ToString());
        (await Should.ThrowAsync<ProblemException>(() => api.DiscardDeadLetterAsync(hub.OurLetter, "dealt with", default))).Problem.Status.ShouldBe(409);
        (await hub.Api(hub.Owner).ListAuditAsync(hub.OurTenant.Id, 50, null, default)).Items.ShouldContain(record => record.Event == "deadletters.replayed" && record.Detail == "count=1");
        (await api.DiscardDeadLetterAsync(hub.OurCollectorLetter, "dealt with", default)).Count.ShouldBe(1);
        (await api.GetDeadLetterAsync(hub.OurCollectorLetter, default)).State.ShouldBe("discarded");
        await api.RemoveSinkAsync("gone", default);
    }

    [Fact]
    public async Task Dead_letters_are_listed_by_what_an_act_would_take()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, hub.Ours));
        var letter = await api.GetDeadLetterAsync(hub.OurCollectorLetter, default);
        (await IdsAsync(new DeadLetterQuery(Reason: "Foreign-Tenant"))).ShouldBe([letter.Id]);
        (await IdsAsync(new DeadLetterQuery(Reason: "foreign-tenant", From: letter.At, To: letter.At.AddTicks(1)))).ShouldBe([letter.Id]);
        (await IdsAsync(new DeadLetterQuery(Reason: "foreign-tenant", To: letter.At))).ShouldBeEmpty();
        (await IdsAsync(new DeadLetterQuery(From: letter.At.AddDays(1)))).ShouldBeEmpty();
        (await IdsAsync(new DeadLetterQuery(Sink: "gone"))).ShouldBe([hub.OurLetter]);
        (await Should.ThrowAsync<ProblemException>(() => api.ListDeadLettersAsync(new DeadLetterQuery(State: "lost"), default))).Problem.Errors!.Keys.ShouldBe(["state"]);

        async Task<List<string>> IdsAsync(DeadLetterQuery query) => await api.EveryDeadLetterAsync(query, default).Select(one => one.Id).ToListAsync();
    }

    [Fact]
    public async Task A_selection_takes_only_letters_of_the_callers_customers()
    {
        foreach (var tenant in new[] { hub.OurTenant, hub.TheirTenant })
        {
            var version = (await hub.Get<Hub.Alerts.AlertLog>().ReadAsync(tenant.TenantKey, tenant.Id, 0, 1, 1, default))[0];
            await hub.Get<Hub.Alerts.Positions>().MoveAsync("sink:scoped", tenant.TenantKey, 0, 1, new Hub.Alerts.SetAside(version, "Rejected", "The receiver says no."), default);
        }

        var selection = new DeadLetterSelection(Sink: "scoped", All: true);
        (await hub.Api(await hub.KeyAsync(Role.Engineer, hub.Ours)).DiscardDeadLettersAsync(selection, "dealt with", default)).Count.ShouldBe(1);
        var left = await hub.Api(hub.Owner).EveryDeadLetterAsync(new DeadLetterQuery(Sink: "scoped", State: "waiting"), default).ToListAsync();
        left.ShouldHaveSingleItem().Tenant.ShouldBe(hub.TheirTenant.Id);
        (await hub.Api(hub.Owner).DiscardDeadLettersAsync(selection, "dealt with", default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_names_another_tenant_is_shown_whole_only_to_who_sees_every_customer()
    {
        var all = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        Encoding.UTF8.GetString(await all.GetDeadLetterRawAsync(hub.OurCollectorLetter, default)).ShouldBe("{}");
        var ours = hub.Api(await hub.KeyAsync(Role.Engineer, hub.Ours));
        (await ours.GetDeadLetterAsync(hub.OurCollectorLetter, default)).Reason.ShouldBe("foreign-tenant");
        (await Should.ThrowAsync<ProblemException>(() => ours.GetDeadLetterRawAsync(hub.OurCollectorLetter, default))).Problem.Status.ShouldBe(409);
    }

    [Fact]
    public async Task A_secret_goes_in_and_never_comes_out()
    {
        const string Canary = "canary-7f3a9c";
        var api = hub.Api(await hub.KeyAsync(Role.Owner, null));
        await api.AddApplicationAsync(new NewApplication("secretive", Guid.NewGuid(), Secret: Canary + "-app"), default);
        var settings = JsonSerializer.SerializeToElement(new { url = "https://splunk.example:8088" });
        var sink = await api.AddSinkAsync(new NewSink("secretive", "splunk-hec", settings, Canary + "-sink"), default);
        sink.HasSecret.ShouldBeTrue();
        var refused = await Should.ThrowAsync<ProblemException>(() => api.AddSinkAsync(new NewSink("lines", "jsonlines", settings, Canary + "-refused"), default));
        JsonSerializer.Serialize(refused.Problem, ApiJson.Strict).ShouldNotContain(Canary);
        using var client = hub.Client(await hub.KeyAsync(Role.Owner, null));
        foreach (var endpoint in hub.Endpoints.Where(endpoint => Requests.MethodOf(endpoint) == "GET" && Requests.PatternOf(endpoint).StartsWith("/api", StringComparison.Ordinal)))
        {
            using var answer = await client.SendAsync(Requests.To(endpoint, parameter => parameter == "name" ? "secretive" : hub.OurTenant.Id.ToString()));
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain(Canary, customMessage: Requests.NameOf(endpoint));
        }

        await api.RemoveSinkAsync("secretive", default);
        await api.RemoveApplicationAsync("secretive", default);
    }

    [Fact]
    public async Task An_owner_key_narrowed_to_actions_stays_narrowed_and_so_do_the_keys_it_makes()
    {
        var made = await hub.Api(hub.Owner).AddKeyAsync(new Bailiwick.Api.V1.NewApiKey("key maker", "owner", Actions: ["keysChange", "statusRead"]), default);
        var api = hub.Api(made.Secret);
        await api.GetStatusAsync(default);
        (await Should.ThrowAsync<ProblemException>(() => api.ListCustomersAsync(null, default))).Problem.Status.ShouldBe(403);
        foreach (var actions in new[] { null, new[] { "statusRead", "customersRead" } })
        {
            var refused = await Should.ThrowAsync<ProblemException>(() => api.AddKeyAsync(new Bailiwick.Api.V1.NewApiKey("wider", "owner", Actions: actions), default));
            refused.Problem.Errors!.Keys.ShouldBe(["actions"]);
        }

        (await api.AddKeyAsync(new Bailiwick.Api.V1.NewApiKey("as narrow", "engineer", Actions: ["statusRead"]), default)).Key.Actions.ShouldBe(["statusRead"]);
    }

    [Fact]
    public async Task Connecting_names_an_outcome_per_tenant_and_tells_nothing_of_a_foreign_one()
    {
        var owner = hub.Api(await hub.KeyAsync(Role.Owner, null));
        await owner.AddApplicationAsync(new NewApplication("only", Guid.NewGuid(), Secret: "x"), default);
        try
        {
            var api = hub.Api(await hub.KeyAsync(Role.Engineer, hub.Ours));
            var unknown = new TenantId(Guid.NewGuid());
            var outcomes = (await api.ConnectAppOnlyAsync(new ConnectAppOnly([hub.TheirTenant.Id, unknown], "only"), default)).Outcomes;
            outcomes.Select(outcome => outcome.Tenant).ShouldBe([hub.TheirTenant.Id, unknown]);
            outcomes[0].ShouldBe(outcomes[1] with { Tenant = hub.TheirTenant.Id });
            outcomes[0].Error.ShouldBe("unknown_tenant");
            (await Should.ThrowAsync<ProblemException>(() => api.ConnectAppOnlyAsync(new ConnectAppOnly([unknown, unknown], "none", "Nothing"), default)))
                .Problem.Errors!.Keys.ShouldBe(["tenants", "source", "application"], ignoreOrder: true);
        }
        finally
        {
            await owner.RemoveApplicationAsync("only", default);
        }
    }

    [Fact]
    public async Task The_whole_chain_of_audit_records_is_intact_and_lists_newest_first()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Auditor, null));
        (await api.VerifyAuditAsync(default)).ShouldSatisfyAllConditions(found => found.Intact.ShouldBeTrue(), found => found.Records.ShouldBeGreaterThan(0));
        var first = await api.ListAuditAsync(null, 3, null, default);
        var second = await api.ListAuditAsync(null, 3, first.Next, default);
        second.Items[0].Number.ShouldBe(first.Items[^1].Number - 1);
    }
}
