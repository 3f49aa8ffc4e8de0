using System.Text;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.MyAccess;

/// <summary>What waits for a person's approval.</summary>
internal sealed class ApproverPages(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public Task ListAsync(MyAccessVisit visit, string? fault)
    {
        var me = _state.Directory.FindPresence(visit.Home, visit.Tenant.Id)!.Id;
        var waiting = _state.Requests.Of(visit.Tenant.Id).Where(request => request.OpenStage?.Approvers.Contains(me) == true).OrderBy(request => request.OpenStage!.DueAt).ThenBy(request => request.Id).ToList();
        var body = new StringBuilder(MyAccessMarkup.Fault(fault));
        if (waiting.Count == 0) body.Append("<p>Nothing waits for your decision.</p>");
        foreach (var request in waiting) body.Append(Waiting(visit, request, request.OpenStage!));
        return visit.ShowAsync("myaccess-approvals", "Approvals", body.ToString());
    }

    public void Decide(MyAccessVisit visit)
    {
        var me = _state.Directory.FindPresence(visit.Home, visit.Tenant.Id)!;
        var approve = visit.Field("decision") switch { "approve" => true, "deny" => false, _ => throw new GovernanceRefusedException("Choose to approve or to deny.") };
        governance.Requests.Approvals.Decide(visit.Tenant.Id, visit.Id(), visit.Id("stage"), me, visit.Actor(_state.Directory), approve, visit.Field("justification"));
    }

    private string Waiting(MyAccessVisit visit, PackageRequest request, ApprovalStage stage)
    {
        var package = _state.Packages.Find(GovernanceState.Key(request.TenantId, request.PackageId));
        var policy = _state.Policies.Find(GovernanceState.Key(request.TenantId, request.PolicyId));
        var organization = request.Target.OrganizationId is { } id ? _state.Organizations.Find(GovernanceState.Key(request.TenantId, id))?.DisplayName : null;
        var body = new StringBuilder($"<article><h2>{MyAccessMarkup.Encode(package?.DisplayName)}</h2><dl>");
        body.Append($"<dt>Who</dt><dd>{MyAccessMarkup.Encode(request.Requestor.DisplayName)} ({MyAccessMarkup.Encode(request.Requestor.Email)})</dd><dt>Organization</dt><dd>{MyAccessMarkup.Encode(organization ?? "not connected")}</dd>");
        body.Append($"<dt>Kind</dt><dd>{MyAccessMarkup.Encode(request.RequestType == "userUpdate" ? "extension" : "new access")}</dd><dt>Justification</dt><dd>{MyAccessMarkup.Encode(request.Justification)}</dd>");
        foreach (var answer in request.Answers) body.Append($"<dt>{MyAccessMarkup.Encode(policy?.Body.Questions.FirstOrDefault(question => question.Id == answer.QuestionId)?.Text)}</dt><dd>{MyAccessMarkup.Encode(answer.Value)}</dd>");
        body.Append($"<dt>Decide by</dt><dd>{MyAccessMarkup.Day(stage.DueAt)}</dd><dt>Stage</dt><dd>{stage.Number + 1} of {request.Stages.Count}</dd></dl>");
        body.Append(MyAccessMarkup.Form(visit.Context, visit.Session, visit.Action($"/request-approval/{request.Id:D}/{stage.Id:D}")));
        return body.Append("<label>Reason <textarea name=\"justification\" rows=\"2\" maxlength=\"4000\"></textarea></label><button name=\"decision\" value=\"approve\">Approve</button><button class=\"quiet\" name=\"decision\" value=\"deny\">Deny</button></form></article>").ToString();
    }
}
