using System.Net.Mail;

namespace Bailiwick.Twin.World.Portal;

/// <content>E-mail notifications and SIEM. Source: configure-email-notifications 2024-07, fetch-alerts-mssp 2024.</content>
internal static partial class PortalRules
{
    /// <summary>Addresses in one rule; Microsoft names no number.</summary>
    public const int MaxRecipients = 50;

    /// <summary>Severities that a rule may name.</summary>
    public static readonly IReadOnlyList<string> Severities = ["informational", "low", "medium", "high"];

    /// <summary>Adds a mail rule, or replaces the one of its id. Addresses it had keep the time they were added.</summary>
    /// <param name="state">The portal.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="now">When new addresses count as added.</param>
    public static PortalState SaveMailRule(PortalState state, MailRule rule, DateTimeOffset now)
    {
        var old = state.MailRules.FirstOrDefault(known => known.Id == rule.Id);
        if (old is null && rule.Id != Guid.Empty) throw new PortalRefusedException("There is no such notification rule.");
        var name = Name(rule.Name, "notification rule");
        if (state.MailRules.Any(known => known.Id != rule.Id && Same(known.Name, name))) throw new PortalRefusedException($"There is already a notification rule named '{name}'.");
        if (rule.Severities.Count == 0) throw new PortalRefusedException("Choose at least one severity.");
        if (rule.Severities.FirstOrDefault(severity => !Severities.Contains(severity)) is { } wrong) throw new PortalRefusedException($"'{wrong}' is not a severity of {string.Join(", ", Severities)}.");
        if (rule.DeviceGroups is { } groups)
        {
            if (groups.Count == 0) throw new PortalRefusedException("Choose all devices, or at least one device group.");
            foreach (var id in groups)
            {
                if (state.DeviceGroups.All(group => group.Id != id)) throw new PortalRefusedException($"There is no device group {id}.");
            }
        }

        List<MailRecipient> recipients = [];
        foreach (var recipient in rule.Recipients)
        {
            var address = Address(recipient.Address);
            if (recipients.Exists(known => Same(known.Address, address))) continue;
            recipients.Add(old?.Recipients.FirstOrDefault(known => Same(known.Address, address)) ?? new MailRecipient(address, now));
        }

        if (recipients.Count == 0) throw new PortalRefusedException("A notification rule needs at least one recipient.");
        if (recipients.Count > MaxRecipients) throw new PortalRefusedException($"A notification rule has at most {MaxRecipients} recipients.");
        var saved = rule with
        {
            Id = old?.Id ?? Guid.NewGuid(), Name = name, Recipients = recipients,
            Severities = [.. Severities.Where(rule.Severities.Contains)], DeviceGroups = rule.DeviceGroups is { } named ? [.. named.Distinct()] : null,
        };
        return state with { MailRules = Put(state.MailRules, saved, known => known.Id == saved.Id) };
    }

    /// <summary>Removes a mail rule.</summary>
    public static PortalState DeleteMailRule(PortalState state, Guid id) => state.MailRules.Any(rule => rule.Id == id)
        ? state with { MailRules = [.. state.MailRules.Where(rule => rule.Id != id)] }
        : throw new PortalRefusedException("There is no such notification rule.");

    /// <summary>Authorizes a provider's application for the exporter.</summary>
    public static PortalState Authorize(PortalState state, string application, string tenant, string by, DateTimeOffset now)
    {
        if (!Guid.TryParse(application.Trim(), out var app) || app == Guid.Empty) throw new PortalRefusedException("The application ID must be a GUID, as the provider's app registration shows it.");
        if (!Guid.TryParse(tenant.Trim(), out var home) || home == Guid.Empty) throw new PortalRefusedException("The tenant ID must be a GUID: the directory ID of the provider.");
        if (home == state.TenantId) throw new PortalRefusedException("That is this tenant's own ID; enter the ID of the provider's tenant.");
        if (state.Siem.Authorized.Any(known => known.ApplicationId == app)) throw new PortalRefusedException($"Application {app} is authorized already.");
        return state with { Siem = state.Siem with { Authorized = [.. Room(state.Siem.Authorized), new SiemAuthorization(app, home, by, now)] } };
    }

    /// <summary>Takes an authorization back.</summary>
    public static PortalState Withdraw(PortalState state, Guid application) => state.Siem.Authorized.Any(known => known.ApplicationId == application)
        ? state with { Siem = state.Siem with { Authorized = [.. state.Siem.Authorized.Where(known => known.ApplicationId != application)] } }
        : throw new PortalRefusedException("That application is not authorized.");

    /// <summary>Reads one e-mail address in strict form: no name, quoted part or comment.</summary>
    public static string Address(string text)
    {
        var address = text.Trim();
        var good = address.Length <= 254 && MailAddress.TryCreate(address, out var parsed) && parsed.Address == address && address.All(char.IsAscii)
            && !address.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter is '"' or '(' or ')' or '<' or '>' or ',' or ';' or ':' or '[' or ']')
            && !address.StartsWith('@') && !address.Contains("..");
        return good ? address : throw new PortalRefusedException($"'{Clean(address)}' is not an e-mail address.");
    }
}
