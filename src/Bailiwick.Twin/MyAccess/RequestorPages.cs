using System.Globalization;
using System.Text;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.MyAccess;

/// <summary>What a person can ask for, has asked for, and has.</summary>
internal sealed class RequestorPages(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public Task HomeAsync(MyAccessVisit visit, string? fault)
    {
        var tenant = visit.Tenant.Id;
        var person = governance.People.Of(tenant, visit.Home);
        var body = new StringBuilder(MyAccessMarkup.Fault(fault));
        body.Append("<section><h2>Your access</h2>");
        var held = _state.HeldBy(tenant, person).OrderBy(item => item.StartsAt).ThenBy(item => item.Id).ToList();
        if (held.Count == 0) body.Append("<p>You have no access package.</p>");
        foreach (var assignment in held) body.Append(Held(visit, assignment));
        body.Append("</section><section><h2>Access packages</h2><ul>");
        foreach (var package in Open(tenant, person)) body.Append($"<li><a href=\"{MyAccessMarkup.Encode(MyAccessMarkup.Path(visit.Context, visit.Action($"/access-packages/{package.Id:D}")))}\">{MyAccessMarkup.Encode(package.DisplayName)}</a> {MyAccessMarkup.Encode(package.Description)}</li>");
        body.Append("</ul></section><section><h2>Your requests</h2>");
        var requests = _state.Requests.Of(tenant).Where(request => request.Requestor.Is(person) && request.RequestType != "systemRemove").OrderByDescending(request => request.CreatedAt).ThenBy(request => request.Id).ToList();
        if (requests.Count == 0) body.Append("<p>You have made no request.</p>");
        foreach (var request in requests) body.Append(Asked(visit, request));
        body.Append("</section>");
        return visit.ShowAsync("myaccess-home", "My access", body.ToString());
    }

    public Task PackageAsync(MyAccessVisit visit, string? fault)
    {
        var person = governance.People.Of(visit.Tenant.Id, visit.Home);
        if (_state.Packages.Find(GovernanceState.Key(visit.Tenant.Id, visit.Id())) is not { } package)
        {
            visit.Context.Response.StatusCode = 404;
            return visit.ShowAsync("myaccess-error", "Access package not found", "<p>The access package does not exist, or was deleted.</p>");
        }

        var body = new StringBuilder(MyAccessMarkup.Fault(fault)).Append($"<p>{MyAccessMarkup.Encode(package.Description)}</p><ul>");
        foreach (var scope in package.RoleScopes) body.Append($"<li>{MyAccessMarkup.Encode(scope.RoleName)} of {MyAccessMarkup.Encode(_state.Resources.Find(GovernanceState.Key(package.TenantId, scope.ResourceId))?.DisplayName)}</li>");
        body.Append("</ul>");
        try
        {
            var policy = Policy(package, person);
            governance.Requests.Rules.CheckFree(package, person, alsoIncompatible: true);
            body.Append(Questions(visit, package, policy));
        }
        catch (GovernanceRefusedException refusal)
        {
            if (fault is null) body.Append($"<p class=\"error\">{MyAccessMarkup.Encode(refusal.Message)}</p>");
        }

        return visit.ShowAsync("myaccess-package", package.DisplayName, body.ToString());
    }

    public void Ask(MyAccessVisit visit)
    {
        var package = _state.Find(_state.Packages, visit.Tenant.Id, visit.Id(), "access package");
        var person = governance.People.Of(visit.Tenant.Id, visit.Home);
        var policy = Policy(package, person);
        RequestSchedule? schedule = null;
        if (visit.Field("until") is { } until)
        {
            if (Recurrence.Day(until) is not { } day) throw new GovernanceRefusedException($"'{until}' is not a day; write 2031-01-06.");
            schedule = new RequestSchedule { Expiration = new Expiration { Type = "afterDateTime", EndDateTime = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) } };
        }

        governance.Requests.AskFor(package, person, visit.Actor(_state.Directory), new RequestWords
        {
            PolicyId = policy.Id,
            Justification = visit.Field("justification"),
            Answers = [.. policy.Body.Questions.Select(question => new Answer(question.Id!.Value, visit.Field($"q-{question.Id:D}"))).Where(answer => answer.Value is not null)],
            Schedule = schedule,
        });
    }

    public void ChangeAssignment(MyAccessVisit visit)
    {
        var assignment = _state.Find(_state.Assignments, visit.Tenant.Id, visit.Id(), "assignment");
        var person = governance.People.Of(visit.Tenant.Id, visit.Home);
        var words = new RequestWords { Justification = visit.Field("justification") };
        if (visit.Field("act") == "extend") governance.Requests.Extend(assignment, person, visit.Actor(_state.Directory), words);
        else if (visit.Field("act") == "remove") governance.Requests.Remove(assignment, person, visit.Actor(_state.Directory), words);
        else throw new GovernanceRefusedException("Choose to extend or to give up.");
    }

    public void Cancel(MyAccessVisit visit)
    {
        var request = _state.Find(_state.Requests, visit.Tenant.Id, visit.Id(), "request");
        if (!request.Requestor.Is(governance.People.Of(visit.Tenant.Id, visit.Home))) throw new GovernanceRefusedException("The request is not yours.", GovernanceFault.Denied);
        governance.Requests.Cancel(visit.Tenant.Id, request.Id, visit.Actor(_state.Directory));
    }

    /// <summary>Where several policies fit, the page takes the most specific one. Source: entitlement-management-access-package-request-policy, 2025.</summary>
    private AssignmentPolicy Policy(AccessPackage package, Subject person)
    {
        var fitting = governance.Requests.Rules.PoliciesFor(package, person);
        return governance.Requests.Rules.ForSelf(package, person, fitting.Count > 0 ? fitting[0].Id : null);
    }

    private IEnumerable<AccessPackage> Open(Guid tenant, Subject person) => _state.Packages.Of(tenant)
        .Where(package => !package.IsHidden && governance.Requests.Rules.PoliciesFor(package, person).Count > 0)
        .Where(package => _state.Catalogs.Find(GovernanceState.Key(tenant, package.CatalogId)) is { State: "published" } catalog && (catalog.IsExternallyVisible || person.HomeTenantId == tenant))
        .OrderBy(package => package.DisplayName, StringComparer.OrdinalIgnoreCase).ThenBy(package => package.Id);

    private string Held(MyAccessVisit visit, PackageAssignment assignment)
    {
        var package = _state.Packages.Find(GovernanceState.Key(assignment.TenantId, assignment.PackageId));
        var rights = _state.Policies.Find(GovernanceState.Key(assignment.TenantId, assignment.PolicyId))?.Body.RequestorSettings;
        var body = new StringBuilder($"<article><h3>{MyAccessMarkup.Encode(package?.DisplayName)}</h3><dl><dt>Since</dt><dd>{MyAccessMarkup.Day(assignment.StartsAt)}</dd><dt>Ends</dt><dd>{MyAccessMarkup.Day(assignment.EndsAt)}</dd><dt>State</dt><dd>{MyAccessMarkup.Encode(assignment.State)}</dd></dl>");
        var extends = rights is { EnableTargetsToSelfUpdateAccess: true } && assignment.EndsAt is not null;
        var removes = rights is { EnableTargetsToSelfRemoveAccess: true };
        if (!extends && !removes) return body.Append("</article>").ToString();
        body.Append(MyAccessMarkup.Form(visit.Context, visit.Session, visit.Action($"/assignments/{assignment.Id:D}"))).Append("<label>Business justification <textarea name=\"justification\" rows=\"2\" maxlength=\"4000\"></textarea></label>");
        if (extends) body.Append("<button name=\"act\" value=\"extend\">Extend</button>");
        if (removes) body.Append("<button class=\"quiet\" name=\"act\" value=\"remove\">Give up</button>");
        return body.Append("</form></article>").ToString();
    }

    private string Asked(MyAccessVisit visit, PackageRequest request)
    {
        var package = _state.Packages.Find(GovernanceState.Key(request.TenantId, request.PackageId));
        var body = $"<article><h3>{MyAccessMarkup.Encode(package?.DisplayName)}</h3><dl><dt>Kind</dt><dd>{MyAccessMarkup.Encode(request.RequestType)}</dd><dt>Asked</dt><dd>{request.CreatedAt.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC</dd><dt>State</dt><dd>{MyAccessMarkup.Encode(request.State)} ({MyAccessMarkup.Encode(request.Status)})</dd></dl>";
        return request.IsOpen ? $"{body}{MyAccessMarkup.Form(visit.Context, visit.Session, visit.Action($"/requests/{request.Id:D}"))}<button class=\"quiet\">Cancel request</button></form></article>" : $"{body}</article>";
    }

    private static string Questions(MyAccessVisit visit, AccessPackage package, AssignmentPolicy policy)
    {
        var needed = policy.Body.RequestApprovalSettings.IsRequestorJustificationRequired ? " required" : "";
        var body = new StringBuilder(MyAccessMarkup.Form(visit.Context, visit.Session, visit.Action($"/access-packages/{package.Id:D}")));
        body.Append($"<p>Policy: {MyAccessMarkup.Encode(policy.Body.DisplayName)}. {(policy.Body.RequestApprovalSettings.IsApprovalRequiredForAdd ? "Somebody must approve your request." : "Nobody needs to approve your request.")}</p>");
        body.Append($"<label>Business justification <textarea name=\"justification\" rows=\"3\" maxlength=\"4000\"{needed}></textarea></label>");
        foreach (var question in policy.Body.Questions.OrderBy(question => question.Sequence)) body.Append(Field(question));
        if (policy.Body.RequestorSettings.AllowCustomAssignmentSchedule) body.Append("<label>Until (empty: as long as the policy gives) <input type=\"date\" name=\"until\"></label>");
        return body.Append("<button>Request access</button></form>").ToString();
    }

    private static string Field(Question question)
    {
        var (name, label, needed) = ($"q-{question.Id:D}", MyAccessMarkup.Encode(question.Text), question.IsRequired ? " required" : "");
        if (question.Choices is not { } choices) return $"<label>{label} <input type=\"text\" name=\"{name}\" maxlength=\"4000\"{needed}></label>";
        var many = question.IsMultipleSelectionAllowed == true;
        var options = string.Concat(choices.Select(choice => $"<option value=\"{MyAccessMarkup.Encode(choice.ActualValue)}\">{MyAccessMarkup.Encode(choice.Text.Length > 0 ? choice.Text : choice.ActualValue)}</option>"));
        return $"<label>{label} <select name=\"{name}\"{(many ? " multiple" : "")}{needed}>{(many ? "" : "<option value=\"\"></option>")}{options}</select></label>";
    }
}
