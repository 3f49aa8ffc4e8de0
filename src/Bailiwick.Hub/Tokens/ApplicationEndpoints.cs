using System.Text.RegularExpressions;
using Bailiwick.Api;
using Bailiwick.Hub.Operators;
using Bailiwick.Hub.Vault;
using Bailiwick.Hub.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Tokens;

/// <summary>The provider's applications over REST. Credentials go in and never come out.</summary>
internal static partial class ApplicationEndpoints
{
    private const int MaxSecret = 4096;
    private const int MaxPem = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Applications, ListAsync).RequireAction(HubAction.ApplicationsRead).WithQuery("limit", "cursor")
            .Produces<V1.Page<V1.Application>>().WithTags("applications").WithSummary("Lists applications by name");
        routes.MapPost(Routes.Applications, AddAsync).RequireAction(HubAction.ApplicationsChange)
            .Produces<V1.Application>(StatusCodes.Status201Created).WithTags("applications").WithSummary("Adds an application with its credential");
        routes.MapDelete(Routes.Application, RemoveAsync).RequireAction(HubAction.ApplicationsChange)
            .Produces(StatusCodes.Status204NoContent).WithTags("applications").WithSummary("Removes an application that no tenant is connected through");
    }

    private static async Task<IResult> ListAsync(HttpContext http, ApplicationStore applications, CancellationToken cancellationToken)
    {
        var query = new QueryReader(http);
        var limit = query.Limit();
        var after = query.Cursor(1, 0);
        if (query.Refusal() is { } refusal) return refusal;
        var all = await applications.ListAsync(cancellationToken);
        var page = all.Where(application => after is not [var name] || string.CompareOrdinal(application.Name, name) > 0).Take(limit).ToList();
        return TypedResults.Ok(new V1.Page<V1.Application>([.. page.Select(ToRecord)], page.Count == limit ? Cursor.Write(page[^1].Name) : null));
    }

    private static async Task<IResult> AddAsync(V1.NewApplication wish, HttpContext http, ApplicationStore applications, CancellationToken cancellationToken)
    {
        var faults = new InputFaults();
        if (!NamePattern().IsMatch(wish.Name)) faults.Add("name", "The name is 1 to 64 of a-z, 0-9 and -.");
        if (wish.ClientId == Guid.Empty) faults.Add("clientId", "The client id is the GUID that Entra shows as Application (client) ID.");
        if (wish.Secret is null == wish.CertificatePem is null) faults.Add("secret", "Give either secret or certificatePem.");
        if (wish.Secret is { Length: 0 or > MaxSecret }) faults.Add("secret", $"The secret has 1 to {MaxSecret} characters.");
        if (wish.CertificatePem is { Length: > MaxPem }) faults.Add("certificatePem", $"The certificate and its key have at most {MaxPem} characters.");
        if (wish.CertificatePem is not null && wish.SecretExpiresAt is not null) faults.Add("secretExpiresAt", "A certificate says itself when it ends; leave secretExpiresAt out.");
        if (faults.Any) return faults.Refuse(Problems.RuleBroken);
        using var secret = Secret.FromText(wish.Secret ?? wish.CertificatePem!);
        ApplicationCredential credential;
        try
        {
            credential = wish.Secret is not null ? ApplicationCredential.FromSecret(secret, wish.SecretExpiresAt?.ToUniversalTime()) : ApplicationCredential.FromPem(secret);
        }
        catch (ArgumentException)
        {
            return Answers.RuleBroken("certificatePem", "The PEM text needs one certificate and its unencrypted private key.");
        }

        using (credential)
        {
            return await applications.AddAsync(http.GetPrincipal().Actor, wish.Name, wish.ClientId, credential, cancellationToken) is { } added
                ? TypedResults.Created(Routes.Applications, ToRecord(added))
                : Answers.Refuse(Problems.Conflict, "There is an application of that name already; choose another name, or remove that one first.");
        }
    }

    private static async Task<IResult> RemoveAsync(string name, HttpContext http, ApplicationStore applications, CancellationToken cancellationToken) =>
        await applications.RemoveAsync(http.GetPrincipal().Actor, name, cancellationToken) switch
        {
            ApplicationRemoval.Removed => TypedResults.NoContent(),
            ApplicationRemoval.InUse used => Answers.Refuse(Problems.Conflict, $"{used.Connections} tenants are connected through this application; disconnect them first."),
            _ => OperatorProblems.NotFound(),
        };

    private static V1.Application ToRecord(ProviderApplication application) => new(
        application.Name,
        application.ClientId,
        application.CredentialKind == "certificate" ? V1.ApplicationCredential.Certificate : V1.ApplicationCredential.Secret,
        application.CredentialExpiresAt,
        application.CreatedAt);

    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex NamePattern();
}
