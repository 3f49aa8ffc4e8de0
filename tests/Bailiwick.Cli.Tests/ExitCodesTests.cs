using System.Reflection;
using Bailiwick.Api;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests;

public sealed class ExitCodesTests
{
    [Fact]
    public void Every_exit_code_is_documented_once()
    {
        var codes = typeof(ExitCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!).ToList();
        codes.ShouldBeUnique();
        var page = File.ReadAllText(Repository.Path("docs", "exit-codes.md"));
        foreach (var code in codes) page.ShouldContain($"| {code} |");
    }

    [Fact]
    public void Every_problem_type_has_one_uri()
    {
        Problems.All.Select(type => type.Uri).ShouldBeUnique();
        Problems.All.ShouldAllBe(type => Problems.Find(type.Uri) == type);
    }

    [Fact]
    public void Route_values_are_encoded_and_counted()
    {
        Routes.Fill(Routes.Sink, "a/../b?").ShouldBe("/api/v1/sinks/a%2F..%2Fb%3F");
        Should.Throw<ArgumentException>(() => Routes.Fill(Routes.Sink));
        Should.Throw<ArgumentException>(() => Routes.Fill(Routes.Sink, "a", "b"));
    }
}
