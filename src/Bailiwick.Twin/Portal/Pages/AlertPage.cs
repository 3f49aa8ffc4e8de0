using System.Text.Json;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>One alert: its story, evidence and device, and the forms of those who hold Alerts investigation. Source: investigate-alerts 2024, manage-alerts 2024.</summary>
internal sealed class AlertPage(PlaneServices planes)
{
    private const int MaxComment = 4000;

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/alerts/{id}", Show, ActAsync);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ViewDataSecurityOperations);
        var stored = Find(visit);
        using var document = JsonDocument.Parse(stored.Body);
        var alert = document.RootElement;
        var mayChange = planes.Refusal(visit.Principal, "PATCH", stored) is null;
        return new PortalPage("portal-alert", Text(alert, "title"), Markup.Of($"""
            <section><h2>Alert</h2><dl>
            <dt>Severity</dt><dd>{AlertLine.Severity(AlertWords.Lower(Text(alert, "severity")) ?? "unknown")}</dd>
            <dt>Status</dt><dd>{AlertLine.NameOf(Text(alert, "status"))}</dd><dt>Classification</dt><dd>{AlertLine.NameOf(Text(alert, "classification"))}</dd>
            <dt>Determination</dt><dd>{AlertLine.NameOf(Text(alert, "determination"))}</dd><dt>Assigned to</dt><dd>{Or(Text(alert, "assignedTo"), "nobody")}</dd>
            <dt>Category</dt><dd>{Text(alert, "category")}</dd><dt>Detection source</dt><dd>{AlertLine.NameOf(Text(alert, "detectionSource"))}</dd>
            <dt>Incident</dt><dd>{Text(alert, "incidentId")}</dd><dt>First activity (UTC)</dt><dd>{AlertLine.Time(alert, "firstActivityDateTime")}</dd>
            <dt>Created (UTC)</dt><dd>{AlertLine.Time(alert, "createdDateTime")}</dd><dt>Last update (UTC)</dt><dd>{AlertLine.Time(alert, "lastUpdateDateTime")}</dd><dt>Alert id</dt><dd><code>{stored.Id}</code></dd>
            </dl></section>
            <section><h2>Story</h2><p class="told">{Text(alert, "description")}</p>{Markup.When(Text(alert, "recommendedActions").Length > 0, $"<h2>Recommended actions</h2><p class=\"told\">{Text(alert, "recommendedActions")}</p>")}</section>
            {EvidenceList.Of(alert)}
            {(mayChange ? Triage(visit, stored, alert) : Markup.Of($"<section><p class=\"soft\">You may read this alert. Changing it needs Alerts investigation on its device group.</p></section>"))}
            {Comments(alert)}
            """), Notice: visit.Query("done") switch { "changed" => "The alert was changed.", "comment" => "The comment was added.", _ => null });
    }

    private Task<PortalOutcome> ActAsync(PortalVisit visit, PortalForm form)
    {
        var stored = Find(visit);
        if (planes.Refusal(visit.Principal, "PATCH", stored) is not null) throw new PortalForbiddenException(DefenderPermissions.NameOf(DefenderPermission.AlertsInvestigation));
        var change = new AlertChange { By = visit.Home.UserPrincipalName };
        var comment = form.Text("act") == "comment";
        if (comment)
        {
            var text = form.Text("comment");
            if (text.Length is 0 or > MaxComment) throw new PortalRefusedException(text.Length == 0 ? "Write a comment first." : $"A comment has at most {MaxComment} characters.");
            change = change with { Comment = text };
        }
        else
        {
            change = change with
            {
                Status = Member(form, "status", ["new", "inProgress", "resolved"]),
                Classification = Member(form, "classification", GraphSecurityWords.Classifications),
                Determination = Member(form, "determination", GraphSecurityWords.Determinations),
                AssignedTo = Assignee(form.Text("assignedTo")),
            };
        }

        planes.Alerts.Shelf.Edit(visit.Tenant.Id, stored.Id, record => AlertShelf.IsOn(record, AlertPlane.Graph), record => change.Apply(record, planes.Clock.GetUtcNow().UtcTicks));
        return PortalOutcome.To($"/alerts/{Uri.EscapeDataString(stored.Id)}?done={(comment ? "comment" : "changed")}");
    }

    private static Markup Triage(PortalVisit visit, StoredRecord stored, JsonElement alert)
    {
        var path = $"/alerts/{Uri.EscapeDataString(stored.Id)}";
        var fields = Markup.Of($"""
            <div class="row"><label>Status {Choice("status", ["new", "inProgress", "resolved"], alert)}</label>
            <label>Classification {Choice("classification", GraphSecurityWords.Classifications, alert)}</label><label>Determination {Choice("determination", GraphSecurityWords.Determinations, alert)}</label></div>
            <label>Assigned to <input type="text" name="assignedTo" value="{Text(alert, "assignedTo")}" maxlength="200" placeholder="{visit.Home.UserPrincipalName}"></label>
            <button name="act" value="update">Save</button>
            """);
        return Markup.Of($"""
            <section><h2>Manage alert</h2>{visit.Form(path, fields)}</section>
            <section><h2>Add a comment</h2>{visit.Form(path, Markup.Of($"<label>Comment <textarea name=\"comment\" maxlength=\"{MaxComment}\" required></textarea></label><button name=\"act\" value=\"comment\">Add comment</button>"))}</section>
            """);
    }

    private static Markup Choice(string name, IReadOnlyList<string> members, JsonElement alert)
    {
        var present = Text(alert, name);
        var shown = members.Where(member => member is not GraphSecurityWords.UnknownFutureValue).ToList();
        if (!shown.Contains(present)) shown.Insert(0, present);
        return FormParts.Choice(name, null, shown.Select(member => (member, AlertLine.NameOf(member))), present);
    }

    private static Markup Comments(JsonElement alert)
    {
        var comments = alert.TryGetProperty("comments", out var all) && all.ValueKind == JsonValueKind.Array ? all.EnumerateArray().ToList() : [];
        return Markup.When(comments.Count > 0, $"<section><h2>Comments</h2>{Markup.Each(comments, comment => Markup.Of(
            $"<p class=\"told\">{Text(comment, "comment")}<br><small>{Text(comment, "createdByDisplayName")}, {AlertLine.Time(comment, "createdDateTime")}</small></p>"))}</section>");
    }

    private static string? Member(PortalForm form, string name, IReadOnlyList<string> members)
    {
        var text = form.Text(name);
        if (text.Length == 0) return null;
        return members.Contains(text) && text != GraphSecurityWords.UnknownFutureValue ? text : throw new PortalRefusedException($"'{text}' is not a value of {name}.");
    }

    private static string Assignee(string text) =>
        text.Length <= 200 && !text.Any(char.IsControl) ? text : throw new PortalRefusedException("A person's name has at most 200 characters, on one line.");

    private StoredRecord Find(PortalVisit visit)
    {
        var id = (string)visit.Context.Request.RouteValues["id"]!;
        return planes.Find(visit.Principal, id, AlertPlane.Graph) ?? throw new PortalMissingException($"There is no alert {id} that you may see.");
    }

    private static string Text(JsonElement item, string name) => DefenderShape.Text(item, name) ?? "";

    private static string Or(string text, string other) => text.Length == 0 ? other : text;
}
