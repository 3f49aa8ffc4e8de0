using System.Globalization;
using System.Text.Json.Nodes;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.World;

/// <summary>Who did something in a tenant: a person, an application, or the service itself.</summary>
/// <param name="User">A person's object in the tenant, or null.</param>
/// <param name="AppId">The client the call came through; null when the service acts.</param>
/// <param name="AppName">Its name.</param>
public sealed record TwinActor(TwinUser? User, Guid? AppId, string? AppName)
{
    /// <summary>The service itself: expiry, reviews, fulfilment.</summary>
    public static readonly TwinActor Service = new(null, null, null);
}

/// <summary>What was acted on.</summary>
/// <param name="Id">Object id.</param>
/// <param name="Type"><c>User</c>, <c>Group</c>, <c>Application</c>, <c>ServicePrincipal</c>, <c>Policy</c>, <c>Role</c>, <c>Other</c>.</param>
/// <param name="Name">Display name.</param>
/// <param name="UserPrincipalName">For users.</param>
public sealed record TwinTarget(string Id, string Type, string? Name, string? UserPrincipalName = null)
{
    /// <summary>Properties that changed: name, old and new value as JSON text.</summary>
    public IReadOnlyList<(string Name, string? Old, string? New)> Changes { get; init; } = [];
}

/// <summary>One act for the directory audit log.</summary>
/// <param name="TenantId">Where.</param>
/// <param name="Activity">Such as <c>Add member to group</c>.</param>
/// <param name="Category">Such as <c>GroupManagement</c>.</param>
/// <param name="Service">Such as <c>Core Directory</c>.</param>
public sealed record TwinAct(Guid TenantId, string Activity, string Category, string Service = "Core Directory")
{
    /// <summary>Who.</summary>
    public TwinActor Actor { get; init; } = TwinActor.Service;

    /// <summary>What, the main one first.</summary>
    public IReadOnlyList<TwinTarget> Targets { get; init; } = [];

    /// <summary>Such as <c>Add</c>, <c>Assign</c>, <c>Unassign</c>, <c>Update</c>, <c>Delete</c>.</summary>
    public string Operation { get; init; } = "Update";

    /// <summary>Null: it went well. Else the reason why not.</summary>
    public string? Failure { get; init; }

    /// <summary>Further facts.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = new Dictionary<string, string>();
}

/// <summary>
/// The directory audit log and the sign-in log of every tenant, in tables of their own. Source of fields and activities: directoryaudit and signin resource
/// types 2024, reference-audit-activities 2025. Thread safe.
/// </summary>
public sealed class TwinAuditLog
{
    private readonly TwinStore _store;
    private readonly TwinClock _clock;
    private readonly TwinRandom _random;
    private readonly Lock _gate = new();
    private long _written;

    /// <summary>Opens the tables.</summary>
    public TwinAuditLog(TwinStore store, TwinClock clock, TwinRandom random)
    {
        (_store, _clock, _random) = (store, clock, random);
        using var connection = store.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE IF NOT EXISTS audit (tenant TEXT NOT NULL, log TEXT NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tenant, log, at, number)) WITHOUT ROWID;
            SELECT coalesce(max(number), 0) FROM audit;
            """;
        _written = (long)command.ExecuteScalar()!;
    }

    /// <summary>What a snapshot of a tenant takes along.</summary>
    internal ISnapshotPart Part => new TablePart(_store.Open, "logs", "audit", tenant => tenant.ToString("D"), "number", (_, _) => Next().Number);

    /// <summary>Writes one act.</summary>
    public void Write(TwinAct act)
    {
        var (number, now) = Next();
        Insert(act.TenantId, "audit", now, number, new JsonObject
        {
            ["id"] = _random.Id("audit", number.ToString(CultureInfo.InvariantCulture)).ToString("D"),
            ["category"] = act.Category,
            ["correlationId"] = _random.Id("correlation", number.ToString(CultureInfo.InvariantCulture)).ToString("D"),
            ["result"] = act.Failure is null ? "success" : "failure",
            ["resultReason"] = act.Failure ?? "",
            ["activityDisplayName"] = act.Activity,
            ["activityDateTime"] = WireTime.Full(now),
            ["loggedByService"] = act.Service,
            ["operationType"] = act.Operation,
            ["initiatedBy"] = Initiator(act.Actor),
            ["targetResources"] = new JsonArray([.. act.Targets.Select(Target)]),
            ["additionalDetails"] = new JsonArray([.. act.Details.Select(detail => new JsonObject { ["key"] = detail.Key, ["value"] = detail.Value })]),
        });
    }

    /// <summary>Writes one interactive sign-in.</summary>
    /// <param name="tenant">The tenant that logs it.</param>
    /// <param name="user">The person's object there.</param>
    /// <param name="appId">The client.</param>
    /// <param name="appName">Its name.</param>
    /// <param name="resource">What the token is for.</param>
    /// <param name="errorCode">0, or an AADSTS number.</param>
    /// <param name="reason">Its text, or null.</param>
    public void SignIn(Guid tenant, TwinUser user, Guid appId, string appName, TwinResource? resource, long errorCode = 0, string? reason = null)
    {
        var (number, now) = Next();
        Insert(tenant, "signin", now, number, new JsonObject
        {
            ["id"] = _random.Id("signin", number.ToString(CultureInfo.InvariantCulture)).ToString("D"),
            ["createdDateTime"] = WireTime.Trimmed(now - (now % TimeSpan.TicksPerSecond)),
            ["userDisplayName"] = user.DisplayName,
            ["userPrincipalName"] = user.UserPrincipalName.ToLowerInvariant(),
            ["userId"] = user.Id.ToString("D"),
            ["appId"] = appId.ToString("D"),
            ["appDisplayName"] = appName,
            ["ipAddress"] = "127.0.0.1",
            ["clientAppUsed"] = "Browser",
            ["correlationId"] = _random.Id("correlation", number.ToString(CultureInfo.InvariantCulture)).ToString("D"),
            ["conditionalAccessStatus"] = "notApplied",
            ["isInteractive"] = true,
            ["riskState"] = "none",
            ["resourceDisplayName"] = resource?.Name,
            ["resourceId"] = resource?.AppId.ToString("D"),
            ["status"] = new JsonObject { ["errorCode"] = errorCode, ["failureReason"] = reason ?? "Other.", ["additionalDetails"] = null },
            ["deviceDetail"] = new JsonObject { ["deviceId"] = "", ["displayName"] = "", ["operatingSystem"] = "", ["browser"] = "" },
            ["location"] = new JsonObject { ["city"] = null, ["state"] = null, ["countryOrRegion"] = null },
        });
    }

    /// <summary>Entries of a tenant, newest first; read lazily.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="log"><c>audit</c> or <c>signin</c>.</param>
    /// <param name="since">Older ones are gone.</param>
    public IEnumerable<JsonObject> Read(Guid tenant, string log, DateTimeOffset since)
    {
        using var connection = _store.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT body FROM audit WHERE tenant = $tenant AND log = $log AND at >= $since ORDER BY at DESC, number DESC";
        command.Parameters.AddWithValue("$tenant", tenant.ToString("D"));
        command.Parameters.AddWithValue("$log", log);
        command.Parameters.AddWithValue("$since", since.UtcTicks);
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return (JsonObject)JsonNode.Parse(reader.GetString(0))!;
    }

    private (long Number, long Now) Next()
    {
        lock (_gate) return (++_written, _clock.GetUtcNow().UtcTicks);
    }

    private void Insert(Guid tenant, string log, long at, long number, JsonObject body)
    {
        using var connection = _store.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO audit (tenant, log, at, number, body) VALUES ($tenant, $log, $at, $number, $body)";
        command.Parameters.AddWithValue("$tenant", tenant.ToString("D"));
        command.Parameters.AddWithValue("$log", log);
        command.Parameters.AddWithValue("$at", at);
        command.Parameters.AddWithValue("$number", number);
        command.Parameters.AddWithValue("$body", body.ToJsonString(Relaxed.Options));
        command.ExecuteNonQuery();
    }

    private static JsonObject Initiator(TwinActor actor) => new()
    {
        ["user"] = actor.User is not { } user ? null : new JsonObject { ["id"] = user.Id.ToString("D"), ["displayName"] = user.DisplayName, ["userPrincipalName"] = user.UserPrincipalName, ["ipAddress"] = "127.0.0.1" },
        ["app"] = actor.User is not null ? null : new JsonObject { ["appId"] = actor.AppId?.ToString("D"), ["displayName"] = actor.AppName ?? "Microsoft Entra ID", ["servicePrincipalId"] = null, ["servicePrincipalName"] = null },
    };

    private static JsonObject Target(TwinTarget target) => new()
    {
        ["id"] = target.Id,
        ["displayName"] = target.Name,
        ["type"] = target.Type,
        ["userPrincipalName"] = target.UserPrincipalName,
        ["groupType"] = target.Type == "Group" ? "azureAD" : null,
        ["modifiedProperties"] = new JsonArray([.. target.Changes.Select(change => new JsonObject { ["displayName"] = change.Name, ["oldValue"] = change.Old, ["newValue"] = change.New })]),
    };
}
