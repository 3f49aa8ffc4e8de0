namespace Bailiwick.Twin.World.Generator;

/// <summary>A person of a tenant; every name is invented.</summary>
internal sealed record Person(string Account, string DisplayName, string UserPrincipalName, string Sid, Guid ObjectId);

/// <summary>A device with what it keeps: its owner, addresses and system.</summary>
internal sealed record Device(
    string Id, Guid AadId, string HostName, string DnsName, string Domain, string Os, int Build, string Version, string Group, int GroupId, Person Owner,
    string Address, string Address6, string PublicAddress, string Mac, string Health, string Risk, string Exposure, string Value, IReadOnlyList<string> Tags,
    bool Server)
{
    /// <summary>The group it was made for, which its registry names as a tag; empty for none. Device groups of the portal may move the device, this stays.</summary>
    public string Department { get; } = Group == "UnassignedGroup" ? "" : Group;
}

/// <summary>
/// The people, devices and device groups of one tenant, the same for the same tenant id whatever the seed of its alerts. Addresses
/// come from the documentation ranges (RFC 5737, RFC 3849), names from reserved domains (RFC 2606).
/// </summary>
internal sealed class TenantWorld
{
    private static readonly string[] First =
    [
        "Ada", "Ben", "Carla", "Dev", "Elin", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kemi", "Lars", "Maja", "Nils", "Olga", "Per", "Quinn", "Rosa",
        "Signe", "Tariq", "Ulla", "Viktor", "Wanda", "Xenia", "Yusuf", "Zelda", "Åsa", "Jörg", "Chloé", "Mirjam", "Sven", "Paulo",
    ];

    private static readonly string[] Last =
    [
        "Adeyemi", "Brandt", "Castell", "Dahlgren", "Eriksen", "Fournell", "Grimaud", "Holmqvist", "Ibarra", "Jansson", "Kowalik", "Lindqvist", "Moreaux",
        "Nyberg", "Ortiz", "Pellegrin", "Quist", "Rahmani", "Sandell", "Tervo", "Ulvaeus", "Vestergaard", "Wikner", "Yilmazer", "Zetterlund", "Okonjo",
    ];

    private static readonly string[] Rooms =
        ["desk", "lathe", "press", "front", "lab", "till", "dock", "studio", "clinic", "board", "field", "depot", "crane", "class", "ward", "kiosk"];

    private static readonly string[] Servers = ["files", "print", "dc", "erp", "build", "web", "mail", "backup", "sql", "jump"];

    private static readonly string[] GroupNames =
        ["Shopfloor", "Office", "Servers", "Executives", "Field staff", "Laboratory", "Domain controllers", "Kiosks"];

    private static readonly (string Os, int Build, string Version)[] Clients =
        [("Windows11", 26100, "24H2"), ("Windows11", 22631, "23H2"), ("Windows10", 19045, "22H2"), ("macOS", 0, "15.3"), ("Linux", 0, "24.4")];

    private static readonly (string Os, int Build, string Version)[] ServerSystems =
        [("WindowsServer2022", 20348, "21H2"), ("WindowsServer2019", 17763, "1809"), ("WindowsServer2025", 26100, "24H2")];

    private TenantWorld(TwinTenant tenant, IReadOnlyList<Person> people, IReadOnlyList<Device> devices) =>
        (Tenant, People, Devices) = (tenant, people, devices);

    public TwinTenant Tenant { get; }

    /// <summary>24 to 60 people.</summary>
    public IReadOnlyList<Person> People { get; }

    /// <summary>20 to 50 devices, a quarter of them servers.</summary>
    public IReadOnlyList<Device> Devices { get; }

    /// <summary>Makes the tenant's world from its id.</summary>
    public static TenantWorld Create(TwinTenant tenant)
    {
        var random = SeededRandom.For(0, tenant.Id, 0, "world");
        var authority = $"S-1-5-21-{random.Below(int.MaxValue)}-{random.Below(int.MaxValue)}-{random.Below(int.MaxValue)}";
        var people = new List<Person>();
        var accounts = new HashSet<string>();
        for (var count = 24 + random.Below(37); people.Count < count;)
        {
            var (first, last) = (random.Pick(First), random.Pick(Last));
            var account = $"{Plain(first)[..1]}.{Plain(last)}".ToLowerInvariant();
            if (!accounts.Add(account)) account += people.Count;
            people.Add(new Person(account, $"{first} {last}", $"{account}@{tenant.DefaultDomain}", $"{authority}-{1100 + people.Count}", random.Guid()));
        }

        var groups = GroupNames.Take(3 + random.Below(GroupNames.Length - 3)).ToArray();
        var devices = new List<Device>();
        for (var count = 20 + random.Below(31); devices.Count < count;) devices.Add(Device(tenant, people, groups, devices.Count, ref random));
        return new TenantWorld(tenant, people, devices);
    }

    /// <summary>The same world with its devices in other groups.</summary>
    public TenantWorld Regrouped(Func<Device, (string Name, int Id)> group) =>
        new(Tenant, People, [.. Devices.Select(device => group(device) is var (name, id) ? device with { Group = name, GroupId = id } : device)]);

    private static Device Device(TwinTenant tenant, List<Person> people, string[] groups, int number, ref SeededRandom random)
    {
        var server = number % 4 == 3;
        var (os, build, version) = random.Pick(server ? ServerSystems : Clients);
        var host = $"{random.Pick(server ? Servers : Rooms)}-{number + 1:00}";
        var group = server && groups.Contains("Servers") ? "Servers" : random.Chance(0.1) ? "UnassignedGroup" : random.Pick(groups);
        return new Device(
            random.Hex(40), random.Guid(), host, $"{host}.{tenant.DefaultDomain}", tenant.DefaultDomain, os, build, version, group,
            group == "UnassignedGroup" ? 0 : 10 + Array.IndexOf(GroupNames, group), people[number % people.Count], $"192.0.2.{1 + (number * 4 % 250)}",
            $"2001:db8:{random.Hex(4)}::{number + 1:x}", $"203.0.113.{1 + random.Below(250)}", "02005E" + random.Hex(6).ToUpperInvariant(),
            random.Chance(0.9) ? "active" : "inactive", random.Pick(["none", "informational", "low", "medium", "high"]),
            random.Pick(["None", "Low", "Medium", "High"]), random.Pick(["Normal", "Normal", "Low", "High"]),
            random.Chance(0.3) ? [random.Pick(["Pilot", "Site North", "Leased", "Shared", "Site South"])] : [], server);
    }

    private static string Plain(string name)
    {
        var letters = name.Normalize(System.Text.NormalizationForm.FormD).Where(char.IsAsciiLetter);
        return string.Concat(letters);
    }
}
