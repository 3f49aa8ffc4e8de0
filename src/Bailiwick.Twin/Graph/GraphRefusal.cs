using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin.Graph;

/// <summary>A documented refusal of Graph; the route answers it as the error envelope. Source of codes: errors page 2025, identity error samples.</summary>
internal sealed class GraphRefusal(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public static GraphRefusal BadRequest(string message, string code = "Request_BadRequest") => new(StatusCodes.Status400BadRequest, code, message);

    public static GraphRefusal Denied(string message = "Insufficient privileges to complete the operation.") => new(StatusCodes.Status403Forbidden, "Authorization_RequestDenied", message);

    public static GraphRefusal NotFound(string id) =>
        new(StatusCodes.Status404NotFound, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    public static GraphRefusal Conflict(string message, string code = "Request_MultipleObjectsWithSameKeyValue") => new(StatusCodes.Status409Conflict, code, message);

    public static GraphRefusal Unlicensed(string message = "The tenant needs an Entra ID P2 or Entra ID Governance license.") => new(StatusCodes.Status403Forbidden, "Forbidden", message);
}
