using System.Text.RegularExpressions;
using Bailiwick.Server.Configuration;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Cli.Tests;

/// <summary>The documents say what is so: links lead somewhere, files named exist, commands quoted parse, settings listed are the settings.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents() =>
        [.. new[] { "README.md", "CHANGELOG.md" }.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "changes"), "*.md")).Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_to_files_and_named_files_exist(string document)
    {
        var path = Path.Combine(Repository.Root, document);
        var text = File.ReadAllText(path);
        var wrong = Link().Matches(text).Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !Exists(Path.Combine(Path.GetDirectoryName(path)!, link)))
            .Concat(SourcePath().Matches(text).Select(match => match.Value.TrimEnd('.', '/'))
                .Where(named => !named.Contains("/bin/", StringComparison.Ordinal)) // built by ./run, not part of a checkout
                .Where(named => !Exists(Path.Combine(Repository.Root, named))));
        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/configuration.md")]
    [InlineData("docs/coverage.md")]
    [InlineData("docs/security.md")]
    public void Commands_quoted_parse(string document)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var commands = Command().Matches(text).Select(match => match.Value.Split('#')[0].Trim('`', ' ', '.', ':', ',', ';')).Distinct(StringComparer.Ordinal).ToList();
        commands.ShouldNotBeEmpty();
        commands.Select(command => (Command: command, Faults: BailiwickCli.FaultsOf(command["bailiwick ".Length..]))).Where(told => told.Faults.Count > 0)
            .Select(told => $"{told.Command}: {string.Join(' ', told.Faults)}").ShouldBeEmpty();
    }

    [Fact]
    public void The_settings_listed_are_the_settings()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        var listed = Setting().Matches(text).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        listed.Order(StringComparer.Ordinal).ShouldBe(ServerConfiguration.SettingNames.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_first_screen_of_the_README_shows_the_demonstration_and_it_stays_short()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "README.md"));
        lines.Length.ShouldBeLessThanOrEqualTo(150);
        lines.Take(40).ShouldContain(line => line == "./run");
        lines.Take(40).ShouldContain(line => line.StartsWith("Alerts are arriving:", StringComparison.Ordinal));
    }

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(src|tests)/[A-Za-z0-9_./-]+", RegexOptions.NonBacktracking)]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"(?m)(^bailiwick [^\n]+|`bailiwick [^`\n]+`)", RegexOptions.NonBacktracking)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?m)^\| `([A-Z][A-Za-z:<>]+)` \|", RegexOptions.NonBacktracking)]
    private static partial Regex Setting();
}
