using Bailiwick.Api;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Hub.Web;

/// <summary>Collects every fault of one request by field, so that a person mends them in one go. Not thread safe.</summary>
public sealed class InputFaults
{
    /// <summary>The most fields named in one refusal.</summary>
    public const int MaxFields = 100;

    private readonly Dictionary<string, string[]> _byField = new(StringComparer.Ordinal);
    private string? _first;
    private int _count;

    /// <summary>Whether there is one.</summary>
    public bool Any => _count > 0;

    /// <summary>Adds one.</summary>
    /// <param name="field">A JSON path such as <c>lines[3].cloud</c>, or the name of a query value.</param>
    /// <param name="fault">One sentence; never the value itself.</param>
    public void Add(string field, string fault)
    {
        _count++;
        _first ??= fault;
        if (_byField.TryGetValue(field, out var before)) _byField[field] = [.. before, fault];
        else if (_byField.Count < MaxFields) _byField.Add(field, [fault]);
    }

    /// <summary>The refusal that names them.</summary>
    /// <param name="type"><see cref="Problems.InvalidInput"/> or <see cref="Problems.RuleBroken"/>.</param>
    public IResult Refuse(ProblemType type) => Answers.Refuse(
        type,
        _count == 1 ? _first! : $"{_count} faults were found; nothing was changed. The first: {_first}",
        _byField);
}
