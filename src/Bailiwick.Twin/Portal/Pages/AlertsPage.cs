using System.Globalization;
using Bailiwick.Twin.Graph;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Alerts.Query;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>The alerts queue: what the person's device groups show, newest update first, by status and severity. Source: alerts-queue 2024.</summary>
internal sealed class AlertsPage(PlaneServices planes)
{
    private const int PerPage = 25;
    private static readonly IReadOnlyList<(string Value, string Name)> Statuses = [("new", "New"), ("inProgress", "In progress"), ("resolved", "Resolved")];
    private static readonly IReadOnlyList<(string Value, string Name)> Severities = [("high", "High"), ("medium", "Medium"), ("low", "Low"), ("informational", "Informational")];

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/alerts", Show);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ViewDataSecurityOperations);
        var (status, severity) = (Known(Statuses, visit.Query("status")), Known(Severities, visit.Query("severity")));
        var page = int.TryParse(visit.Query("page"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, 100_000) : 1;
        var filter = string.Join(" and ", new[] { status is null ? null : $"status eq '{status}'", severity is null ? null : $"severity eq '{severity}'" }.Where(part => part is not null));
        var query = planes.SeenBy(visit.Principal, AlertPlane.Graph) with { Filter = filter.Length == 0 ? null : FilterSql.From(filter, GraphFields.Alerts) };
        var count = planes.Alerts.Shelf.Count(query);
        List<AlertLine> lines = [];
        planes.Alerts.Shelf.Page(query with { Skip = (page - 1) * PerPage, Take = PerPage }, (in ShelfRow row) => lines.Add(AlertLine.Read(row.Body)));
        return new PortalPage("portal-alerts", "Alerts", Markup.Of($"""
            <form method="get" class="row"><label>Status {Choice("status", Statuses, status)}</label><label>Severity {Choice("severity", Severities, severity)}</label><button>Filter</button></form>
            <p class="soft">{count} alert{Markup.When(count != 1, $"s")}{Scope(visit)}</p>
            {(lines.Count == 0 ? Markup.Of($"<section><p>No alerts{Markup.When(filter.Length > 0, $" fit the filter")}.</p></section>") : Table(visit, lines))}
            {Pages(visit, page, count, status, severity)}
            """));
    }

    private static Markup Table(PortalVisit visit, List<AlertLine> lines) => Markup.Of($"""
        <table><thead><tr><th>Title</th><th>Severity</th><th>Status</th><th>Device</th><th>Device group</th><th>Assigned to</th><th>Last update (UTC)</th></tr></thead><tbody>
        {Markup.Each(lines, line => Markup.Of($"""
            <tr><td class="lead">{visit.Link($"/alerts/{Uri.EscapeDataString(line.Id)}", line.Title)}</td><td data-name="Severity">{AlertLine.Severity(line.SeverityWord)}</td>
            <td data-name="Status">{line.StatusName}</td><td data-name="Device">{line.Device}</td><td data-name="Device group">{line.GroupLabel}</td>
            <td data-name="Assigned to">{line.AssignedTo}</td><td data-name="Last update">{line.Updated}</td></tr>
            """))}
        </tbody></table>
        """);

    private Markup Scope(PortalVisit visit) => planes.GroupsOf(visit.Principal) is { } groups
        ? Markup.Of($", of the device groups you may see: {(groups.Count == 0 ? "none" : string.Join(", ", visit.State.DeviceGroups.Where(group => groups.Contains(group.Name)).Select(group => group.Label)))}")
        : Markup.Empty;

    private static Markup Choice(string name, IReadOnlyList<(string Value, string Name)> values, string? chosen) =>
        FormParts.Choice(name, null, values.Prepend((Value: "", Name: "Any")), chosen ?? "");

    private static Markup Pages(PortalVisit visit, int page, long count, string? status, string? severity)
    {
        if (count <= PerPage && page == 1) return Markup.Empty;
        var last = (int)((count + PerPage - 1) / PerPage);
        string At(int number) => $"/alerts?status={status}&severity={severity}&page={number}";
        return Markup.Of($"""
            <p class="pages">{Markup.When(page > 1, $"{visit.Link(At(page - 1), "Newer")}")}<span>Page {page} of {Math.Max(last, 1)}</span>{Markup.When(page < last, $"{visit.Link(At(page + 1), "Older")}")}</p>
            """);
    }

    private static string? Known(IReadOnlyList<(string Value, string Name)> values, string text) => values.Any(value => value.Value == text) ? text : null;
}
