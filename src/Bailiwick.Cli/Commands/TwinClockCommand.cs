using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick twin clock</c>: the virtual clock of a running twin. What falls due on the way happens, in order.</summary>
internal static class TwinClockCommand
{
    private const string Path = "/clock";

    public static Command Create(BailiwickCli cli) => new("clock", "Look at a running twin's virtual clock, or move it on") { Show(cli), Advance(cli) };

    private static Command Show(BailiwickCli cli)
    {
        var control = TwinControl.Option();
        return cli.Does(new Command("show", "What the clock says") { control }, (parsed, terminal, cancellationToken) =>
            AnswerAsync(cli, parsed.GetRequiredValue(control), null, terminal, cancellationToken));
    }

    private static Command Advance(BailiwickCli cli)
    {
        var span = new Argument<string>("SPAN") { Description = "Such as 400d, 36h, 90m or 45s" };
        var control = TwinControl.Option();
        return cli.Does(new Command("advance", "Move the clock on; tokens, secrets, assignments and reviews fall due on the way") { span, control }, (parsed, terminal, cancellationToken) =>
            AnswerAsync(cli, parsed.GetRequiredValue(control), Seconds(parsed.GetRequiredValue(span)), terminal, cancellationToken));
    }

    private static async Task<int> AnswerAsync(BailiwickCli cli, string control, double? seconds, Output.Terminal terminal, CancellationToken cancellationToken)
    {
        var address = HubConnection.Origin(control, "twin");
        try
        {
            var body = seconds is { } by ? JsonSerializer.SerializeToUtf8Bytes(new { advanceSeconds = by }) : null;
            var answer = await TwinControl.SendAsync(cli.Surroundings, address, body is null ? HttpMethod.Get : HttpMethod.Post, Path, body, "the clock stays", cancellationToken);
            terminal.AnswerNode(answer, () => terminal.Say(Told(answer)));
            return ExitCodes.Ok;
        }
        catch (HttpRequestException e)
        {
            return Failures.Report(e, terminal, address);
        }
    }

    private static string Told(JsonNode answer)
    {
        var happened = answer["happened"] is JsonValue number && number.TryGetValue<int>(out var count) ? $" {Output.Words.Count(count, "thing")} fell due on the way." : "";
        var fault = answer["fault"] is { } text ? $" Something went wrong: {text}" : "";
        return $"It is {answer["now"]} in the twin.{happened}{fault}";
    }

    private static double Seconds(string text)
    {
        double? unit = text.Length < 2 ? null : text[^1] switch { 'd' => 86_400, 'h' => 3600, 'm' => 60, 's' => 1, _ => null };
        return unit is { } each && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count * each
            : throw new UsageException($"'{text}' is not a span of time; write 400d, 36h, 90m or 45s.");
    }
}
