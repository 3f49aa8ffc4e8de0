using System.Globalization;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Tokens;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Tokens;

public sealed partial class SignInCodesTests
{
    [Fact]
    public void Every_number_is_one_sentence_that_names_who_mends_it()
    {
        SignInCodes.All.Count.ShouldBeGreaterThanOrEqualTo(70);
        foreach (var (number, code) in SignInCodes.All)
        {
            var told = $"AADSTS{number}: {code.Sentence}";
            code.Sentence.ShouldEndWith(".", Case.Sensitive, told);
            code.Sentence.Count(c => c == '.').ShouldBe(1, told);
            char.IsUpper(code.Cause[0]).ShouldBeTrue(told);
            code.Sentence.ShouldMatch("the (provider|customer's administrator|person|hub)", told);
        }
    }

    [SkippableFact]
    public void Every_number_of_the_table_of_errors_is_explained()
    {
        var table = File.ReadAllText(SharedData.FileOrSkip("../spec/entra-tokens-and-errors.md")).Split("## 4. Codes")[1].Split("\n## ")[0];
        List<int> numbers = [];
        foreach (var row in table.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1].Trim()))
        {
            if (Range().Match(row) is { Success: true } range)
            {
                for (var number = Number(range.Groups[1].Value); number <= Number(range.Groups[2].Value); number++) numbers.Add(number);
            }
            else
            {
                numbers.AddRange(Digits().Matches(row).Select(match => Number(match.Value)));
            }
        }

        numbers.Count.ShouldBeGreaterThan(80, "else the table was not read");
        numbers.Distinct().Where(number => SignInCodes.Find(number) is null).ShouldBeEmpty();

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^([0-9]{5,})–([0-9]{5,})$", RegexOptions.None, 1000)]
    private static partial Regex Range();

    [GeneratedRegex("[0-9]{5,}", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
