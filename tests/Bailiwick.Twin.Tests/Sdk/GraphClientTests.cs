using System.Text.Json;
using Bailiwick.Twin.Faults;
using Microsoft.Graph;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Graph.Models.Security;
using Microsoft.Kiota.Abstractions;

namespace Bailiwick.Twin.Tests.Sdk;

/// <summary>Microsoft.Graph, unchanged, against the twin: typed reading, paging, changing, errors, waiting out a 429, claims challenges and the list of allowed hosts.</summary>
public sealed class GraphClientTests(GraphTwin graph) : IClassFixture<GraphTwin>
{
    private GraphServiceClient Alder => graph.Graph(graph.Twin.Alder);

    [Fact]
    public async Task The_organization_is_the_tenant_of_the_token()
    {
        var listed = await Alder.Organization.GetAsync();
        var read = await graph.Graph(graph.Twin.Birch).Organization[graph.Twin.Birch.Id.ToString()].GetAsync();

        listed!.Value!.Single().DisplayName.ShouldBe("Alder Mills");
        read!.DisplayName.ShouldBe("Birch Bank");
        read.VerifiedDomains!.Single().Name.ShouldBe("birch.example");
    }

    [Fact]
    public async Task Alerts_are_listed_with_a_filter_and_read_as_typed_evidence()
    {
        var own = graph.Alerts[3];
        var whole = (await Alder.Security.Alerts_v2[own].GetAsync())!;
        var severity = whole.Severity!.Value;
        var since = whole.LastUpdateDateTime!.Value;

        var listed = await Alder.Security.Alerts_v2.GetAsync(request =>
        {
            request.QueryParameters.Filter = $"severity eq '{severity.ToString().ToLowerInvariant()}' and lastUpdateDateTime ge {since.UtcDateTime:O}";
            request.QueryParameters.Top = 100;
        });

        listed!.Value!.ShouldContain(alert => alert.Id == own);
        listed.Value!.ShouldAllBe(alert => alert.Severity == severity && alert.LastUpdateDateTime >= since);
        listed.Value!.ShouldAllBe(alert => alert.TenantId == graph.Twin.Alder.Id.ToString());
        whole.Evidence!.ShouldNotBeEmpty();
        whole.Evidence!.ShouldAllBe(evidence => evidence.GetType() != typeof(AlertEvidence), "every kind of evidence is told apart by its @odata.type");
    }

    [Fact]
    public async Task A_page_iterator_visits_every_alert_once_over_absolute_links()
    {
        var first = (await Alder.Security.Alerts_v2.GetAsync(request => request.QueryParameters.Top = 3))!;
        var visited = new List<string>();
        var pages = 0;

        await PageIterator<Alert, AlertCollectionResponse>.CreatePageIterator(
            Alder,
            first,
            alert =>
            {
                visited.Add(alert.Id!);
                return true;
            },
            request =>
            {
                pages++;
                return request;
            }).IterateAsync();

        first.Value!.Count.ShouldBe(3);
        first.OdataNextLink.ShouldStartWith($"{graph.Twin.Host.Address}graph/v1.0/security/alerts_v2?");
        visited.ShouldBe(graph.Alerts, ignoreOrder: true);
        pages.ShouldBe(2, "seven alerts in pages of three");
    }

    [Fact]
    public async Task An_alert_is_changed_and_read_back_changed()
    {
        var id = graph.Alerts[0];
        var before = (await Alder.Security.Alerts_v2[id].GetAsync())!.LastUpdateDateTime;

        var answered = await Alder.Security.Alerts_v2[id].PatchAsync(new Alert
        {
            Status = AlertStatus.Resolved,
            Classification = AlertClassification.TruePositive,
            Determination = AlertDetermination.Malware,
            AssignedTo = "ann@northwatch.example",
        });
        var read = (await Alder.Security.Alerts_v2[id].GetAsync())!;

        answered!.Status.ShouldBe(AlertStatus.Resolved);
        (read.Status, read.Classification, read.Determination, read.AssignedTo).ShouldBe((AlertStatus.Resolved, AlertClassification.TruePositive, AlertDetermination.Malware, "ann@northwatch.example"));
        read.LastUpdateDateTime!.Value.ShouldBeGreaterThan(before!.Value);
    }

    [Fact]
    public async Task A_comment_goes_through_the_adapter_and_the_generated_call_fails_as_it_does_at_the_service()
    {
        var comments = Alder.Security.Alerts_v2[graph.Alerts[1]].Comments;

        var refused = await Should.ThrowAsync<ODataError>(() => comments.PostAsync([Comment()]));
        var request = comments.ToPostRequestInformation([]);
        request.SetContentFromParsable(Alder.RequestAdapter, "application/json", Comment());
        await Alder.RequestAdapter.SendNoContentAsync(request, new() { ["XXX"] = ODataError.CreateFromDiscriminatorValue });

        refused.ResponseStatusCode.ShouldBe(400);
        refused.Error!.Message.ShouldBe("Empty Payload. JSON content expected.");
        var read = (await Alder.Security.Alerts_v2[graph.Alerts[1]].GetAsync())!;
        read.Comments!.Single().Comment.ShouldBe("Seen: åäö");
        read.Comments!.Single().CreatedByDisplayName!.ShouldContain(graph.App.AppId.ToString());
    }

    [Fact]
    public async Task Errors_arrive_as_ODataError_with_code_and_request_id()
    {
        var missing = await Should.ThrowAsync<ODataError>(() => Alder.Security.Alerts_v2["none"].GetAsync());
        var crooked = await Should.ThrowAsync<ODataError>(() => Alder.Security.Alerts_v2.GetAsync(request => request.QueryParameters.Filter = "severity resembles 'high'"));
        var forbidden = await Should.ThrowAsync<ODataError>(() => Alder.Security.Incidents.GetAsync());

        (missing.ResponseStatusCode, missing.Error!.Code).ShouldBe((404, "NotFound"));
        Guid.TryParse(missing.Error.InnerError!.RequestId, out _).ShouldBeTrue();
        missing.Error.InnerError.Date.ShouldNotBeNull();
        (crooked.ResponseStatusCode, crooked.Error!.Code).ShouldBe((400, "BadRequest"));
        (forbidden.ResponseStatusCode, forbidden.Error!.Code).ShouldBe((403, "Forbidden"));
    }

    [Fact]
    public async Task A_429_is_waited_out_once()
    {
        await using var own = new Owned();
        await own.StartAsync();
        await own.Graph.Twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", Kind = TwinFaultKind.Throttle429, Value = 1, Count = 1 }, default);

        var listed = await own.Alder.Security.Alerts_v2.GetAsync();

        listed!.Value!.Count.ShouldBe(GraphTwin.AlertCount);
        (await own.Graph.AnswersAsync("graph", 429)).ShouldBe(1);
        (await own.Graph.AnswersAsync("graph", 200)).ShouldBe(1);
    }

    [Fact]
    public async Task A_challenge_is_answered_by_one_silent_retry_with_a_new_token_that_was_asked_for_with_the_claims()
    {
        await using var own = new Owned();
        await own.StartAsync();
        var client = own.Alder;
        await client.Organization.GetAsync();
        await client.Organization.GetAsync();
        (await own.Graph.AnswersAsync("signin", 200)).ShouldBe(1, "the second call takes the token from the cache");
        await own.Graph.Twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", Kind = TwinFaultKind.InsufficientClaims, Count = 1 }, default);

        var organizations = await client.Organization.GetAsync();

        organizations!.Value!.Single().DisplayName.ShouldBe("Alder Mills");
        (await own.Graph.AnswersAsync("graph", 401)).ShouldBe(1);
        (await own.Graph.AnswersAsync("signin", 200)).ShouldBe(2, "claims pass the cache by");
        var asked = own.Graph.ClaimsAsked.Select(claims => JsonDocument.Parse(claims).RootElement.GetProperty("access_token")).ToList();
        asked.Count.ShouldBe(2);
        asked[0].TryGetProperty("nbf", out _).ShouldBeFalse();
        asked[1].GetProperty("nbf").GetProperty("essential").GetBoolean().ShouldBeTrue();
        asked[1].GetProperty("xms_cc").GetProperty("values")[0].GetString()!.ToLowerInvariant().ShouldBe("cp1");
    }

    [Fact]
    public async Task A_second_challenge_in_a_row_reaches_the_caller()
    {
        await using var own = new Owned();
        await own.StartAsync();
        await own.Graph.Twin.Control.AddFaultAsync(new TwinFault { Plane = "graph", Kind = TwinFaultKind.InsufficientClaims, Count = 2 }, default);

        var refused = await Should.ThrowAsync<ODataError>(() => own.Alder.Organization.GetAsync());

        refused.ResponseStatusCode.ShouldBe(401);
        (await own.Graph.AnswersAsync("graph", 401)).ShouldBe(2);
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_gets_no_token()
    {
        var silent = graph.Graph(graph.Twin.Alder, allowedHost: "graph.microsoft.com");

        var refused = await Should.ThrowAsync<ODataError>(() => silent.Organization.GetAsync());

        (refused.ResponseStatusCode, refused.Error!.Code).ShouldBe((401, "InvalidAuthenticationToken"));
        refused.Error.Message!.ShouldContain("empty");
        (await Alder.Organization.GetAsync())!.Value!.Count.ShouldBe(1, "the same call with the host allowed");
    }

    private static AlertComment Comment() => new() { Comment = "Seen: åäö", OdataType = "microsoft.graph.security.alertComment" };

    /// <summary>A twin of one test, whose counters nobody else moves.</summary>
    private sealed class Owned : IAsyncDisposable
    {
        public GraphTwin Graph { get; } = new();

        public GraphServiceClient Alder => field ??= Graph.Graph(Graph.Twin.Alder);

        public Task StartAsync() => Graph.InitializeAsync();

        public async ValueTask DisposeAsync() => await Graph.DisposeAsync();
    }
}
