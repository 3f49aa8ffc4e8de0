using System.Diagnostics;
using System.Text.RegularExpressions;
using Bailiwick.Testing;
using Bailiwick.Twin.Control;
using Bailiwick.Twin.Faults;
using Bailiwick.Twin.Graph.Governance;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;
using Bailiwick.Twin.World.Governance;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Bailiwick.Twin.Tests;

public sealed partial class DocumentTests
{
    [Fact]
    public async Task The_table_of_the_control_API_names_every_route_and_no_other()
    {
        await using var host = await TwinHost.StartAsync(new TwinOptions(), default);
        var services = host.Services;
        using var planes = new AlertPlanes(services);
        await using var control = WebApplication.CreateSlimBuilder().Build();
        new ControlApi(services, new TwinSwitches(services.Options), new RequestCounters()).Map(control);
        planes.MapControl(control);
        new GovernancePlane(services, new EntitlementManagement(services)).MapControl(control);
        var served = ((IEndpointRouteBuilder)control).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single()} {Plain(endpoint.RoutePattern.RawText!)}");

        var page = await File.ReadAllTextAsync(Repository.Path("docs", "twin.md"));
        var rows = page.Split("## Control API")[1].Split("\n## ")[0].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split(" | ")[0]);
        rows.SelectMany(row => Named().Matches(row)).Select(match => Plain(match.Groups[1].Value)).ShouldBe(served, ignoreOrder: true);

        static string Plain(string route) => Parameter().Replace(route.Split('?')[0], "{}");
    }

    /// <summary>The page is written from the routes themselves; what a person adds is the test, which must exist.</summary>
    [Fact]
    public async Task The_table_of_routes_names_every_route_its_page_and_a_test_that_exists()
    {
        await using var host = await TwinHost.StartAsync(new TwinOptions(), [services => new AlertPlanes(services)], default);
        var served = host.Routes.SelectMany(Served).Distinct().ToList();

        var page = await File.ReadAllTextAsync(Repository.Path("docs", "twin-routes.md"));
        var rows = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Trim('|', ' ').Split(" | ", StringSplitOptions.TrimEntries)).ToList();
        var written = rows.Select(row => $"{row[0].Trim('`')} | {row[1]}").ToList();

        string.Join('\n', served.Except(written).Order()).ShouldBeEmpty("served, but not in docs/twin-routes.md");
        string.Join('\n', written.Except(served).Order()).ShouldBeEmpty("in docs/twin-routes.md, but not served");
        var tests = typeof(DocumentTests).Assembly.GetTypes().Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        string.Join('\n', rows.Where(row => row.Length != 3 || !row[2].Split(", ").All(tests.Contains)).Select(row => string.Join(" | ", row))).ShouldBeEmpty("each row names the classes of its tests");

        static IEnumerable<string> Served(RouteEndpoint endpoint)
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["any"];
            var source = endpoint.Metadata.GetMetadata<RouteSource>()?.Page ?? "(no page)";
            return methods.Select(method => $"{method} {path.Replace("/graph/beta", "/graph/v1.0", StringComparison.Ordinal).Replace("/defender/api/v1.0", "/defender/api", StringComparison.Ordinal)} | {source}");
        }
    }

    [SkippableFact]
    public async Task The_recipe_for_curl_gets_tokens()
    {
        Skip.IfNot(File.Exists("/usr/bin/curl") && File.Exists("/bin/bash"), "needs curl and bash");
        using var folder = new TempDirectory();
        await using var host = await TwinHost.StartAsync(new TwinOptions(), default);
        var document = await File.ReadAllTextAsync(Repository.Path("docs", "twin.md"));
        var recipe = document.Split("```sh\n")[1].Split("```")[0]
            .Replace("PORT2", host.ControlAddress.Port.ToString(), StringComparison.Ordinal)
            .Replace("PORT", host.Address.Port.ToString(), StringComparison.Ordinal);
        File.Copy(host.CaFile, Path.Combine(folder.Path, "ca.pem"));
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync("set -e\n" + recipe);
        shell.StandardInput.Close();
        var errors = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();

        (await errors).ShouldBeEmpty();
        output.ShouldContain("\"refresh_token\":\"");
        output.ShouldContain("\"resource\":\"https://graph.windows.net\"");
    }

    [GeneratedRegex("`([A-Z]+ /[^`]*)`", RegexOptions.None, 5000)]
    private static partial Regex Named();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, 5000)]
    private static partial Regex Parameter();
}
