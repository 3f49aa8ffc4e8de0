using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests.Transcripts;

public sealed class CustomerImportTests : IAsyncLifetime
{
    private const string A = "11111111-2222-4333-8444-555555555551";
    private const string B = "11111111-2222-4333-8444-555555555552";
    private readonly TempDirectory _temp = new();
    private StubHub _hub = null!;

    public async Task InitializeAsync()
    {
        _hub = await StubHub.StartAsync();
        _hub.Answers("POST", Routes.CustomerImport, new CustomerImportResult(1, 2, 0));
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_csv_file_goes_in_one_request()
    {
        var told = await ImportAsync("c.csv", $"customer,tenant_id,cloud,region\n\"Fabrikam, Inc\",{A},public,eu\n\nFabrikam,{B},,\n");
        told.Out.ShouldBe("Added 1 customer and 2 tenants; 0 lines known already.\n");
        var sent = Sent();
        sent.Lines.Select(line => (line.Line, line.Customer, line.Cloud, line.Region)).ShouldBe([(2, "Fabrikam, Inc", "public", "eu"), (4, "Fabrikam", null, null)]);
    }

    [Fact]
    public async Task Excel_files_with_semicolons_and_a_mark_at_the_beginning_are_read()
    {
        (await ImportAsync("c.csv", $"\uFEFFCustomer;Tenant_Id\r\nÅngström;{A}\r\n")).Code.ShouldBe(ExitCodes.Ok);
        Sent().Lines.Single().Customer.ShouldBe("Ångström");
    }

    [Fact]
    public async Task Every_bad_line_is_named_and_nothing_is_sent()
    {
        var told = await ImportAsync("c.csv", $"customer,tenant_id,region\nFabrikam,{A},eu\n,{B},eu\nContoso,contoso.example,eu\nTailspin,{A},eu\nWing,{B},Europe\nShort\n");
        told.Code.ShouldBe(ExitCodes.Usage);
        var lines = told.Error.Trim().Split('\n').Select(line => line.Replace(_temp.Path + "/", "", StringComparison.Ordinal).Trim()).ToArray();
        lines.ShouldBe([
            "c.csv:3: The customer's name is missing.",
            "c.csv:4: \"contoso.example\" is not a tenant id: write the directory's GUID, never its domain name.",
            $"c.csv:5: Tenant {A} stands on line 2 already.",
            "c.csv:6: Tenant 11111111-2222-4333-8444-555555555552 stands on line 3 already.",
            "c.csv:7: 1 fields where the first line has 3: quote fields that contain a comma.",
            "Nothing was imported: correct these 5 faults and import the file again.",
        ]);
        _hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wrong_column_is_named()
    {
        var told = await ImportAsync("c.csv", "customer,tenant\nFabrikam,x\n");
        told.Error.ShouldContain("c.csv:1: \"tenant\" is not a column");
        told.Error.ShouldContain("c.csv:1: The column tenant_id is missing.");
    }

    [Fact]
    public async Task A_json_file_is_read_with_its_line_numbers()
    {
        var told = await ImportAsync("c.json", $"[\n  {{\"customer\":\"Fabrikam\",\"tenantId\":\"{A}\"}},\n  {{\"customer\":\"Contoso\",\"tenant_id\":5}},\n  {{\"custommer\":\"x\",\"tenant_id\":\"{B}\"}}\n]");
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Error.ShouldContain("c.json:3: tenant_id must be a text.");
        told.Error.ShouldContain("c.json:4: \"custommer\" is not a member");
        _hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Broken_json_is_named_by_line()
    {
        (await ImportAsync("c.json", $"[\n{{\"customer\":\"F\",\"tenant_id\":\"{A}\"}},\n{{oops]")).Error.ShouldContain("c.json:3: This is not valid JSON.");
    }

    [Fact]
    public async Task Faults_that_only_the_hub_can_find_are_told_by_the_files_own_lines()
    {
        _hub.Refuses("POST", Routes.CustomerImport, Problems.RuleBroken, "One line is wrong.", new Dictionary<string, string[]> { ["lines[1].cloud"] = ["There is no cloud named moon."] });
        var told = await ImportAsync("c.csv", $"customer,tenant_id,cloud\nF,{A},\n\n\nG,{B},moon\n");
        told.Error.ShouldContain("c.csv:5: There is no cloud named moon.");
        told.Code.ShouldBe(ExitCodes.Usage);
    }

    [Theory]
    [InlineData("c.csv", "")]
    [InlineData("c.csv", "customer,tenant_id\n")]
    [InlineData("c.json", "[]")]
    [InlineData("c.json", "{}")]
    public async Task A_file_without_customers_is_refused(string name, string content)
    {
        (await ImportAsync(name, content)).Code.ShouldBe(ExitCodes.Usage);
        _hub.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_file_is_one_sentence()
    {
        var told = await Transcript.OfAsync(["customer", "import", Path.Combine(_temp.Path, "none.csv")], _hub);
        told.Code.ShouldBe(ExitCodes.Usage);
        told.Error.ShouldContain("does not exist");
    }

    private Task<Transcript> ImportAsync(string name, string content) => Transcript.OfAsync(["customer", "import", _temp.File(name, content)], _hub);

    private CustomerImport Sent() => JsonSerializer.Deserialize<CustomerImport>(_hub.Requests.Single().Body, ApiJson.Strict)!;
}
