using System.Text.Json;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Wire.Defender;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Defender;

/// <summary>A body that Defender refuses, with its error code.</summary>
internal sealed class BodyRefusedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}

/// <summary>Reads the bodies of PATCH and batchUpdate; names are case-sensitive. Source: update-alert 2023-11, batch-update-alerts 2025-03.</summary>
internal static class DefenderBody
{
    /// <summary>Ids in one batchUpdate at most; Microsoft names an error for more but no number.</summary>
    public const int MaxBatch = 500;

    private static readonly string[] Settable = ["New", "InProgress", "Resolved"];

    /// <summary>Reads the change and, for a batch, the alert ids.</summary>
    /// <exception cref="BodyRefusedException">Not JSON, an unknown name, a value that is none of its words, or no id.</exception>
    public static async Task<(AlertChange Change, IReadOnlyList<string> Ids)> ReadAsync(HttpContext context, string by, bool batch)
    {
        JsonElement body;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            body = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new BodyRefusedException("InvalidRequestBody", "Request body is incorrect.");
        }

        if (body.ValueKind != JsonValueKind.Object) throw new BodyRefusedException("InvalidRequestBody", "Request body is incorrect.");
        var change = new AlertChange { By = by };
        IReadOnlyList<string> ids = [];
        foreach (var property in body.EnumerateObject())
        {
            change = property.Name switch
            {
                "status" => change with { Status = AlertWords.Lower(Word(property, Settable)) },
                "classification" => change with { Classification = AlertWords.Classification(Word(property, DefenderWords.Classifications)) },
                "determination" => change with { Determination = AlertWords.Determination(Word(property, DefenderWords.Determinations)) },
                "assignedTo" => change with { AssignedTo = Text(property) ?? "" },
                "comment" => change with { Comment = Text(property) },
                "alertIds" when batch => change,
                _ => throw new BodyRefusedException("InvalidRequestBody", $"The name '{property.Name}' is not expected; names are case-sensitive."),
            };
            if (property.Name == "alertIds") ids = Ids(property);
        }

        if (batch && ids.Count == 0) throw new BodyRefusedException("MissingRequiredParameter", "alertIds is required.");
        if (ids.Count > MaxBatch) throw new BodyRefusedException("MaximumBatchSizeExceeded", $"At most {MaxBatch} alert ids are allowed.");
        return (change, ids);
    }

    private static IReadOnlyList<string> Ids(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.EnumerateArray().Any(id => id.ValueKind != JsonValueKind.String))
            throw new BodyRefusedException("InvalidRequestBody", "alertIds must be a list of strings.");
        return [.. property.Value.EnumerateArray().Select(id => id.GetString()!)];
    }

    private static string Word(JsonProperty property, IReadOnlyList<string> words) =>
        words.FirstOrDefault(word => string.Equals(word, Text(property), StringComparison.OrdinalIgnoreCase))
        ?? throw new BodyRefusedException("InvalidInput", $"'{property.Value}' is not a value of '{property.Name}'.");

    private static string? Text(JsonProperty property) => property.Value.ValueKind switch
    {
        JsonValueKind.String => property.Value.GetString(),
        JsonValueKind.Null => null,
        _ => throw new BodyRefusedException("InvalidRequestBody", $"The value of '{property.Name}' must be a string."),
    };
}
