using Bailiwick.Api;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>What a format needs besides the alert itself.</summary>
/// <param name="Version">The version to write.</param>
/// <param name="Customer">Who owns the tenant.</param>
/// <param name="CustomerName">For people; may change over time.</param>
public readonly record struct AlertRecord(AlertVersion Version, CustomerId Customer, string CustomerName);
