namespace Bailiwick.Twin.Control;

/// <summary>A mail that governance would have sent.</summary>
/// <param name="Number">Of the catalogue in entitlement-management-process (2023); 0 for mails of access reviews.</param>
/// <param name="To">Address.</param>
/// <param name="Subject">Subject line.</param>
/// <param name="Link">Where it leads in My Access.</param>
/// <param name="SentAt">On the virtual clock, UTC.</param>
public sealed record MailView(int Number, string To, string Subject, string Link, DateTimeOffset SentAt);
