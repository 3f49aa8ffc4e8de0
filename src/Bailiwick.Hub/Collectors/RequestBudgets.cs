using System.Collections.Concurrent;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>The request budgets of every tenant's planes: the documented limits hold for all that reads one plane of one tenant together. Thread safe.</summary>
public sealed class RequestBudgets(TimeProvider time)
{
    private readonly ConcurrentDictionary<(long TenantKey, TokenAudience Audience), RequestBudget> _budgets = new();

    /// <summary>The budget of a tenant's plane.</summary>
    internal RequestBudget Of(long tenantKey, IAlertSource source) => _budgets.GetOrAdd((tenantKey, source.Audience), _ => new RequestBudget(source.Limits, time));
}
