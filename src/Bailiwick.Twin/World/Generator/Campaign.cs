namespace Bailiwick.Twin.World.Generator;

/// <summary>Indicators that several customers meet: one campaign's host, address and payload are the same everywhere for one seed.</summary>
internal sealed record Campaign(string Domain, string Url, string Address, string Payload, string Sha1, string Sha256, string Md5, int Size)
{
    /// <summary>How many campaigns a seed runs.</summary>
    public const int Running = 12;

    private static readonly string[] Words =
        ["cdn", "update", "billing", "files", "portal", "assets", "sync", "login", "share", "docs", "invoice", "parcel", "quiet", "amber", "north", "velvet"];

    private static readonly string[] Payloads = ["svcmon.exe", "invoice_view.exe", "helper.dll", "upd32.exe", "scan0421.js", "policy.hta", "reader_setup.exe", "kit.ps1"];

    /// <summary>A campaign of the seed by number, or indicators of one alert alone.</summary>
    public static Campaign Draw(ref SeededRandom random)
    {
        var domain = $"{random.Pick(Words)}-{random.Pick(Words)}-{random.Hex(3)}.example";
        return new Campaign(
            domain, $"https://{domain}/{random.Pick(Words)}/{random.Hex(8)}", $"198.51.100.{1 + random.Below(254)}", random.Pick(Payloads), random.Hex(40),
            random.Hex(64), random.Hex(32), 20_000 + random.Below(4_000_000));
    }

    /// <summary>The seed's campaigns.</summary>
    public static Campaign[] All(long seed)
    {
        var campaigns = new Campaign[Running];
        for (var i = 0; i < Running; i++)
        {
            var random = SeededRandom.For(seed, Guid.Empty, i, "campaign");
            campaigns[i] = Draw(ref random);
        }

        return campaigns;
    }
}
