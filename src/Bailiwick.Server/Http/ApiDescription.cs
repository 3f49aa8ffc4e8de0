using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Bailiwick.Server.Http;

/// <summary>What the OpenAPI document says beyond what the routes say themselves.</summary>
internal static class ApiDescription
{
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((written, _, _) =>
        {
            written.Info.Title = "Bailiwick";
            written.Info.Version = "v1";
            written.Info.Description = "One relationship with every customer's Microsoft Defender: customers, connections, alerts, sinks.";
            written.Servers?.Clear();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            foreach (var name in metadata.OfType<QueryNames>().SelectMany(names => names.Names))
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
            }

            if (metadata.OfType<RequiredAction>().FirstOrDefault() is { } required)
            {
                operation.Description = $"Needs the action {required.Action}{(AuthorizationMatrix.Of(required.Action).PerCustomer ? ", of the customer concerned" : "")}.";
                operation.Responses ??= [];
                operation.Responses["default"] = new OpenApiResponse { Description = "A refusal: application/problem+json (RFC 9457) with a stable type." };
            }

            return Task.CompletedTask;
        });
    }
}
