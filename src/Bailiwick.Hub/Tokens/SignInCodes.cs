using System.Collections.Frozen;

namespace Bailiwick.Hub.Tokens;

/// <summary>Who can mend a refused sign-in.</summary>
internal enum SignInOwner
{
    /// <summary>The provider's platform engineer: registration, secret, certificate, settings.</summary>
    Provider,

    /// <summary>The customer's administrator: consent, policies, licences, accounts.</summary>
    Customer,

    /// <summary>Whoever is signing in: do it again, with more.</summary>
    Person,

    /// <summary>Nobody: it passes.</summary>
    Nobody,

    /// <summary>The makers of this program: its request was wrong.</summary>
    Maker,
}

/// <summary>What one AADSTS number means to people. Never control flow: that is the OAuth <c>error</c>'s alone.</summary>
/// <param name="Cause">What is wrong, without a full stop.</param>
/// <param name="Owner">Who mends it.</param>
/// <param name="Remedy">What they do, as the rest of a sentence that begins with them.</param>
internal sealed record SignInCode(string Cause, SignInOwner Owner, string Remedy)
{
    /// <summary>One sentence for a person.</summary>
    public string Sentence => $"{Cause}: {Subject} {Remedy}.";

    private string Subject => Owner switch
    {
        SignInOwner.Provider => "the provider",
        SignInOwner.Customer => "the customer's administrator",
        SignInOwner.Person => "the person",
        SignInOwner.Nobody => "the hub",
        _ => "this is a fault of this program, whose makers need the correlation id; until then the provider",
    };
}

/// <summary>
/// The AADSTS numbers a provider meets, explained. Source: error reference, read 2025; numbers and texts may change there, so an unknown one falls back to the OAuth error.
/// </summary>
internal static class SignInCodes
{
    /// <summary>Every number explained.</summary>
    public static FrozenDictionary<int, SignInCode> All { get; } = Build();

    /// <summary>The explanation; null for a number nobody described.</summary>
    public static SignInCode? Find(int code) => All.GetValueOrDefault(code);

    private static FrozenDictionary<int, SignInCode> Build()
    {
        Dictionary<int, SignInCode> codes = [];
        void Add(SignInOwner owner, string cause, string remedy, params ReadOnlySpan<int> numbers)
        {
            foreach (var number in numbers) codes.Add(number, new SignInCode(cause, owner, remedy));
        }

        AddClient(Add);
        AddTenant(Add);
        AddPerson(Add);
        AddRequest(Add);
        Add(SignInOwner.Nobody, "The sign-in service is not available for the moment", "tries again by itself", 90033, 90006, 90012, 90024);
        Add(SignInOwner.Nobody, "The sign-in service asks for fewer requests", "waits as long as it was told and tries again by itself", 90055);
        return codes.ToFrozenDictionary();
    }

    private delegate void Adding(SignInOwner owner, string cause, string remedy, params ReadOnlySpan<int> numbers);

    /// <summary>The application itself: the provider's to mend.</summary>
    private static void AddClient(Adding add)
    {
        add(SignInOwner.Provider, "The application's secret or certificate was not accepted", "replaces the secret under applications (the secret's value, not its id)", 7000215);
        add(SignInOwner.Provider, "The application's secret has expired", "replaces it under applications, before the old one ends next time", 7000222);
        add(SignInOwner.Provider, "The application did not prove who it is", "adds a certificate or a secret under applications", 7000218);
        add(SignInOwner.Provider, "The application is registered as a public client and may not use a secret", "registers it as a web application", 700025);
        add(SignInOwner.Provider, "The application's certificate is not known or its signature is not right", "uploads the public certificate to the app registration", 700027);
        add(SignInOwner.Provider, "The application's proof was made for another address", "checks the sign-in address of the tenant's cloud", 700023);
        add(SignInOwner.Provider, "The application's proof is outside its time", "sets this machine's clock", 700024);
        add(SignInOwner.Provider, "The application could not be authenticated", "checks its secret or certificate under applications", 50012);
        add(SignInOwner.Provider, "The redirect address is not registered for the application", "registers exactly the hub's address, to the last character", 50011);
        add(SignInOwner.Provider, "The application does not list this API among its permissions", "adds the permission to the app registration", 650057, 650056, 65005);
        add(SignInOwner.Provider, "The tenant does not exist or has no subscription", "checks the tenant id with the customer", 90002);
        add(SignInOwner.Provider, "The tenant's name in the address is neither an id nor a domain", "corrects the tenant id", 900021, 900023);
        add(SignInOwner.Provider, "The application is for one tenant only", "registers it for several tenants, or one in the customer's own", 50194);
        add(SignInOwner.Provider, "The sign-in address belongs to no known cloud", "checks the addresses of the tenant's cloud in the hub's configuration", 50049);
        add(SignInOwner.Provider, "Microsoft has not pre-authorized the application for this API", "asks for another permission", 65002);
        add(SignInOwner.Provider, "The home tenant holds the person for compromised", "has the provider's own security people clear the account", 53011);
        add(SignInOwner.Provider, "The provider's own tenant does not let its people into this one", "opens outbound access for the customer's tenant", 500212);
        add(SignInOwner.Provider, "The network restricts which tenants may be reached", "lets the network through to the customer's tenant", 500021, 500022);
    }

    /// <summary>The customer's tenant: the customer's to mend.</summary>
    private static void AddTenant(Adding add)
    {
        add(SignInOwner.Customer, "The application is not known in this tenant", "gives admin consent", 700016);
        add(SignInOwner.Customer, "The application is disabled in this tenant", "enables it under enterprise applications", 7000112);
        add(SignInOwner.Customer, "The API has no service principal in this tenant", "checks that the product is provisioned and licensed", 500011);
        add(SignInOwner.Customer, "Nobody has consented to the permissions yet", "gives admin consent", 65001);
        add(SignInOwner.Customer, "Only an administrator can consent to these permissions", "gives admin consent", 90094);
        add(SignInOwner.Customer, "The consent waits for an administrator's approval", "approves the request", 90095);
        add(SignInOwner.Customer, "The application is not authorized for a customer of a partner", "gives admin consent in this tenant", 90099);
        add(SignInOwner.Customer, "The account is not in this tenant", "invites the person as a guest, or the tenant id is another one's", 50020, 90072);
        add(SignInOwner.Customer, "The account is disabled in this tenant", "enables it; entitlement management may have blocked it when its last package ended", 50057);
        add(SignInOwner.Customer, "The person is not assigned to the application", "assigns the person or their group", 50105);
        add(SignInOwner.Customer, "The device does not meet the tenant's policy", "says which devices are allowed in", 53000, 53001);
        add(SignInOwner.Customer, "The tenant's policy lets only approved programs in", "allows the browser", 53002);
        add(SignInOwner.Customer, "Conditional Access blocks this sign-in", "checks Conditional Access for guests and for workload identities", 53003);
        add(SignInOwner.Customer, "The tenant does not let the person register for multi-factor sign-in because of risk", "clears the risk", 53004);
        add(SignInOwner.Customer, "The tenant's security policy blocks this sign-in", "checks security defaults and risk policies", 530032, 530034, 530035);
        add(SignInOwner.Customer, "The tenant does not let people of the provider's tenant in", "opens inbound access for the provider's tenant", 500213);
    }

    /// <summary>Whoever signs in.</summary>
    private static void AddPerson(Adding add)
    {
        add(SignInOwner.Person, "The consent was declined", "starts over when it was a mistake; nothing is asked again until then", 65004);
        add(SignInOwner.Provider, "The person is not in that directory", "checks the user name and its tenant", 50034);
        add(SignInOwner.Person, "User name or password is wrong", "signs in again", 50126);
        add(SignInOwner.Person, "The account is locked for a while", "waits and signs in again", 50053);
        add(SignInOwner.Person, "The password has expired", "sets a new one at home and signs in again", 50055, 50144);
        add(SignInOwner.Person, "Nobody is signed in with this browser", "signs in", 50058);
        add(SignInOwner.Person, "Several accounts are signed in, or the chosen one is not in this tenant", "chooses the account that is a guest here", 16000, 16003);
        add(SignInOwner.Person, "Multi-factor sign-in is required", "signs in again and passes it; with trust for the provider's tenant no second registration is needed", 50072, 50074, 50076, 50079);
        add(SignInOwner.Person, "The multi-factor sign-in is too old", "signs in again", 50078);
        add(SignInOwner.Person, "A further check of the tenant was not passed", "signs in again and passes it", 50158);
        add(SignInOwner.Person, "The code was used already", "connects the tenant again", 54005);
        add(SignInOwner.Person, "The sign-in behind this connection is no longer valid", "connects the tenant again", 70000, 50132, 50133);
        add(SignInOwner.Person, "The code or refresh token has expired", "connects the tenant again", 70008);
        add(SignInOwner.Person, "The refresh token was not used for too long", "connects the tenant again", 700082);
        add(SignInOwner.Person, "The refresh token of a single-page application lives one day only", "connects the tenant again, through the hub", 700084);
        add(SignInOwner.Person, "The refresh token was revoked, as a changed password or an administrator does", "connects the tenant again", 50173);
        add(SignInOwner.Person, "The tenant wants a fresh sign-in more often than the connection is used", "connects the tenant again, or an application connection takes its place", 70043);
        add(SignInOwner.Person, "The device code is not confirmed yet", "enters it at the address shown", 70016);
        add(SignInOwner.Person, "The device code is not right", "starts over and enters the new one", 70018);
        add(SignInOwner.Person, "The device code has expired", "starts over", 70019);
    }

    /// <summary>Requests this program should never send.</summary>
    private static void AddRequest(Adding add)
    {
        add(SignInOwner.Maker, "The request cannot be sent for several tenants at once", "checks the tenant id", 9001023);
        add(SignInOwner.Maker, "The code was issued for another tenant", "connects the tenant again", 700005);
        add(SignInOwner.Maker, "The permissions asked for are not well-formed", "checks the application's permissions", 70011, 28002, 28003, 70022);
        add(SignInOwner.Maker, "A parameter of the old sign-in protocol was sent to the new one", "checks the tenant's cloud", 901002);
        add(SignInOwner.Maker, "The request lacks a parameter", "tries again", 900144, 90014);
        add(SignInOwner.Maker, "The request is malformed", "tries again", 9002313);
        add(SignInOwner.Maker, "The request used the wrong HTTP verb", "checks that no proxy changes requests", 900561);
        add(SignInOwner.Maker, "The kind of grant is not known there", "checks the tenant's cloud", 70003);
        add(SignInOwner.Maker, "The proof key of the code does not match", "connects the tenant again in one browser", 501481);
        add(SignInOwner.Maker, "The proof key of the request is not well-formed", "connects the tenant again", 50147, 501491);
        add(SignInOwner.Maker, "The same request came too often in a loop", "waits before the next try", 50196);
    }
}
