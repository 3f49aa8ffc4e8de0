using System.Globalization;

namespace Bailiwick.Twin.Entra;

/// <summary>Why sign-in refused, with the status and <c>error</c> value that go with the code. Source of the pairs: reference-error-codes, 2025, and published samples.</summary>
/// <param name="Code">AADSTS number.</param>
/// <param name="Status">HTTP status at the token endpoint.</param>
/// <param name="Error">OAuth error value.</param>
/// <param name="Text">The sentence after the code.</param>
/// <param name="SubError">Finer reason, or null.</param>
internal sealed record EntraError(long Code, int Status, string Error, string Text, string? SubError = null)
{
    public static EntraError WrongSecret(Guid app) => new(7000215, 401, "invalid_client", $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'.");

    public static EntraError SecretExpired(Guid app) => new(7000222, 401, "invalid_client", $"The provided client secret keys for app '{app}' are expired. Create new keys for the app and try again.");

    public static EntraError NoClientProof() => new(7000218, 401, "invalid_client", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");

    public static EntraError PublicClientWithSecret() => new(700025, 401, "invalid_client", "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.");

    public static EntraError BadAssertion(Guid app, string reason) => new(700027, 401, "invalid_client", $"The certificate with identifier used to sign the client assertion is not registered on application '{app}' or the signature is not valid. [Reason - {reason}]");

    public static EntraError AssertionAudience(string audience) => new(700023, 401, "invalid_client", $"Client assertion audience claim does not match Realm issuer. Presented: '{audience}'.");

    public static EntraError AssertionTime() => new(700024, 401, "invalid_client", "Client assertion is not within its valid time range.");

    public static EntraError ClientAuthentication(string reason) => new(50012, 401, "invalid_client", $"Authentication failed. {reason}");

    public static EntraError AppNotInTenant(string app, string tenant) => new(700016, 400, "unauthorized_client", $"Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.");

    public static EntraError AppDisabled(Guid app) => new(7000112, 400, "unauthorized_client", $"Application '{app}' is disabled.");

    public static EntraError TenantNotFound(string tenant, bool metadata) => new(90002, 400, metadata ? "invalid_tenant" : "invalid_request", $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.");

    public static EntraError TenantMalformed(string tenant) => new(900023, 400, "invalid_request", $"Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.");

    public static EntraError SingleTenantOnCommon(Guid app) => new(50194, 400, "invalid_request", $"Application '{app}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant.");

    public static EntraError NeedsConcreteTenant() => new(9001023, 400, "invalid_request", "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.");

    public static EntraError CodeOfOtherTenant() => new(700005, 400, "invalid_grant", "Provided Authorization Code is intended to use against other tenant, thus rejected.");

    public static EntraError ResourceMissing(string resource, string tenant) => new(500011, 400, "invalid_resource", $"The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.");

    public static EntraError ResourceNotListed(string resource) => new(650057, 400, "invalid_resource", $"Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Resource value from request: {resource}.");

    public static EntraError BadScope(string scope, string why) => new(70011, 400, "invalid_scope", $"The provided value for the input parameter 'scope' is not valid. {why} The scope {scope} is not valid.");

    public static EntraError SeveralResources(string scope) => new(28000, 400, "invalid_request", $"Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid.");

    public static EntraError ResourceOnV2() => new(901002, 400, "invalid_request", "The 'resource' request parameter is not supported.");

    public static EntraError Missing(string parameter) => new(900144, 400, "invalid_request", $"The request body must contain the following parameter: '{parameter}'.");

    public static EntraError Malformed() => new(9002313, 400, "invalid_request", "Invalid request. Request is malformed or invalid.");

    public static EntraError WrongMethod(string method) => new(900561, 405, "invalid_request", $"The endpoint only accepts POST requests. Received a {method} request.");

    public static EntraError UnknownGrant(string grant) => new(70003, 400, "unsupported_grant_type", $"The app requested an unsupported grant type '{grant}'.");

    public static EntraError UnsupportedResponseType(string type) => new(700054, 400, "unsupported_response_type", $"response_type '{type}' is not enabled for the application.");

    public static EntraError RedirectMismatch(string uri, Guid app) => new(50011, 400, "invalid_client", $"The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the application '{app}'. Make sure the redirect URI sent in the request matches one added to your application.");

    public static EntraError RedirectDiffers(string presented, string expected) => new(500112, 400, "invalid_client", $"The reply address '{presented}' does not match the reply address '{expected}' provided when requesting Authorization code.");

    public static EntraError CrossOriginOnly() => new(9002327, 400, "invalid_request", "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.");

    public static EntraError ConsentRequired(TwinName app) => new(65001, 400, "invalid_grant", $"The user or administrator has not consented to use the application with ID '{app.Id}' named '{app.Name}'. Send an interactive authorization request for this user and resource.", "consent_required");

    public static EntraError Declined() => new(65004, 400, "access_denied", "User declined to consent to access the app.");

    public static EntraError AdminConsentRequired(TwinName app) => new(90094, 400, "access_denied", $"The grant requires admin permission. {app.Name} ({app.Id}) needs permission to access resources in your organization that only an admin can grant.");

    public static EntraError NotInTenant(string user, string idp, TwinName tenant, TwinName app) => new(50020, 400, "invalid_grant", $"User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant.Name}' and cannot access the application '{app.Id}'({app.Name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different account.");

    public static EntraError UserDisabled() => new(50057, 400, "invalid_grant", "The user account is disabled.");

    public static EntraError NotAssigned(string user, TwinName app) => new(50105, 400, "interaction_required", $"Your administrator has configured the application {app.Name} ('{app.Id}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator.");

    public static EntraError UnknownUser(string user) => new(50034, 400, "invalid_grant", $"The user account '{user}' does not exist in the directory. To sign into this application, the account must be added to the directory.");

    public static EntraError WrongPassword() => new(50126, 400, "invalid_grant", "Error validating credentials due to invalid username or password.");

    public static EntraError StalePage() => new(165000, 400, "invalid_request", "The sign-in page is unknown, used already or too old. Start again from the application.");

    public static EntraError NoSession() => new(50058, 400, "login_required", "Session information is not sufficient for single-sign-on.");

    public static EntraError CodeRedeemed() => new(54005, 400, "invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.");

    public static EntraError VerifierMismatch() => new(501481, 400, "invalid_grant", "The Code_Verifier does not match the code_challenge supplied in the authorization request.");

    public static EntraError BadChallenge() => new(501491, 400, "invalid_grant", "Invalid PKCE parameter: 'code_challenge' or 'code_verifier' must be 43 to 128 unreserved characters and the method 'S256' or 'plain'.");

    public static EntraError ProofKeyRequired() => new(9002325, 400, "invalid_request", "Proof Key for Code Exchange is required for cross-origin and public client authorization code redemption.");

    public static EntraError BadGrant(string? subError = null) => new(70000, 400, "invalid_grant", "The provided grant is invalid or malformed.", subError);

    public static EntraError GrantExpired() => new(70008, 400, "invalid_grant", "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.");

    public static EntraError RefreshInactive(DateTimeOffset issued) => new(700082, 400, "invalid_grant", $"The refresh token has expired due to inactivity. The token was issued on {issued.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture)} and was inactive for 90.00:00:00.");

    public static EntraError SpaRefreshExpired() => new(700084, 400, "invalid_grant", "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.");

    public static EntraError Revoked() => new(50173, 400, "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.");

    public static EntraError DevicePending() => new(70016, 400, "authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");

    public static EntraError DeviceDeclined() => new(70017, 400, "authorization_declined", "The end user denied the authorization request.");

    public static EntraError DeviceUnknown() => new(70018, 400, "bad_verification_code", "Invalid verification code. User typed in wrong user code for device code flow.");

    public static EntraError DeviceExpired() => new(70019, 400, "expired_token", "Verification code expired. Have the user retry the sign-in.");

    public static EntraError UnknownInstance() => new(50049, 400, "invalid_instance", "Unknown or invalid instance.");

    public static EntraError TooManyRequests() => new(90055, 429, "temporarily_unavailable", "There have been too many requests. Wait before retrying.");

    public static EntraError Transient() => new(90033, 503, "temporarily_unavailable", "A transient error has occurred. Please try again.");
}

/// <summary>An id with the name people know it by.</summary>
internal readonly record struct TwinName(Guid Id, string Name);
