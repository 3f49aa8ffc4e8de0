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
    /// The alert's page in the Defender portal of the customer's own tenant, from constants, the log's tenant and the escaped id alone: no address that an
    /// alert carries is passed on as a link. Source: Graph security alert, <c>alertWebUrl</c> (read 2026).
    /// </summary>
    public static string PortalUrl(AlertVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return $"https://security.microsoft.com/alerts/{Uri.EscapeDataString(version.AlertId)}?tid={version.Tenant}";
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
        if (service.SequenceEqual("microsoftDefenderForEndpoint"u8) || version.Source == AlertSources.DefenderAlerts) return "Microsoft Defender for Endpoint"u8;
        return "Microsoft Defender XDR"u8;
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
