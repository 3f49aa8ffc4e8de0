namespace Bailiwick.Twin.World.Governance;

/// <summary>Identity governance of every tenant: what is configured, what people asked for and hold, what is reviewed. One for the whole twin. Thread safe.</summary>
internal sealed class EntitlementManagement
{
    public EntitlementManagement(TwinServices services)
    {
        State = new GovernanceState(services);
        People = new People(State);
        Guests = new GuestLifecycle(State);
        Assignments = new Assignments(State, People, Guests);
        Requests = new Requests(State, People, new RequestRules(State, People), Assignments);
        Reviews = new Reviews(State, People, Assignments);
        Catalogs = new Catalogs(State, Assignments, Reviews);
        foreach (var tenant in services.Directory.Tenants) Load(tenant.Id);
        services.Snapshots.AfterRestore(tenant =>
        {
            State.Forget(tenant);
            Load(tenant);
        });
    }

    public GovernanceState State { get; }

    public People People { get; }

    public GuestLifecycle Guests { get; }

    public Assignments Assignments { get; }

    public Requests Requests { get; }

    public Reviews Reviews { get; }

    public Catalogs Catalogs { get; }

    private void Load(Guid tenant)
    {
        lock (State.Gate(tenant))
        {
            Guests.Load(tenant);
            Assignments.Load(tenant);
            Requests.Load(tenant);
            Reviews.Load(tenant);
        }
    }
}
