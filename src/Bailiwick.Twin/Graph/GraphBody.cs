using System.Text.Json;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Graph;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph;

/// <summary>Reads the bodies of changes. Source: alert-update 2023, security-incident 2022.</summary>
internal static class GraphBody
{
    /// <summary>What may be changed of an incident and is taken as it comes.</summary>
    public static readonly IReadOnlyList<string> IncidentTexts = ["customTags", "displayName", "description", "summary", "resolvingComment"];

    /// <summary>
    /// Reads the request's JSON object. A list, which Microsoft.Graph 5 and its siblings send for a comment, is refused in the service's own words.
    /// Source: microsoftgraph/msgraph-sdk-dotnet issue 2514, 2024-05; msgraph-sdk-python issue 1168, 2025-04.
    /// </summary>
    /// <exception cref="QueryRefusedException">It is none.</exception>
    public static async Task<JsonElement> ReadAsync(HttpContext context)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document.RootElement.Clone();
            if (document.RootElement.ValueKind == JsonValueKind.Array) throw new QueryRefusedException("Empty Payload. JSON content expected.");
        }
        catch (JsonException)
        {
            // answered below
        }

        throw new QueryRefusedException("Unable to read JSON request payload. The payload must be a JSON object.");
    }

    /// <summary>The change that a PATCH of an alert or incident asks for.</summary>
    /// <exception cref="QueryRefusedException">A property that cannot be changed, or a value that is none of its members.</exception>
    public static AlertChange Change(JsonElement body, bool incident, string by)
    {
        var change = new AlertChange { By = by };
        foreach (var property in body.EnumerateObject())
        {
            change = property.Name switch
            {
                "status" => change with { Status = Member(property, incident ? GraphSecurityWords.IncidentStatuses : GraphSecurityWords.Statuses) },
                "classification" => change with { Classification = Member(property, GraphSecurityWords.Classifications) },
                "determination" => change with { Determination = Member(property, GraphSecurityWords.Determinations) },
                "severity" when incident => change with { Severity = Member(property, GraphSecurityWords.Severities) },
                "assignedTo" => change with { AssignedTo = Text(property) ?? "" },
                var name when name.StartsWith('@') || (incident && IncidentTexts.Contains(name)) => change,
                _ => throw new QueryRefusedException($"The property '{property.Name}' cannot be updated."),
            };
        }

        return change;
    }

    private static string Member(JsonProperty property, IReadOnlyList<string> members) =>
        members.FirstOrDefault(member => string.Equals(member, Text(property), StringComparison.OrdinalIgnoreCase))
        ?? throw new QueryRefusedException($"'{property.Value}' is not a value of '{property.Name}'.");

    private static string? Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw new QueryRefusedException($"The value of '{property.Name}' must be a string."),
    };
}
