namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>Facts of an alert that no upstream field states directly, the same in every format.</summary>
public static class AlertText
{
    /// <summary>Severity 0–10 for receivers that count: unknown 0, informational 1, low 3, medium 6, high 8.</summary>
    public static int SeverityOfTen(AlertView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.Severity switch
        {
            AlertSeverity.Informational => 1,
            AlertSeverity.Low => 3,
            AlertSeverity.Medium => 6,
            AlertSeverity.High => 8,
            _ => 0,
        };
    }

    /// <summary>
    /// The record's page in the Defender portal of the customer's own tenant, from constants, the log's tenant and the escaped id alone: no address that a
    /// record carries is passed on as a link. Source: Graph security alert, <c>alertWebUrl</c>, and incident, <c>incidentWebUrl</c> (read 2026).
    /// </summary>
    public static string PortalUrl(AlertView view, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(version);
        var word = AlertSources.KindOf(version.Source) == RecordKind.Incident ? "incidents" : "alerts";
        return $"https://security.microsoft.com/{word}/{Uri.EscapeDataString(PortalId(view, version))}?tid={version.Tenant}";
    }

    /// <summary>The page of the incident an alert belongs to, or null when it names none.</summary>
    public static string? IncidentUrl(AlertView view, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(version);
        if (AlertSources.KindOf(version.Source) == RecordKind.Incident) return PortalUrl(view, version);
        return view.Text(view[AlertField.IncidentId]) is { Length: > 0 } id ? $"https://security.microsoft.com/incidents/{Uri.EscapeDataString(id)}?tid={version.Tenant}" : null;
    }

    /// <summary>The id the portal knows: several detections may share the id of one alert, which is then not the id of the record.</summary>
    public static string PortalId(AlertView view, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(version);
        return view.IsDetection && view.Text(view[AlertField.Id]) is { Length: > 0 } id ? id : version.AlertId;
    }

    /// <summary>When the record came to be: as the source says, else its update time.</summary>
    public static DateTimeOffset CreatedAt(AlertView view, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(version);
        return JsonText.TryDate(view.Utf8(view[AlertField.CreatedAt]), out var moment) ? moment : version.UpdatedAt;
    }

    /// <summary>The product that raised the alert.</summary>
    public static ReadOnlySpan<byte> Product(AlertView view, AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(version);
        var product = view.Utf8(view[AlertField.ProductName]);
        if (!product.IsEmpty) return product;
        var service = view.Utf8(view[AlertField.ServiceSource]);
        if (service.SequenceEqual("microsoftDefenderForIdentity"u8)) return "Microsoft Defender for Identity"u8;
        if (service.SequenceEqual("microsoftDefenderForCloudApps"u8)) return "Microsoft Defender for Cloud Apps"u8;
        if (service.SequenceEqual("microsoftDefenderForOffice365"u8)) return "Microsoft Defender for Office 365"u8;
        if (service.SequenceEqual("microsoftDefenderForEndpoint"u8) || version.Source is AlertSources.DefenderAlerts or AlertSources.AlertExporter) return "Microsoft Defender for Endpoint"u8;
        return "Microsoft Defender XDR"u8;
    }

    /// <summary>An enum word of either plane without case and blanks; empty when there is none.</summary>
    public static string Word(string? text) => text is null ? "" : string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();

    /// <summary>What is said of the first device, or, in a record without an entry for one, of the device of the record itself.</summary>
    public static AlertValue OfDevice(AlertView view, AlertField field)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view.FirstOf(EvidenceKind.Device) is >= 0 and var device ? view.Find(device, field) : view[field];
    }

    /// <summary>Whether an address is one that was called: its entry has such a role.</summary>
    public static bool IsDestination(AlertView view, int entry)
    {
        ArgumentNullException.ThrowIfNull(view);
        var evidence = view.Evidence[entry];
        foreach (ref readonly var leaf in view.Leaves.Slice(evidence.FirstLeaf, evidence.LeafCount))
        {
            if (leaf.Field == AlertField.Role && (view.Utf8(leaf.Value).SequenceEqual("destination"u8) || view.Utf8(leaf.Value).SequenceEqual("commandAndControl"u8)))
                return true;
        }

        return false;
    }

    /// <summary>A folder and a name as one path; the folder alone when it already ends with the name.</summary>
    /// <param name="folder">May be empty.</param>
    /// <param name="name">May be empty.</param>
    /// <param name="target">At least as long as both and one byte.</param>
    /// <returns>Bytes written.</returns>
    internal static int JoinPath(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> name, Span<byte> target)
    {
        folder.CopyTo(target);
        var length = folder.Length;
        if (name.IsEmpty || (folder.Length > name.Length && folder.EndsWith(name) && folder[^(name.Length + 1)] is (byte)'\\' or (byte)'/')) return length;
        if (length > 0 && folder[^1] is not ((byte)'\\' or (byte)'/')) target[length++] = folder.Contains((byte)'/') && !folder.Contains((byte)'\\') ? (byte)'/' : (byte)'\\';
        name.CopyTo(target[length..]);
        return length + name.Length;
    }
}
