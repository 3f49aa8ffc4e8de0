using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Graph.Governance;

/// <summary><c>accessReviews/definitions</c> with instances and decisions. Source: accessreviewsv2-overview 2025 and the API reference page of each call, 2024–25.</summary>
internal sealed class ReviewRoutes(EntitlementManagement governance)
{
    private static readonly IReadOnlyList<string> OfTheService = ["id", "createdDateTime", "lastModifiedDateTime", "status", "createdBy", "instances"];
    private readonly GovernanceState _state = governance.State;

    public void Map(GovernanceRoutes routes)
    {
        routes.Get("/definitions", GovernanceNeeds.ReadReviews, "accessreviewset-list-definitions 2025", call => call.ListAsync(Related(call), All(call).Select(ReviewShape.Of)));
        routes.Post("/definitions", GovernanceNeeds.WriteReviews, "accessreviewset-post-definitions 2025", CreateAsync);
        routes.Get("/definitions/filterByCurrentUser(on={on})", GovernanceNeeds.ReadOwnReviews with { PersonOnly = true }, "accessreviewscheduledefinition-filterbycurrentuser 2025", ListMineAsync);
        routes.Get("/definitions/{id}", GovernanceNeeds.ReadOwnReviews, "accessreviewscheduledefinition-get 2025", call => call.EntityAsync(Related(call), ReviewShape.Of(Find(call))));
        routes.Put("/definitions/{id}", GovernanceNeeds.WriteReviews, "accessreviewscheduledefinition-update 2025", call => ReplaceAsync(call, whole: true));
        routes.Patch("/definitions/{id}", GovernanceNeeds.WriteReviews, "accessreviewscheduledefinition-update 2025", call => ReplaceAsync(call, whole: false));
        routes.Delete("/definitions/{id}", GovernanceNeeds.WriteReviews, "accessreviewscheduledefinition-delete 2025", DeleteAsync);
        routes.Post("/definitions/{id}/stop", GovernanceNeeds.WriteReviews, "accessreviewscheduledefinition-stop 2025", call => Done(call, () => governance.Reviews.Stop(Find(call))));
        routes.Get("/definitions/{id}/instances", GovernanceNeeds.ReadOwnReviews, "accessreviewscheduledefinition-list-instances 2025", call => call.ListAsync(RelatedInstances(call), InstancesOf(Find(call)).Where(instance => Sees(call, instance)).Select(instance => ReviewShape.Of(instance, Find(call)))));
        routes.Get("/definitions/{id}/instances/{instance}", GovernanceNeeds.ReadOwnReviews, "accessreviewinstance-get 2025", call => call.EntityAsync(RelatedInstances(call), ReviewShape.Of(Instance(call), Find(call))));
        routes.Post("/definitions/{id}/instances/{instance}/stop", GovernanceNeeds.WriteReviews, "accessreviewinstance-stop 2025", call => Done(call, () => governance.Reviews.StopInstance(call.Tenant.Id, Instance(call).Id)));
        routes.Post("/definitions/{id}/instances/{instance}/sendReminder", GovernanceNeeds.WriteReviews, "accessreviewinstance-sendreminder 2025", call => Done(call, () => governance.Reviews.Remind(call.Tenant.Id, Instance(call).Id)));
        routes.Post("/definitions/{id}/instances/{instance}/applyDecisions", GovernanceNeeds.WriteReviews, "accessreviewinstance-applydecisions 2025", call => Done(call, () => governance.Reviews.Apply(call.Tenant.Id, Instance(call).Id)));
        routes.Post("/definitions/{id}/instances/{instance}/resetDecisions", GovernanceNeeds.WriteReviews, "accessreviewinstance-resetdecisions 2025", call => Done(call, () => governance.Reviews.Reset(call.Tenant.Id, Instance(call).Id)));
        routes.Post("/definitions/{id}/instances/{instance}/acceptRecommendations", GovernanceNeeds.DecideReviews, "accessreviewinstance-acceptrecommendations 2025", call => Done(call, () => governance.Reviews.AcceptRecommendations(call.Tenant.Id, Instance(call).Id, call.Person!)));
        routes.Post("/definitions/{id}/instances/{instance}/batchRecordDecisions", GovernanceNeeds.DecideReviews, "accessreviewinstance-batchrecorddecisions 2025", DecideManyAsync);
        routes.Get("/definitions/{id}/instances/{instance}/decisions", GovernanceNeeds.ReadOwnReviews, "accessreviewinstance-list-decisions 2025", call => call.ListAsync(ReviewShape.Decisions, DecisionsOf(call, Instance(call))));
        routes.Get("/definitions/{id}/instances/{instance}/decisions/filterByCurrentUser(on={on})", GovernanceNeeds.ReadOwnReviews with { PersonOnly = true }, "accessreviewinstancedecisionitem-filterbycurrentuser 2025", ListMyDecisionsAsync);
        routes.Get("/definitions/{id}/instances/{instance}/decisions/{decision}", GovernanceNeeds.ReadOwnReviews, "accessreviewinstancedecisionitem-get 2025", call => call.EntityAsync(ReviewShape.Decisions, ReviewShape.Of(Decision(call), Instance(call), Find(call), call.Directory)));
        routes.Patch("/definitions/{id}/instances/{instance}/decisions/{decision}", GovernanceNeeds.DecideReviews, "accessreviewinstancedecisionitem-update 2025", DecideAsync);
        routes.Get("/definitions/{id}/instances/{instance}/stages", GovernanceNeeds.ReadOwnReviews, "accessreviewinstance-list-stages 2025", call => NoStages(call));
    }

    private IEnumerable<ReviewDefinition> All(GraphCall call) => _state.Definitions.Of(call.Tenant.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id);

    private IEnumerable<ReviewInstance> InstancesOf(ReviewDefinition definition) => _state.Instances.Of(definition.TenantId).Where(item => item.DefinitionId == definition.Id).OrderBy(item => item.StartsAt).ThenBy(item => item.Id);

    private ReviewDefinition Find(GraphCall call)
    {
        var definition = _state.Find(_state.Definitions, call.Tenant.Id, call.RouteId(), "access review");
        return GovernanceNeeds.SeesAll(call) || InstancesOf(definition).Any(instance => Sees(call, instance)) ? definition : throw GraphRefusal.NotFound(call.Route("id"));
    }

    private ReviewInstance Instance(GraphCall call)
    {
        var instance = _state.Find(_state.Instances, call.Tenant.Id, call.RouteId("instance"), "access review instance");
        return instance.DefinitionId == Find(call).Id && Sees(call, instance) ? instance : throw GraphRefusal.NotFound(call.Route("instance"));
    }

    private ReviewDecision Decision(GraphCall call)
    {
        var id = call.RouteId("decision");
        return Instance(call).Decisions.FirstOrDefault(item => item.Id == id && SeesItem(call, item)) ?? throw GraphRefusal.NotFound(call.Route("decision"));
    }

    private static bool Sees(GraphCall call, ReviewInstance instance) => GovernanceNeeds.SeesAll(call) || instance.Decisions.Any(item => item.Reviewers.Contains(call.Caller.ObjectId));

    private static bool SeesItem(GraphCall call, ReviewDecision item) => GovernanceNeeds.SeesAll(call) || item.Reviewers.Contains(call.Caller.ObjectId);

    private IEnumerable<JsonObject> DecisionsOf(GraphCall call, ReviewInstance instance) =>
        instance.Decisions.Where(item => SeesItem(call, item)).Select(item => ReviewShape.Of(item, instance, _state.Definitions.Find(GovernanceState.Key(instance.TenantId, instance.DefinitionId)), call.Directory));

    private EntitySet Related(GraphCall call) => ReviewShape.Definitions with
    {
        Follow = (entity, _) => new JsonArray([.. InstancesOf(_state.Find(_state.Definitions, call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()), "access review")).Where(instance => Sees(call, instance)).Select(instance => ReviewShape.Of(instance, null))]),
    };

    private EntitySet RelatedInstances(GraphCall call) => ReviewShape.Instances with
    {
        Follow = (entity, relation) => relation == "decisions" ? new JsonArray([.. DecisionsOf(call, _state.Find(_state.Instances, call.Tenant.Id, Guid.Parse(entity["id"]!.GetValue<string>()), "access review instance"))]) : new JsonArray(),
    };

    private Task ListMineAsync(GraphCall call)
    {
        if (GovernanceRoutes.Argument(call, "on") != "reviewer") throw GraphRefusal.BadRequest("filterByCurrentUser of access reviews takes on='reviewer'.", "BadRequest");
        return call.ListAsync(Related(call), All(call).Where(definition => InstancesOf(definition).Any(instance => instance.Decisions.Any(item => item.Reviewers.Contains(call.Caller.ObjectId)))).Select(ReviewShape.Of));
    }

    private Task ListMyDecisionsAsync(GraphCall call)
    {
        if (GovernanceRoutes.Argument(call, "on") != "reviewer") throw GraphRefusal.BadRequest("filterByCurrentUser of decisions takes on='reviewer'.", "BadRequest");
        var instance = Instance(call);
        return call.ListAsync(ReviewShape.Decisions, instance.Decisions.Where(item => item.Reviewers.Contains(call.Caller.ObjectId)).Select(item => ReviewShape.Of(item, instance, Find(call), call.Directory)));
    }

    private Task NoStages(GraphCall call)
    {
        Instance(call);
        return call.ValuesAsync("identityGovernance/accessReviews/definitions/instances/stages", []);
    }

    private async Task CreateAsync(GraphCall call)
    {
        var definition = Written(call, ReviewShape.Definitions.Type.ReadNew(await call.ReadAsync()), null);
        definition = governance.Reviews.Start(definition);
        Audit(call, definition, "Create access review", "Create");
        await call.CreatedAsync(ReviewShape.Definitions, ReviewShape.Of(definition));
    }

    private async Task ReplaceAsync(GraphCall call, bool whole)
    {
        var old = Find(call);
        if (old.PolicyId is not null) throw GraphRefusal.BadRequest("A review of an access package is changed in its assignment policy.", "BadRequest");
        var sent = await call.ReadAsync();
        if (whole) foreach (var name in OfTheService) sent.Remove(name);
        var body = whole ? ReviewShape.Definitions.Type.ReadNew(sent) : ReviewShape.Definitions.Type.ReadChange(sent);
        if (!whole)
        {
            var present = ReviewShape.Of(old);
            foreach (var name in OfTheService) present.Remove(name);
            var merged = ReviewShape.Definitions.Type.ReadNew(present);
            foreach (var (name, value) in body) merged[name] = value?.DeepClone();
            body = merged;
        }

        var definition = governance.Reviews.Start(Written(call, body, old));
        Audit(call, definition, "Update access review", "Update");
        await call.DoneAsync(ReviewShape.Definitions, ReviewShape.Of(definition));
    }

    private Task DeleteAsync(GraphCall call)
    {
        var definition = Find(call);
        if (definition.PolicyId is not null && definition.Status != "Completed") throw GraphRefusal.BadRequest("A review of an access package ends with its assignment policy.", "BadRequest");
        governance.Reviews.Remove(definition);
        Audit(call, definition, "Delete access review", "Delete");
        return call.DoneAsync();
    }

    private ReviewDefinition Written(GraphCall call, JsonObject body, ReviewDefinition? old)
    {
        var tenant = call.Tenant.Id;
        if (body["scope"] is not JsonObject wanted || body["settings"] is not JsonObject settings) throw GraphRefusal.BadRequest("Values are required for 'scope' and 'settings'.", "BadRequest");
        var scope = ReviewShape.ReadScope(wanted["query"]!.GetValue<string>());
        if (scope.GroupId is { } group && call.Directory.FindGroup(tenant, group) is null) throw GraphRefusal.BadRequest($"The group '{group}' does not exist.", "BadRequest");
        if (scope.PackageId is { } package && _state.Packages.Find(GovernanceState.Key(tenant, package)) is null) throw GraphRefusal.BadRequest($"The access package '{package}' does not exist.", "BadRequest");
        var name = body["displayName"]?.GetValue<string>() ?? throw GraphRefusal.BadRequest("A value is required for 'displayName'.", "BadRequest");
        var days = settings["instanceDurationInDays"]?.GetValue<int>() ?? 14;
        if (days is < 1 or > 180) throw GraphRefusal.BadRequest("instanceDurationInDays is 1 to 180.", "BadRequest");
        var recurrence = settings["recurrence"] is JsonObject pattern ? GovernanceJson.Read<Recurrence>(pattern) : null;
        Catalogs.CheckRecurrence(recurrence);
        var reviewers = Reviewers(body, "reviewers");
        var start = recurrence?.Range?.StartDate is { } day ? new DateTimeOffset(Recurrence.Day(day)!.Value.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : old?.StartsAt ?? call.Now;
        return new ReviewDefinition
        {
            Id = old?.Id ?? _state.NewId(_state.Definitions, tenant, "review", name),
            TenantId = tenant,
            DisplayName = name,
            DescriptionForAdmins = body["descriptionForAdmins"]?.GetValue<string>(),
            DescriptionForReviewers = body["descriptionForReviewers"]?.GetValue<string>(),
            Status = old?.Status ?? "NotStarted",
            Scope = scope,
            IsSelfReview = reviewers.Count == 0,
            Reviewers = reviewers,
            FallbackReviewers = Reviewers(body, "fallbackReviewers"),
            Recurrence = recurrence,
            StartsAt = start > call.Now || recurrence is { Pattern: not null } ? start : call.Now,
            Window = TimeSpan.FromDays(days),
            Rules = new ReviewRules
            {
                AutoApply = Flag(settings, "autoApplyDecisionsEnabled"),
                DefaultDecision = Flag(settings, "defaultDecisionEnabled") ? settings["defaultDecision"]?.GetValue<string>() ?? "None" : "None",
                Recommendations = Flag(settings, "recommendationsEnabled"),
                JustificationRequired = Flag(settings, "justificationRequiredOnApproval"),
                Mails = Flag(settings, "mailNotificationsEnabled"),
                Reminders = Flag(settings, "reminderNotificationsEnabled"),
                LookBack = settings["recommendationLookBackDuration"] is { } look ? System.Xml.XmlConvert.ToTimeSpan(look.GetValue<string>()) : TimeSpan.FromDays(30),
            },
            CreatedAt = old?.CreatedAt ?? call.Now,
            ModifiedAt = call.Now,
            CreatedBy = old?.CreatedBy ?? call.Caller.ObjectId,
            Kept = new JsonObject { ["scope"] = wanted.DeepClone(), ["instanceEnumerationScope"] = body["instanceEnumerationScope"]?.DeepClone(), ["reviewers"] = body["reviewers"]?.DeepClone(), ["applyActions"] = settings["applyActions"]?.DeepClone() },
        };
    }

    private static bool Flag(JsonObject settings, string name) => settings[name]?.GetValue<bool>() == true;

    private static List<SubjectSet> Reviewers(JsonObject body, string name) => [.. (body[name]?.AsArray() ?? []).Select(reviewer => ReviewShape.ReadReviewer(reviewer!["query"]!.GetValue<string>()))];

    private async Task DecideAsync(GraphCall call)
    {
        var item = Decision(call);
        var body = ReviewShape.Decisions.Type.ReadChange(await call.ReadAsync());
        if (body["decision"]?.GetValue<string>() is not { } decision) throw GraphRefusal.BadRequest("A value is required for property 'decision'.", "BadRequest");
        governance.Reviews.Decide(call.Tenant.Id, Instance(call).Id, other => other.Id == item.Id, call.Person!, call.Actor, decision, body["justification"]?.GetValue<string>());
        await call.DoneAsync();
    }

    private async Task DecideManyAsync(GraphCall call)
    {
        var instance = Instance(call);
        var body = ReviewShape.Batch.ReadNew(await call.ReadAsync());
        var principal = body["principalId"]?.GetValue<string>() is { } named ? Guid.Parse(named) : (Guid?)null;
        governance.Reviews.Decide(call.Tenant.Id, instance.Id, item => principal is null || item.PrincipalId == principal, call.Person!, call.Actor, body["decision"]!.GetValue<string>(), body["justification"]?.GetValue<string>());
        await call.DoneAsync();
    }

    private static Task Done(GraphCall call, Action act)
    {
        act();
        return call.DoneAsync();
    }

    private void Audit(GraphCall call, ReviewDefinition definition, string activity, string operation) => _state.Audit(call.Tenant.Id, call.Actor, activity, operation, [new World.TwinTarget(definition.Id.ToString("D"), "AccessReview", definition.DisplayName)], "Policy");
}
