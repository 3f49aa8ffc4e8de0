using Bailiwick.Api;

namespace Bailiwick.Cli.Commands;

/// <summary>Reads ids as people type them.</summary>
internal static class Ids
{
    public static TenantId Tenant(string text) => TenantId.TryParse(text.Trim(), out var id)
        ? id
        : throw new UsageException($"{text} is not a tenant id: write the directory's GUID, never its domain name.");

    /// <summary>A customer by id, or by its name without regard to case.</summary>
    /// <exception cref="ProblemException">No customer of that name.</exception>
    public static async Task<CustomerId> CustomerAsync(BailiwickClient hub, string text, CancellationToken cancellationToken)
    {
        if (CustomerId.TryParse(text, out var id)) return id;
        await foreach (var customer in hub.EveryCustomerAsync(cancellationToken))
        {
            if (customer.Name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)) return customer.Id;
        }

        var type = Problems.NotFound;
        throw new ProblemException(new Problem(type.Uri, type.Title, type.Status, $"There is no customer named {text}, or it is not yours to see."));
    }
}
