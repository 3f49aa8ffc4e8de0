// A program as any integrator would write it: stock constructors, no address, no handler, no option that knows of the twin.
// Where it ends up is decided by HTTPS_PROXY and SSL_CERT_FILE alone. It prints one JSON object.
using System.Text.Json;
using Azure.Identity;
using Microsoft.Graph;
using Microsoft.Graph.Models.ODataErrors;
using Microsoft.Graph.Models.Security;
using Microsoft.Identity.Client;

var tenant = Environment.GetEnvironmentVariable("AZURE_TENANT_ID");
var client = Environment.GetEnvironmentVariable("AZURE_CLIENT_ID");
var secret = Environment.GetEnvironmentVariable("AZURE_CLIENT_SECRET");
string[] scopes = ["https://graph.microsoft.com/.default"];

var graph = new GraphServiceClient(new ClientSecretCredential(tenant, client, secret));
var organizations = await graph.Organization.GetAsync();
var first = await graph.Security.Alerts_v2.GetAsync(request => request.QueryParameters.Top = 2);
var alerts = new List<string>();
await PageIterator<Alert, AlertCollectionResponse>.CreatePageIterator(graph, first!, alert =>
{
    alerts.Add(alert.Id!);
    return true;
}).IterateAsync();

var missing = "";
try
{
    await graph.Security.Alerts_v2["none"].GetAsync();
}
catch (ODataError error)
{
    missing = $"{error.ResponseStatusCode} {error.Error?.Code}";
}

var msal = await ConfidentialClientApplicationBuilder.Create(client).WithTenantId(tenant).WithClientSecret(secret).Build().AcquireTokenForClient(scopes).ExecuteAsync();

Console.WriteLine(JsonSerializer.Serialize(new
{
    organization = organizations?.Value?.Single().DisplayName,
    alerts,
    nextHost = first?.OdataNextLink is { } next ? new Uri(next).Host : null,
    missing,
    token = msal.AccessToken,
}));
