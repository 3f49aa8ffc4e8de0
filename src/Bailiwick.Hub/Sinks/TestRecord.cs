using System.Security.Cryptography;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Hub.Alerts;

namespace Bailiwick.Hub.Sinks;

/// <summary>The record behind "send a test": an informational alert of a tenant that cannot exist, marked in its title, id and customer.</summary>
internal static class TestRecord
{
    /// <summary>No Entra tenant has this id; a file sink keeps the test in a file of its own.</summary>
    public static readonly TenantId Tenant = new(new Guid("00000000-0000-4000-8000-000000000001"));

    private static readonly CustomerId s_customer = new(new Guid("00000000-0000-4000-8000-000000000002"));

    public static AlertBatch Batch(DateTimeOffset now)
    {
        var id = $"bailiwick-test-{now.UtcTicks}";
        var raw = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["id"] = id,
            ["tenantId"] = Tenant.ToString(),
            ["title"] = "Bailiwick test record, please ignore",
            ["description"] = "Sent because somebody asked this hub to test the sink. No alert stands behind it.",
            ["severity"] = "informational",
            ["status"] = "resolved",
            ["category"] = "Test",
            ["serviceSource"] = "bailiwick",
            ["createdDateTime"] = now.UtcDateTime,
            ["lastUpdateDateTime"] = now.UtcDateTime,
        });
        var version = new AlertVersion
        {
            Tenant = Tenant,
            LogNumber = now.UtcTicks / TimeSpan.TicksPerMillisecond, // grows, as a file sink expects
            Source = AlertSources.GraphAlerts,
            AlertId = id,
            UpdatedAt = now,
            Digest = SHA256.HashData(raw),
            CollectedAt = now,
            Raw = raw,
        };
        return new AlertBatch(Tenant, s_customer, "Bailiwick test", [version]);
    }
}
