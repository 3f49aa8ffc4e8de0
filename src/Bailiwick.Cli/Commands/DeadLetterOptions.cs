using System.CommandLine;
using Bailiwick.Api.V1;

namespace Bailiwick.Cli.Commands;

/// <summary>The options that name dead letters: the same for listing them as for acting on them.</summary>
internal sealed class DeadLetterOptions
{
    private readonly Option<string?> _sink = new("--sink") { Description = "Those of one sink", HelpName = "NAME" };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Those of one tenant", HelpName = "GUID" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Those with one reason, as in the list", HelpName = "WORD" };
    private readonly Option<DateTimeOffset?> _from = TimeOption.Create("--from", "Those set aside at this time or later, UTC");
    private readonly Option<DateTimeOffset?> _to = TimeOption.Create("--to", "Those set aside before this time, UTC");

    public DeadLetterOptions(Command command)
    {
        foreach (var option in (Option[])[_sink, _tenant, _reason, _from, _to]) command.Add(option);
    }

    public DeadLetterQuery Read(ParseResult parsed) => new(
        parsed.GetValue(_sink),
        parsed.GetValue(_tenant) is { } text ? Ids.Tenant(text) : null,
        parsed.GetValue(_reason),
        parsed.GetValue(_from),
        parsed.GetValue(_to));
}
