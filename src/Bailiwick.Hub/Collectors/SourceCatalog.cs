using Bailiwick.Hub.Collectors.AlertExporter;
using Bailiwick.Hub.Collectors.DefenderAlerts;
using Bailiwick.Hub.Collectors.GraphAlerts;
using Bailiwick.Hub.Collectors.GraphIncidents;

namespace Bailiwick.Hub.Collectors;

/// <summary>The sources this program can collect from. A new source adds one line here and nothing else outside its folder.</summary>
public static class SourceCatalog
{
    /// <summary>Every source; the first is the default of a new connection.</summary>
    public static IReadOnlyList<IAlertSource> Sources { get; } = [new GraphAlertSource(), new DefenderAlertSource(), new AlertExporterSource(), new GraphIncidentSource()];

    /// <summary>The source of that name, or null.</summary>
    public static IAlertSource? Find(string name) => Sources.FirstOrDefault(source => source.Name == name);
}
