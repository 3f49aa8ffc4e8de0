namespace Bailiwick.Cli.Demo;

/// <summary>A sample customer of the demonstration; all names are invented.</summary>
/// <param name="Name">Organization.</param>
/// <param name="Domain">Its domain, below <c>.example</c>.</param>
/// <param name="Region">Where its Defender data lives.</param>
internal sealed record SampleCustomer(string Name, string Domain, string Region);

/// <summary>Who lives in the demonstration's twin.</summary>
internal static class DemoPeople
{
    /// <summary>The provider's tenant.</summary>
    public const string Provider = "Northwatch Security";

    /// <summary>The provider's domain.</summary>
    public const string ProviderDomain = "northwatch.example";

    /// <summary>The provider's people: user name, full name.</summary>
    public static readonly IReadOnlyList<(string User, string Name)> ProviderPeople =
    [
        ("elin.engineer", "Elin Berg"), ("adam.analyst", "Adam Okoro"), ("tess.approver", "Tess Lindqvist"),
    ];

    private static readonly SampleCustomer[] Named =
    [
        new("Harrowgate Mills", "harrowgate.example", "eu"),
        new("Lindholm Varv AB", "lindholm.example", "eu"),
        new("Mercia Water", "merciawater.example", "uk"),
        new("Quillon Clinics", "quillon.example", "eu"),
        new("Tern & Otter Foods", "ternotter.example", "us"),
    ];

    /// <summary>The first <paramref name="count"/> customers.</summary>
    public static IReadOnlyList<SampleCustomer> Customers(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i < Named.Length ? Named[i] : new SampleCustomer($"Sample Customer {i + 1}", $"sample{i + 1}.example", "eu"))];
}
