using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Bailiwick.Api;
using Spectre.Console;

namespace Bailiwick.Cli.Output;

/// <summary>Where a command speaks. With JSON output, standard output carries one JSON value and nothing else; words go to standard error.</summary>
internal sealed class Terminal(Surroundings surroundings, bool json)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>True when a program reads the answer.</summary>
    public bool Json { get; } = json;

    /// <summary>A sentence about what happened: standard output, or standard error with JSON output.</summary>
    public void Say(string sentence)
    {
        if (Json) surroundings.Error.WriteLine(TerminalText.Neutral(sentence));
        else Write(TerminalText.Neutral(sentence) + "\n");
    }

    /// <summary>A sentence about what is wrong, on standard error.</summary>
    public void Error(string sentence) => surroundings.Error.WriteLine(TerminalText.Neutral(sentence));

    /// <summary>The answer: one of the API's records as JSON, or whatever <paramref name="words"/> writes for people.</summary>
    public void Answer<T>(T value, Action words)
    {
        if (Json) Write(JsonSerializer.Serialize(value, ApiJson.Indented) + "\n");
        else words();
    }

    /// <summary>As <see cref="Answer{T}"/>, for answers that are no record of the API.</summary>
    public void AnswerNode(JsonNode value, Action words)
    {
        if (Json) Write(value.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        else words();
    }

    /// <summary>A plain table, columns two blanks apart; nothing when there are no rows but the word for that.</summary>
    public void Table(string none, string[] heads, IEnumerable<string?[]> rows)
    {
        var cells = rows.Select(row => row.Select(TerminalText.Neutral).ToArray()).ToList();
        if (cells.Count == 0)
        {
            Write(none + "\n");
            return;
        }

        cells.Insert(0, heads);
        var widths = Enumerable.Range(0, heads.Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in cells) text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        Write(text.ToString());
    }

    /// <summary>Name and value, one a line, names padded; null values are left out.</summary>
    public void Facts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var width = 0;
        foreach (var (name, value) in facts) width = value is null ? width : Math.Max(width, name.Length);
        var text = new StringBuilder();
        foreach (var (name, value) in facts)
        {
            if (value is not null) text.Append(name.PadRight(width)).Append("  ").AppendLine(TerminalText.Neutral(value));
        }

        Write(text.ToString());
    }

    /// <summary>Bytes as they are into a file or pipe; neutralised on a terminal.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (surroundings.OutIsTerminal) Write(TerminalText.NeutralLines(Utf8.GetString(bytes)) + "\n");
        else surroundings.Out.Write(bytes);
        surroundings.Out.Flush();
    }

    /// <summary>Runs long work; on a terminal with a bar that <c>report</c> moves forward by a number of steps.</summary>
    public async Task ProgressAsync(string title, int total, Func<Action<int>, Task> work)
    {
        if (!surroundings.ErrorIsTerminal || total < 2)
        {
            await work(static _ => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(Markup.Escape(title), maxValue: total);
                await work(steps => bar.Increment(steps));
            });
    }

    private void Write(string text)
    {
        surroundings.Out.Write(Utf8.GetBytes(text));
        surroundings.Out.Flush();
    }
}
