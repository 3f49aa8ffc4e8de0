using System.Text;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.MyAccess;

/// <summary>What a person is asked to review.</summary>
internal sealed class ReviewerPages(EntitlementManagement governance)
{
    private readonly GovernanceState _state = governance.State;

    public Task ListAsync(MyAccessVisit visit, string? fault)
    {
        var me = _state.Directory.FindPresence(visit.Home, visit.Tenant.Id)!.Id;
        var body = new StringBuilder(MyAccessMarkup.Fault(fault));
        var open = _state.Instances.Of(visit.Tenant.Id).Where(instance => instance.Status == "InProgress" && instance.Decisions.Any(item => item.Reviewers.Contains(me))).OrderBy(instance => instance.EndsAt).ThenBy(instance => instance.Id).ToList();
        if (open.Count == 0) body.Append("<p>You have nothing to review.</p>");
        foreach (var instance in open)
        {
            var definition = _state.Definitions.Find(GovernanceState.Key(instance.TenantId, instance.DefinitionId));
            body.Append($"<section><h2>{MyAccessMarkup.Encode(definition?.DisplayName)}</h2><p>Decide by {MyAccessMarkup.Day(instance.EndsAt)}.</p>");
            foreach (var item in instance.Decisions.Where(item => item.Reviewers.Contains(me))) body.Append(Item(visit, instance, item));
            body.Append("</section>");
        }

        return visit.ShowAsync("myaccess-reviews", "Access reviews", body.ToString());
    }

    public void Decide(MyAccessVisit visit)
    {
        var me = _state.Directory.FindPresence(visit.Home, visit.Tenant.Id)!;
        var decision = visit.Field("decision") switch { "Approve" or "Deny" or "DontKnow" => visit.Field("decision")!, _ => throw new GovernanceRefusedException("Choose to approve, to deny, or that you do not know.") };
        var wanted = visit.Id("decision");
        if (_state.Find(_state.Instances, visit.Tenant.Id, visit.Id(), "access review").Decisions.All(item => item.Id != wanted)) throw new GovernanceRefusedException("There is no such decision.", GovernanceFault.Missing);
        governance.Reviews.Decide(visit.Tenant.Id, visit.Id(), item => item.Id == wanted, me, visit.Actor(_state.Directory), decision, visit.Field("justification"));
    }

    private static string Item(MyAccessVisit visit, ReviewInstance instance, ReviewDecision item)
    {
        var body = new StringBuilder($"<article><h3>{MyAccessMarkup.Encode(item.PrincipalName)}</h3><dl><dt>Account</dt><dd>{MyAccessMarkup.Encode(item.PrincipalUpn)}</dd><dt>Recommendation</dt><dd>{MyAccessMarkup.Encode(item.Recommendation)}</dd><dt>Decision</dt><dd>{MyAccessMarkup.Encode(item.Decision)}</dd></dl>");
        body.Append(MyAccessMarkup.Form(visit.Context, visit.Session, visit.Action($"/access-reviews/{instance.Id:D}/{item.Id:D}")));
        return body.Append("<label>Reason <textarea name=\"justification\" rows=\"2\" maxlength=\"4000\"></textarea></label><button name=\"decision\" value=\"Approve\">Approve</button><button class=\"quiet\" name=\"decision\" value=\"Deny\">Deny</button><button class=\"quiet\" name=\"decision\" value=\"DontKnow\">Don’t know</button></form></article>").ToString();
    }
}
