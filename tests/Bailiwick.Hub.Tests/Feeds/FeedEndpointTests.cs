using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Tests.Server;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Feeds;

[Collection(HubServerTests.Name)]
public sealed class FeedEndpointTests(HubServer hub)
{
    private static readonly DateTimeOffset s_day = new(2026, 6, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_feed_is_added_read_confirmed_and_removed_and_leaves_audit_records()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        var added = await api.AddFeedAsync(new NewFeed("pulled", "raw", [hub.Ours], FromNow: true), default);
        added.ShouldSatisfyAllConditions(feed => feed.Customers.ShouldBe([hub.Ours]), feed => feed.Format.ShouldBe("raw"), feed => feed.Waiting.ShouldBe(0));
        (await Should.ThrowAsync<ProblemException>(() => api.AddFeedAsync(new NewFeed("pulled"), default))).Problem.Status.ShouldBe(409);
        var empty = await api.NextOfFeedAsync("pulled", null, default);
        (empty.Receipt, empty.Records.Count, empty.FeedName).ShouldBe((null, 0, "pulled"));
        var alert = await hub.AppendAsync(hub.OurTenant, "pulled-1", s_day, "Pulled");
        await hub.AppendAsync(hub.TheirTenant, "pulled-not", s_day, "Not pulled");
        (await api.ListFeedsAsync(null, default)).Items.Single(feed => feed.Name == "pulled").Waiting.ShouldBe(1);
        var batch = await api.NextOfFeedAsync("pulled", 5, default);
        var record = batch.Records.ShouldHaveSingleItem();
        record.GetProperty("alert").GetRawText().ShouldBe(System.Text.Encoding.UTF8.GetString(alert.Raw.Span));
        record.GetProperty("bailiwick").GetProperty("tenant_id").GetString().ShouldBe(hub.OurTenant.Id.ToString());
        (await api.ConfirmFeedAsync("pulled", batch.Receipt!, default)).Records.ShouldBe(1);
        await api.RemoveFeedAsync("pulled", default);
        (await Should.ThrowAsync<ProblemException>(() => api.NextOfFeedAsync("pulled", null, default))).Problem.Status.ShouldBe(404);
        var audit = (await hub.Api(hub.Owner).ListAuditAsync(null, 200, null, default)).Items.Where(one => one.ObjectId == "pulled").Select(one => one.Event);
        audit.ShouldBe(["feed.removed", "feed.added"]);
    }

    [Fact]
    public async Task Receipts_that_do_not_fit_are_refused_with_a_reason()
    {
        var api = hub.Api(await hub.KeyAsync(Role.Engineer, null));
        await api.AddFeedAsync(new NewFeed("refusing", FromNow: true), default);
        await hub.AppendAsync(hub.OurTenant, "refused-1", s_day, "Refused");
        var batch = await api.NextOfFeedAsync("refusing", null, default);
        (await Should.ThrowAsync<ProblemException>(() => api.ConfirmFeedAsync("refusing", "nonsense", default))).Problem.Status.ShouldBe(422);
        (await Should.ThrowAsync<ProblemException>(() => api.ConfirmFeedAsync("refusing", "0000000000000001-0000000000000001", default))).Problem.ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(409), problem => problem.Detail!.ShouldContain("nothing moved"));
        await api.ConfirmFeedAsync("refusing", batch.Receipt!, default);
        (await Should.ThrowAsync<ProblemException>(() => api.ConfirmFeedAsync("refusing", batch.Receipt!, default))).Problem.Detail!.ShouldContain("confirmed already");
        (await Should.ThrowAsync<ProblemException>(() => api.NextOfFeedAsync("refusing", 1001, default))).Problem.Status.ShouldBe(400);
        await api.RemoveFeedAsync("refusing", default);
    }

    [Fact]
    public async Task A_feed_that_can_give_a_key_nothing_is_not_there_for_it()
    {
        var owner = hub.Api(hub.Owner);
        await owner.AddFeedAsync(new NewFeed("theirs", Customers: [hub.Theirs], FromNow: true), default);
        await owner.AddFeedAsync(new NewFeed("both", Customers: [hub.Ours, hub.Theirs], FromNow: true), default);
        await hub.AppendAsync(hub.TheirTenant, "hidden-1", s_day, "Hidden");
        await hub.AppendAsync(hub.OurTenant, "seen-1", s_day, "Seen");
        var key = await hub.KeyAsync(Role.Analyst, hub.Ours);
        var api = hub.Api(key);
        var listed = (await api.ListFeedsAsync(null, default)).Items.Where(feed => feed.Name is "theirs" or "both").ShouldHaveSingleItem();
        listed.ShouldSatisfyAllConditions(feed => feed.Name.ShouldBe("both"), feed => feed.Customers.ShouldBe([hub.Ours]), feed => feed.Waiting.ShouldBe(1));
        (await Should.ThrowAsync<ProblemException>(() => api.NextOfFeedAsync("theirs", null, default))).Problem.Detail
            .ShouldBe((await Should.ThrowAsync<ProblemException>(() => api.NextOfFeedAsync("unknown", null, default))).Problem.Detail);
        var batch = await api.NextOfFeedAsync("both", null, default);
        JsonSerializer.Serialize(batch.Records).ShouldNotContain(hub.TheirTenant.Id.ToString());
        batch.Records.Count.ShouldBe(1);
        using var client = hub.Client(key);
        using var add = await client.PostAsJsonAsync(Routes.Feeds, new NewFeed("mine"), ApiJson.Strict);
        add.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await owner.RemoveFeedAsync("theirs", default);
        await owner.RemoveFeedAsync("both", default);
    }

    [Fact]
    public async Task A_letter_of_a_feed_says_so_and_is_discarded_but_not_replayed()
    {
        var owner = hub.Api(hub.Owner);
        await owner.AddFeedAsync(new NewFeed("strict", Customers: [hub.Theirs], FromNow: true), default);
        await hub.Get<Hub.Alerts.AlertLog>().AppendAsync(
            hub.TheirTenant.TenantKey,
            hub.TheirTenant.Id,
            Hub.Alerts.AlertSources.GraphAlerts,
            [new Hub.Alerts.CollectedAlert("torn", s_day, s_day, default, default, new byte[32], "{"u8.ToArray())],
            [],
            null,
            default);
        (await owner.NextOfFeedAsync("strict", null, default)).Receipt.ShouldBeNull();
        var letter = (await owner.ListDeadLettersAsync(new DeadLetterQuery(Tenant: hub.TheirTenant.Id), default)).Items.First(one => one.AlertId == "torn" && one.Stage == "feed");
        (letter.Feed, letter.Sink, letter.Reason).ShouldBe(("strict", null, "unencodable"));
        (await Should.ThrowAsync<ProblemException>(() => owner.ReplayDeadLetterAsync(letter.Id, default))).Problem.Status.ShouldBe(409);
        await owner.DiscardDeadLetterAsync(letter.Id, "dealt with", default);
        await owner.RemoveFeedAsync("strict", default);
    }
}
