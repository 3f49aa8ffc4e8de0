namespace Bailiwick.Api.V1;

/// <summary>A customer with its tenants.</summary>
/// <param name="Id">Given by the hub.</param>
/// <param name="Name">1 to 200 characters, unique without regard to case.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Tenants">In order of being added; may be empty.</param>
/// <param name="Pause">Set while its collection is on hold; else null.</param>
public sealed record Customer(CustomerId Id, string Name, DateTimeOffset CreatedAt, IReadOnlyList<Tenant> Tenants, CustomerPause? Pause = null);

/// <summary>One Entra directory of a customer.</summary>
/// <param name="Id">The tenant id.</param>
/// <param name="Customer">Whose it is.</param>
/// <param name="Cloud">The name of a configured cloud, for example <c>public</c>.</param>
/// <param name="Region">The Defender region such as <c>eu</c>; null means the cloud's global addresses.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record Tenant(TenantId Id, CustomerId Customer, string Cloud, string? Region, DateTimeOffset CreatedAt);

/// <summary>A customer to be added. All of it or nothing.</summary>
/// <param name="Name">1 to 200 characters, not yet used by another customer.</param>
/// <param name="Tenants">0 to 100 tenants, none of which the hub knows yet.</param>
public sealed record NewCustomer(string Name, IReadOnlyList<NewTenant>? Tenants = null);

/// <summary>A tenant to be added to a customer.</summary>
/// <param name="Id">The tenant id.</param>
/// <param name="Cloud">The name of a configured cloud; null means <c>public</c>.</param>
/// <param name="Region">Two to four lower-case letters; null means the cloud's global addresses.</param>
public sealed record NewTenant(TenantId Id, string? Cloud = null, string? Region = null);

/// <summary>Customers and tenants to be added in one transaction: all of them or none.</summary>
/// <param name="Lines">1 to <see cref="MaxLines"/> lines. A customer may stand on several lines, a tenant on one.</param>
public sealed record CustomerImport(IReadOnlyList<CustomerImportLine> Lines)
{
    /// <summary>The most lines in one request.</summary>
    public const int MaxLines = 20_000;
}

/// <summary>One line of an import file.</summary>
/// <param name="Line">The line in the person's file, from 1, named again in faults.</param>
/// <param name="Customer">The customer's name.</param>
/// <param name="Tenant">The tenant id.</param>
/// <param name="Cloud">As in <see cref="NewTenant"/>.</param>
/// <param name="Region">As in <see cref="NewTenant"/>.</param>
public sealed record CustomerImportLine(int Line, string Customer, TenantId Tenant, string? Cloud = null, string? Region = null);

/// <summary>What an import did. Importing the same file again adds nothing.</summary>
/// <param name="CustomersAdded">New customers.</param>
/// <param name="TenantsAdded">New tenants.</param>
/// <param name="Unchanged">Lines whose tenant was already there with the same customer, cloud and region.</param>
public sealed record CustomerImportResult(int CustomersAdded, int TenantsAdded, int Unchanged);
