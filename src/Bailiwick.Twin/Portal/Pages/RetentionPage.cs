using System.Globalization;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Portal;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Portal.Pages;

/// <summary>How long alerts are kept: the tenant's knob <c>retentionDays</c>. Source: data-retention-settings 2020: 30 to 180 days.</summary>
internal sealed class RetentionPage(PlaneServices planes)
{
    private static readonly IReadOnlyList<int> Days = [30, 60, 90, 120, 150, 180];

    public void Map(DefenderPortal portal, IEndpointRouteBuilder routes) => portal.Page(routes, "/settings/retention", Show, SaveAsync);

    private PortalPage Show(PortalVisit visit, PortalForm? sent)
    {
        visit.Require(DefenderPermission.ManagePortalSystemSettings);
        var present = planes.Knobs(visit.Tenant.Id).RetentionDays ?? 0;
        IEnumerable<int> offered = Days.Contains(present) ? Days : Days.Prepend(present);
        return new PortalPage("portal-retention", "Data retention", Markup.Of($"""
            <section><p>Alerts that were last updated longer ago are shown nowhere: not here, not by Graph, Defender or the exporter. Until somebody sets it, the twin keeps everything; Microsoft keeps 180 days.</p>
            {visit.Form("/settings/retention", Markup.Of($"""
                <label>Keep alerts {FormParts.Choice("days", null, offered.Select(days => ($"{days}", days == 0 ? "no limit" : $"{days} days")), $"{present}")}</label><button>Save</button>
                """))}</section>
            """), Notice: visit.Query("done") == "saved" ? "The retention was saved." : null);
    }

    private Task<PortalOutcome> SaveAsync(PortalVisit visit, PortalForm form)
    {
        visit.Require(DefenderPermission.ManagePortalSystemSettings);
        if (!int.TryParse(form.Text("days"), NumberStyles.None, CultureInfo.InvariantCulture, out var days) || (days != 0 && !Days.Contains(days))) throw new PortalRefusedException($"Choose one of {string.Join(", ", Days)} days.");
        planes.Alerts.Policy.Set(visit.Tenant.Id, planes.Alerts.Policy.Get(visit.Tenant.Id) with { RetentionDays = days });
        return PortalOutcome.To("/settings/retention?done=saved");
    }
}
