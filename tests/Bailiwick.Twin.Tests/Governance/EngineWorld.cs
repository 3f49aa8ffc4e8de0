using Bailiwick.Twin.Faults;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Governance;

namespace Bailiwick.Twin.Tests.Governance;

/// <summary>Governance without a host: a customer, a provider, a clock that stands until the timeline moves it.</summary>
internal sealed class EngineWorld : IDisposable
{
    private readonly TwinStore _store;

    /// <param name="directory">Where the world is kept; null keeps it in memory.</param>
    public EngineWorld(string? directory = null)
    {
        _store = new TwinStore(directory);
        var clock = new TwinClock(TimeProvider.System);
        clock.Freeze();
        var random = new TwinRandom(7);
        var options = new TwinOptions { DataDirectory = directory };
        var people = new TwinDirectory(directory is null ? null : _store, clock, random);
        Services = new TwinServices(_store, clock, people, null!, new TwinFaults(clock), options, random, new TwinSwitches(options), new TwinAuditLog(_store, clock, random), new TwinTimeline(clock, machine: null), new TwinSnapshots(clock));
        Customer = people.Tenants.FirstOrDefault(tenant => tenant.DefaultDomain == "alder.example") ?? Tenant("alder.example");
        Provider = people.Tenants.FirstOrDefault(tenant => tenant.DefaultDomain == "northwatch.example") ?? Tenant("northwatch.example");
        Governance = new EntitlementManagement(Services);
    }

    public TwinServices Services { get; }

    public EntitlementManagement Governance { get; }

    public TwinTenant Customer { get; }

    public TwinTenant Provider { get; }

    public GovernanceState State => Governance.State;

    public DateTimeOffset Now => Services.Clock.GetUtcNow();

    public TwinTenant Tenant(string domain)
    {
        var tenant = new TwinTenant(Services.Random.Id("tenant", domain), domain.Split('.')[0], domain, "SE");
        Services.Directory.AddTenants([tenant]);
        return tenant;
    }

    public TwinUser Member(string name, TwinTenant? tenant = null)
    {
        var at = tenant ?? Customer;
        return Services.Directory.AddMember(at.Id, name, $"{name}@{at.DefaultDomain}", "Correct-Horse-7", []);
    }

    public TwinUser Analyst(string name) => Member(name, Provider);

    public TwinGroup Group(string name, params Guid[] members)
    {
        var group = new TwinGroup(Services.Directory.NewGroupId(Customer.Id, name), Customer.Id, name, members);
        Services.Directory.PutGroup(group);
        return group;
    }

    /// <summary>A package of a group in a catalog of its own, for the provider's people, with the policy as given.</summary>
    public AccessPackage Package(string name, TwinGroup group, Func<PolicyBody, PolicyBody>? change = null, TwinTenant? tenant = null)
    {
        var at = (tenant ?? Customer).Id;
        var catalog = new Catalog(State.NewId(State.Catalogs, at, "catalog", name), at, name) { IsExternallyVisible = true, CreatedAt = Now, ModifiedAt = Now };
        Governance.Catalogs.Put(catalog);
        var resource = State.Find(State.Resources, at, Governance.Catalogs.AddResource(catalog, group.Id.ToString(), "AadGroup").ResourceId, "resource");
        var package = new AccessPackage(State.NewId(State.Packages, at, "package", name), at, catalog.Id, name) { CreatedAt = Now, ModifiedAt = Now };
        Governance.Catalogs.Put(package);
        Governance.Catalogs.AddRole(package, resource, $"Member_{group.Id}", "Member");
        Policy(package, "analysts", change);
        return State.Find(State.Packages, at, package.Id, "package");
    }

    public AssignmentPolicy Policy(AccessPackage package, string name, Func<PolicyBody, PolicyBody>? change = null)
    {
        var body = new PolicyBody
        {
            DisplayName = name,
            AllowedTargetScope = "allExternalUsers",
            Expiration = new Expiration { Type = "afterDuration", Duration = TimeSpan.FromDays(365) },
            RequestorSettings = new RequestorSettings { EnableTargetsToSelfAddAccess = true, EnableTargetsToSelfUpdateAccess = true, EnableTargetsToSelfRemoveAccess = true },
        };
        return Governance.Catalogs.Put(new AssignmentPolicy(State.NewId(State.Policies, package.TenantId, "policy", $"{package.Id}/{name}"), package.TenantId, package.Id, change?.Invoke(body) ?? body, Now, Now));
    }

    public PackageRequest Ask(AccessPackage package, TwinUser home, RequestWords? words = null) =>
        Governance.Requests.AskFor(package, Governance.People.Of(package.TenantId, home), TwinActor.Service, words ?? new RequestWords());

    public PackageRequest Decide(PackageRequest request, TwinUser by, bool approve, string? why = "because")
    {
        var now = Again(request);
        return Governance.Requests.Approvals.Decide(now.TenantId, now.Id, now.OpenStage!.Id, by, new TwinActor(by, null, null), approve, why);
    }

    public PackageRequest Again(PackageRequest request) => State.Find(State.Requests, request.TenantId, request.Id, "request");

    public IReadOnlyList<Guid> MembersOf(TwinGroup group) => Services.Directory.FindGroup(group.TenantId, group.Id)!.Members;

    public List<GovernanceMail> Mails(int number) => [.. State.Mails.Of(Customer.Id).Where(mail => mail.Number == number).OrderBy(mail => mail.Sequence)];

    public List<string> Activities() => [.. Services.Audit.Read(Customer.Id, "audit", DateTimeOffset.MinValue).Where(entry => entry["loggedByService"]!.GetValue<string>() == "Entitlement Management").Select(entry => entry["activityDisplayName"]!.GetValue<string>()).Reverse()];

    public int Advance(double days) => Services.Timeline.Advance(TimeSpan.FromDays(days));

    public static SubjectSet One(TwinUser user) => new() { Kind = "#microsoft.graph.singleUser", UserId = user.Id };

    public static SubjectSet All(TwinGroup group) => new() { Kind = "#microsoft.graph.groupMembers", GroupId = group.Id };

    /// <summary>Approval by these stages.</summary>
    public static Func<PolicyBody, PolicyBody> Approved(params StageSettings[] stages) => body => body with { RequestApprovalSettings = new ApprovalSettings { IsApprovalRequiredForAdd = true, IsApprovalRequiredForUpdate = true, Stages = stages } };

    public void Dispose()
    {
        Services.Timeline.Dispose();
        _store.Dispose();
    }
}
