using System.Globalization;
using System.Net.Mail;
using System.Text;
using Bailiwick.Twin.Portal.Pages;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Portal;

namespace Bailiwick.Twin.Portal.Mail;

/// <summary>What a notification says of an alert.</summary>
/// <param name="Id">Alert id.</param>
/// <param name="Title">Title, as the alert has it.</param>
/// <param name="Severity">In Graph's spelling.</param>
/// <param name="Category">Category.</param>
/// <param name="Source">Detection source.</param>
/// <param name="Status">Status.</param>
/// <param name="Created">UTC, to the second.</param>
/// <param name="Device">Device name; null without a device.</param>
/// <param name="Group">Device group; null without a device.</param>
internal sealed record MailedAlert(string Id, string Title, string Severity, string Category, string Source, string Status, string Created, string? Device, string? Group);

/// <summary>
/// Writes the mail of a rule. Microsoft shows the text only as a picture: basic information and a link; this one obeys the documented toggles.
/// Source: configure-email-notifications 2024-07.
/// </summary>
internal static class AlertMail
{
    private const int MaxSubject = 200;
    private static readonly MailAddress Sender = new("defender-noreply@twin.example", "Defender of the twin");

    /// <summary>The mail of a new alert.</summary>
    public static MailMessage Of(TwinTenant tenant, MailRule rule, MailedAlert alert, string origin, DateTimeOffset now)
    {
        var severity = AlertLine.NameOf(alert.Severity);
        var text = new StringBuilder();
        if (rule.IncludeOrganization) Line(text, "Organization", tenant.DisplayName);
        Line(text, "Alert", alert.Title);
        Line(text, "Severity", severity);
        Line(text, "Category", alert.Category);
        Line(text, "Detection source", AlertLine.NameOf(alert.Source));
        Line(text, "Alert time (UTC)", alert.Created);
        Line(text, "Status", AlertLine.NameOf(alert.Status));
        if (rule.IncludeDevice && alert.Device is not null) Line(text, "Device", alert.Device);
        if (alert.Group is not null) Line(text, "Device group", alert.Group);
        text.Append($"\r\n{Link(origin, $"/alerts/{Uri.EscapeDataString(alert.Id)}", tenant, rule)}\r\n");
        return Message(rule, $"{Prefix(tenant, rule)}{severity} alert: {alert.Title}", text, now);
    }

    /// <summary>The mail of <em>Send test email</em>.</summary>
    public static MailMessage Test(TwinTenant tenant, MailRule rule, string origin, DateTimeOffset now)
    {
        var text = new StringBuilder();
        if (rule.IncludeOrganization) Line(text, "Organization", tenant.DisplayName);
        text.Append($"This is a test of the notification rule '{OneLine(rule.Name)}'. No alert was raised.\r\n\r\n{Link(origin, "/", tenant, rule)}\r\n");
        return Message(rule, $"{Prefix(tenant, rule)}Test email of the notification rule {rule.Name}", text, now);
    }

    private static MailMessage Message(MailRule rule, string subject, StringBuilder text, DateTimeOffset now)
    {
        text.Append($"\r\n-- \r\nSent by the twin, a stand-in for rehearsals, because of the rule '{OneLine(rule.Name)}'. Not Microsoft.\r\n");
        var message = new MailMessage { From = Sender, Subject = Cut(OneLine(subject)), SubjectEncoding = Encoding.UTF8, Body = text.ToString(), BodyEncoding = Encoding.UTF8, IsBodyHtml = false };
        message.Headers["Message-ID"] = $"<{Guid.NewGuid():N}@twin.example>";
        message.Headers["Date"] = now.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        message.Headers["Auto-Submitted"] = "auto-generated";
        foreach (var recipient in rule.Recipients) message.To.Add(new MailAddress(recipient.Address));
        return message;
    }

    private static string Prefix(TwinTenant tenant, MailRule rule) => rule.IncludeOrganization ? $"[{tenant.DisplayName}] " : "";

    private static string Link(string origin, string path, TwinTenant tenant, MailRule rule) => rule.IncludeTenantLink ? $"{origin}{path}?tid={tenant.Id:D}" : origin + path;

    private static void Line(StringBuilder text, string name, string value) => text.Append($"{name}: {OneLine(value)}\r\n");

    /// <summary>Text of alerts on one line, without controls or marks that turn the reading direction.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(letter => char.GetUnicodeCategory(letter) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => ' ',
        UnicodeCategory.Format => '\ufffd',
        _ => letter,
    }));

    private static string Cut(string subject)
    {
        if (subject.Length <= MaxSubject) return subject;
        return subject[..(char.IsHighSurrogate(subject[MaxSubject - 2]) ? MaxSubject - 2 : MaxSubject - 1)] + "…";
    }
}
