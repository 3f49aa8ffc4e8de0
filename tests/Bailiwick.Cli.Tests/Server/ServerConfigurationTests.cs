using Bailiwick.Server.Configuration;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Server;

public sealed class ServerConfigurationTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Flags_win_over_the_environment_and_that_over_the_file()
    {
        var file = _temp.File("c.json", """{ "Data": "file", "Profile": "test", "Sources": { "GraphAlerts": { "PollInterval": "5s" } } }""");
        var options = ServerConfiguration.Load(
            file,
            new Dictionary<string, string> { ["BAILIWICK_Data"] = "environment", ["BAILIWICK_Sources__GraphAlerts__Overlap"] = "30m", ["Data"] = "foreign" },
            new Dictionary<string, string> { ["Data"] = "flag" });
        options.Data.ShouldBe("flag");
        options.Profile.ShouldBe(Profile.Test);
        options.Sources["GraphAlerts"].PollInterval.ShouldBe(TimeSpan.FromSeconds(5));
        options.Sources["GraphAlerts"].Overlap.ShouldBe(TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void Nothing_configured_is_a_production_hub_on_loopback_for_the_public_cloud()
    {
        var options = Load();
        options.Profile.ShouldBe(Profile.Production);
        options.Urls.ShouldBe(["http://127.0.0.1:8480"]);
        options.Clouds["public"].Login.ShouldBe("https://login.microsoftonline.com");
        options.Clouds["public"].DefenderFor("eu").ShouldBe("https://eu.api.security.microsoft.com");
        options.Clouds["public"].DefenderFor(null).ShouldBe("https://api.security.microsoft.com");
    }

    [Theory]
    [InlineData("Urls", "http://0.0.0.0:80", "plain http on an address others can reach")]
    [InlineData("Urls", "https://0.0.0.0:443", "no certificate")]
    [InlineData("Urls", "localhost:80", "write scheme, host and port only")]
    [InlineData("Profile", "prod", "use production, test or demo")]
    [InlineData("Clouds:twin:Login", "https://localhost:8490", "names a twin in the production profile")]
    [InlineData("Clouds:public:Login", "https://127.0.0.1:8490", "an address of this machine")]
    [InlineData("Clouds:public:Graph", "http://graph.example", "plain http is allowed to 127.0.0.1 in the test profile only")]
    [InlineData("Clouds:public:Graph", "graph.microsoft.com", "write an address such as")]
    [InlineData("Clouds:public:CaFile", "/nowhere/ca.pem", "cannot be read as PEM")]
    [InlineData("Clouds:own:Graph", "https://graph.example", "Clouds:own:Login is missing")]
    [InlineData("Clock", "http://127.0.0.1:8491", "keeps its own time")]
    [InlineData("Database", "Host=db;Password=hunter2", "carries a password")]
    [InlineData("DatabaseFile", "/nowhere/db", "does not exist")]
    [InlineData("Sources:GraphAlerts:PollInterval", "500ms", "use 1s to 1h")]
    [InlineData("Sources:GraphAlerts:PollInterval", "soon", "write a time such as")]
    [InlineData("Sources:GraphAlerts:Settle", "1h", "longer than Overlap")]
    [InlineData("Sources:Everything:Enabled", "true", "is not a source of this program")]
    [InlineData("Outbound:AllowedPrivateEndpoints", "10.0.0.0/8", "write an exact host and port")]
    public void A_fault_is_one_sentence_that_says_how_to_fix_it(string name, string value, string words)
    {
        var faults = Should.Throw<ConfigurationException>(() => Load((name, value))).Faults;
        faults.ShouldContain(fault => fault.Contains(words, StringComparison.Ordinal));
        faults.ShouldAllBe(fault => fault.EndsWith('.') && !fault.Contains('\n', StringComparison.Ordinal) && !fault.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void The_test_profile_takes_plain_http_to_this_machine_for_everything_but_sign_in()
    {
        var twin = ((string, string)[])
            [("Profile", "test"), ("Clouds:twin:Graph", "http://127.0.0.1:1/graph"), ("Clouds:twin:Defender", "http://127.0.0.1:1/defender"), ("Clouds:twin:Login", "https://localhost:2")];
        Load(twin).Clouds["twin"].Graph.ShouldBe("http://127.0.0.1:1/graph");
        Should.Throw<ConfigurationException>(() => Load([.. twin, ("Clouds:twin:Login", "http://127.0.0.1:2")])).Faults.ShouldHaveSingleItem().ShouldContain("sign-in needs https");
    }

    [Fact]
    public void A_misspelt_setting_in_the_file_is_a_fault()
    {
        var file = _temp.File("c.json", """{ "Sources": { "GraphAlerts": { "PolInterval": "5s" } }, "Dta": "x" }""");
        var faults = Should.Throw<ConfigurationException>(() => ServerConfiguration.Load(file, new Dictionary<string, string>(), new Dictionary<string, string>())).Faults;
        faults.Count.ShouldBe(2);
        faults.ShouldContain(fault => fault.StartsWith("Sources:GraphAlerts:PolInterval", StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_file_that_others_can_read_is_refused()
    {
        var file = _temp.File("db", "Host=db", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Should.Throw<ConfigurationException>(() => Load(("DatabaseFile", file))).Faults.Single().ShouldContain("chmod 600");
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("24h", 86_400)]
    [InlineData("00:00:07", 7)]
    [InlineData("1d", 86_400)]
    public void Times_are_written_as_people_write_them(string text, double seconds)
    {
        Duration.TryParse(text, out var span).ShouldBeTrue();
        span.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("-00:00:05")]
    [InlineData("5 parsecs")]
    public void Other_times_are_refused(string text) => Duration.TryParse(text, out _).ShouldBeFalse();

    private static ServerOptions Load(params (string Name, string Value)[] flags)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in flags) all[name] = value;
        return ServerConfiguration.Load(null, new Dictionary<string, string>(), all);
    }
}
