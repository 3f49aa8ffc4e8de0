using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;

namespace Bailiwick.Hub.Customers;

/// <summary>One row of an import: a customer and one tenant of it. Several rows may name the same customer.</summary>
/// <param name="Customer">The customer's name.</param>
/// <param name="Tenant">Its tenant, or null to add only the customer.</param>
/// <param name="Cloud">A configured cloud; null means <c>public</c>.</param>
/// <param name="Region">A region of that cloud, or null.</param>
public sealed record CustomerImportRow(string Customer, TenantId? Tenant, string? Cloud = null, string? Region = null);

/// <summary>What became of an import.</summary>
public abstract record CustomerImportResult
{
    private CustomerImportResult()
    {
    }

    /// <summary>Everything in the list is there now.</summary>
    /// <param name="Customers">How many customers are new.</param>
    /// <param name="Tenants">How many tenants are new.</param>
    /// <param name="Unchanged">How many rows changed nothing.</param>
    public sealed record Imported(int Customers, int Tenants, int Unchanged) : CustomerImportResult;

    /// <summary>Nothing was changed.</summary>
    /// <param name="Faults">Every row that cannot be imported.</param>
    public sealed record Refused(IReadOnlyList<CustomerImportFault> Faults) : CustomerImportResult;
}

/// <summary>Why a row cannot be imported.</summary>
/// <param name="Row">Its place in the list, from 1.</param>
/// <param name="Field"><c>customer</c>, <c>tenant</c>, <c>cloud</c> or <c>region</c>.</param>
/// <param name="Reason">One sentence.</param>
public sealed record CustomerImportFault(int Row, string Field, string Reason);

/// <summary>Adds many customers and tenants in one transaction: all or nothing, and a second time nothing.</summary>
public sealed class CustomerImporter(Database database, CustomerStore customers, TenantStore tenants)
{
    /// <summary>Imports the rows in order.</summary>
    public async Task<CustomerImportResult> ImportAsync(Actor actor, IReadOnlyList<CustomerImportRow> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        try
        {
            return await database.WriteAsync(write => ImportAsync(write, actor, rows), cancellationToken);
        }
        catch (RefusedException e)
        {
            return new CustomerImportResult.Refused(e.Faults);
        }
    }

    /// <summary>Adds one customer with its tenants in one transaction: all of it or nothing.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="name">Not yet used.</param>
    /// <param name="rows">Its tenants; may be empty.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<AddCustomerResult> AddAsync(Actor actor, string name, IReadOnlyList<CustomerImportRow> rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (CustomerStore.FaultOf(name) is { } fault) return new AddCustomerResult.BadName(fault);
        try
        {
            return await database.WriteAsync<AddCustomerResult>(
                async write =>
                {
                    if (await CustomerStore.FindAsync(write, name) is { } existing) return new AddCustomerResult.NameTaken(existing);
                    var customer = await customers.InsertAsync(write, actor, name);
                    var faults = new List<CustomerImportFault>();
                    for (var i = 0; i < rows.Count; i++)
                    {
                        if (rows[i].Tenant is not { } tenant) continue;
                        if (await tenants.AddAsync(write, actor, tenant, customer.Id, rows[i].Cloud ?? "public", rows[i].Region) is AddTenantResult.Refused refused)
                            faults.Add(FaultOf(i + 1, refused));
                    }

                    return faults.Count == 0 ? new AddCustomerResult.Added(customer) : throw new RefusedException(faults);
                },
                cancellationToken);
        }
        catch (RefusedException e)
        {
            return new AddCustomerResult.BadTenants(e.Faults);
        }
    }

    private static CustomerImportFault FaultOf(int row, AddTenantResult.Refused refused) => new(row, refused.Field == "id" ? "tenant" : refused.Field, refused.Reason);

    private async Task<CustomerImportResult> ImportAsync(WriteTransaction write, Actor actor, IReadOnlyList<CustomerImportRow> rows)
    {
        var faults = new List<CustomerImportFault>();
        int newCustomers = 0, newTenants = 0, unchanged = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (CustomerStore.FaultOf(row.Customer) is { } badName)
            {
                faults.Add(new CustomerImportFault(i + 1, "customer", badName));
                continue;
            }

            var existing = await CustomerStore.FindAsync(write, row.Customer);
            var customer = existing ?? await customers.InsertAsync(write, actor, row.Customer);
            if (existing is null) newCustomers++;
            if (row.Tenant is not { } tenant)
            {
                if (existing is not null) unchanged++;
                continue;
            }

            switch (await tenants.AddAsync(write, actor, tenant, customer.Id, row.Cloud ?? "public", row.Region))
            {
                case AddTenantResult.Added:
                    newTenants++;
                    break;
                case AddTenantResult.Unchanged:
                    unchanged++;
                    break;
                case AddTenantResult.Refused refused:
                    faults.Add(FaultOf(i + 1, refused));
                    break;
            }
        }

        // Thrown, not returned: this is what rolls everything back.
        return faults.Count == 0 ? new CustomerImportResult.Imported(newCustomers, newTenants, unchanged) : throw new RefusedException(faults);
    }

    private sealed class RefusedException(IReadOnlyList<CustomerImportFault> faults) : Exception("The import was refused.")
    {
        public IReadOnlyList<CustomerImportFault> Faults { get; } = faults;
    }
}
