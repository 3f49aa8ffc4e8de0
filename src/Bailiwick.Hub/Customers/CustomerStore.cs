using System.Globalization;
using System.Text;
using Bailiwick.Api;
using Bailiwick.Hub.Audit;
using Bailiwick.Hub.Storage;
using Dapper;

namespace Bailiwick.Hub.Customers;

/// <summary>An organization that engages the provider.</summary>
/// <param name="Id">Given by the hub.</param>
/// <param name="Name">As people write it; unique without regard to case and spacing.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record Customer(CustomerId Id, string Name, DateTimeOffset CreatedAt);

/// <summary>What became of adding a customer.</summary>
public abstract record AddCustomerResult
{
    private AddCustomerResult()
    {
    }

    /// <summary>It is there now.</summary>
    public sealed record Added(Customer Customer) : AddCustomerResult;

    /// <summary>There is one of that name; nothing changed.</summary>
    public sealed record NameTaken(Customer Existing) : AddCustomerResult;

    /// <summary>The name cannot be used; nothing changed.</summary>
    /// <param name="Reason">One sentence.</param>
    public sealed record BadName(string Reason) : AddCustomerResult;

    /// <summary>A tenant that was to be added with it cannot be; nothing changed.</summary>
    /// <param name="Faults">Every such tenant.</param>
    public sealed record BadTenants(IReadOnlyList<CustomerImportFault> Faults) : AddCustomerResult;
}

/// <summary>The customers. Every change writes an audit record in its own transaction. Thread safe.</summary>
public sealed class CustomerStore(Database database, AuditLog audit, TimeProvider time)
{
    /// <summary>Longest name, in UTF-16 units.</summary>
    public const int MaxName = 200;

    private const string Select = "SELECT customer_id AS CustomerId, name AS Name, created_at AS CreatedAt FROM customers";

    /// <summary>Adds a customer.</summary>
    public async Task<AddCustomerResult> AddAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        if (FaultOf(name) is { } fault) return new AddCustomerResult.BadName(fault);
        return await database.WriteAsync<AddCustomerResult>(
            async write => await FindAsync(write, name) is { } existing
                ? new AddCustomerResult.NameTaken(existing)
                : new AddCustomerResult.Added(await InsertAsync(write, actor, name)),
            cancellationToken);
    }

    /// <summary>The customer, or null.</summary>
    public async Task<Customer?> GetAsync(CustomerId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE customer_id = @id", new { id = id.ToString() }))?.ToCustomer();
    }

    /// <summary>The customer of that name, without regard to case and spacing, or null.</summary>
    public async Task<Customer?> FindByNameAsync(string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE name_key = @key", new { key = KeyOf(name) }))?.ToCustomer();
    }

    /// <summary>A page, in the order of their ids.</summary>
    /// <param name="after">Customers with a greater id; null from the beginning.</param>
    /// <param name="max">1 to 1,000.</param>
    /// <param name="only">Only these customers; null for all. An empty set gives an empty page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<Customer>> ListAsync(CustomerId? after, int max, IReadOnlySet<CustomerId>? only, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var filter = only is null ? "" : $" AND customer_id IN ({SqlList.Of(only.Select(id => id.Value))})";
        var rows = await connection.QueryAsync<Row>(
            $"{Select} WHERE customer_id > @after{filter} ORDER BY customer_id LIMIT @max",
            new { after = after?.ToString() ?? "", max = Math.Clamp(max, 1, 1000) });
        return [.. rows.Select(row => row.ToCustomer())];
    }

    /// <summary>How many customers there are.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (int)await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM customers");
    }

    /// <summary>Why a name cannot be used, or null.</summary>
    internal static string? FaultOf(string? name)
    {
        if (string.IsNullOrWhiteSpace(name)) return "A customer needs a name.";
        if (name.Length > MaxName) return $"A customer's name has at most {MaxName} characters.";
        return name.Any(char.IsControl) ? "A customer's name has no control characters." : null;
    }

    internal static async Task<Customer?> FindAsync(WriteTransaction write, string name) =>
        (await write.Connection.QuerySingleOrDefaultAsync<Row>(Select + " WHERE name_key = @key", new { key = KeyOf(name) }, write.Transaction))?.ToCustomer();

    internal async Task<Customer> InsertAsync(WriteTransaction write, Actor actor, string name)
    {
        var now = time.GetUtcNow();
        var customer = new Customer(new CustomerId(Guid.CreateVersion7(now)), name.Trim(), now);
        await write.Connection.ExecuteAsync(
            "INSERT INTO customers (customer_id, name, name_key, created_at) VALUES (@id, @Name, @key, @now)",
            new { id = customer.Id.ToString(), customer.Name, key = KeyOf(name), now = now.UtcTicks },
            write.Transaction);
        await audit.AppendAsync(write, new AuditEntry("customer.added", actor, ObjectId: customer.Id.ToString()));
        return customer;
    }

    private static string KeyOf(string name)
    {
        var words = name.Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return CultureInfo.InvariantCulture.TextInfo.ToLower(string.Join(' ', words));
    }

    private sealed record Row(string CustomerId, string Name, long CreatedAt)
    {
        public Customer ToCustomer() => new(new CustomerId(Guid.Parse(CustomerId)), Name, new DateTimeOffset(CreatedAt, TimeSpan.Zero));
    }
}
