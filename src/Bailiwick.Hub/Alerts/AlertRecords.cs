using Bailiwick.Api;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Customers;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Alerts;

/// <summary>From the store's rows to the REST records. Pure.</summary>
internal static class AlertRecords
{
    public static V1.Alert ToRecord(CurrentAlert alert, TenantRecord tenant)
    {
        var (title, severity, status, category) = Read(alert.Raw);
        return new V1.Alert(
            tenant.Id,
            tenant.Customer,
            tenant.CustomerName,
            alert.Source,
            alert.AlertId,
            title ?? "",
            Word(severity),
            Word(status),
            category,
            At(alert.UpdatedAt),
            At(alert.CollectedAt),
            alert.LogNumber,
            AlertKey.Of(tenant.Id, alert.Source, alert.AlertId, alert.UpdatedAt, alert.Digest));
    }

    /// <summary>The same record from a version of the log.</summary>
    public static V1.Alert ToRecord(AlertView view, in AlertRecord record)
    {
        var version = record.Version;
        return new V1.Alert(
            version.Tenant,
            record.Customer,
            record.CustomerName,
            version.Source,
            version.AlertId,
            view.Text(view[AlertField.Title]) ?? "",
            Word(view.Text(view[AlertField.Severity])),
            Word(view.Text(view[AlertField.Status])),
            view.Text(view[AlertField.Category]),
            version.UpdatedAt,
            version.CollectedAt,
            version.LogNumber,
            version.Key);
    }

    public static V1.AlertVersionInfo ToRecord(StoredVersion version, TenantId tenant, string source, string alertId) => new(
        version.LogNumber, At(version.UpdatedAt), At(version.CollectedAt), AlertKey.Of(tenant, source, alertId, version.UpdatedAt, version.Digest), (int)version.Bytes);

    private static (string? Title, string? Severity, string? Status, string? Category) Read(byte[] raw)
    {
        try
        {
            using var view = AlertView.Rent(raw);
            return (view.Text(view[AlertField.Title]), view.Text(view[AlertField.Severity]), view.Text(view[AlertField.Status]), view.Text(view[AlertField.Category]));
        }
        catch (UnreadableAlertException)
        {
            return default; // kept all the same; the raw bytes can be fetched
        }
    }

    /// <summary>Lower case without blanks; the source's own newer words pass.</summary>
    private static string Word(string? text) => text is null ? "unknown" : AlertText.Word(text);

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
