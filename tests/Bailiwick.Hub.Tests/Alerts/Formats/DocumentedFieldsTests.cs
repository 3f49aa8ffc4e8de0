using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Leef;
using Bailiwick.Hub.Alerts.Formats.Syslog;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>The tables of docs/formats against what the formats write for our own samples, both ways.</summary>
public sealed partial class DocumentedFieldsTests
{
    public static TheoryData<string> Formats => ["ecs", "raw", "ocsf", "cim", "legacy", "record", "cef", "leef"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_field_that_a_page_names_is_written_for_some_sample(string format) =>
        Documented(format).Except(Written(format)).Order(StringComparer.Ordinal).ShouldBeEmpty(format);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_field_that_is_written_stands_on_its_page(string format) =>
        Written(format).Except(Documented(format)).Order(StringComparer.Ordinal).ShouldBeEmpty(format);

    /// <summary>What stands in backticks in the first column of the tables that begin with "Field".</summary>
    private static HashSet<string> Documented(string format)
    {
        var fields = new HashSet<string>();
        var inTable = false;
        foreach (var line in File.ReadLines(Repository.Path("docs", "formats", $"{format}.md")))
        {
            if (!line.StartsWith('|')) inTable = false;
            else if (line.StartsWith("| Field", StringComparison.Ordinal)) inTable = true;
            if (inTable) fields.UnionWith(Backticks().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));
        }

        fields.ShouldNotBeEmpty(format);
        return fields;
    }

    private static HashSet<string> Written(string format)
    {
        var fields = new HashSet<string>();
        foreach (var version in SampleAlerts.Own())
        {
            var record = new AlertRecord(version, SampleAlerts.Customer, SampleAlerts.CustomerName);
            var output = new ArrayBufferWriter<byte>();
            if (format == "leef")
            {
                LeefMessage.Write(output, record, 1 << 20);
                fields.UnionWith(LeefReader.Read(Encoding.UTF8.GetString(output.WrittenSpan)).Attributes.Keys.Select(key => NumberAtEnd().Replace(key, "$1N")));
            }
            else if (format == "cef")
            {
                SyslogMessage.Write(output, record, new SyslogHeader(16, "h", "a", Bom: false, 8192));
                fields.UnionWith(CefReader.Read(SyslogLine.Read(Encoding.UTF8.GetString(output.WrittenSpan)).Message).Extension.Keys.Where(key => !key.EndsWith("Label", StringComparison.Ordinal)));
            }
            else
            {
                AlertFormats.Get(format).Write(output, record);
                using var document = JsonDocument.Parse(output.WrittenMemory);
                foreach (var member in document.RootElement.EnumerateObject())
                {
                    if (format == "raw" && member.Name == "alert") fields.Add("alert");
                    else Paths(member.Value, member.Name, fields);
                }
            }
        }

        return fields;
    }

    private static void Paths(JsonElement value, string path, HashSet<string> found)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject()) Paths(member.Value, $"{path}.{member.Name}", found);
        }
        else if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object))
        {
            foreach (var item in value.EnumerateArray()) Paths(item, path, found);
        }
        else
        {
            found.Add(path);
        }
    }

    [GeneratedRegex("`([^`]+)`", RegexOptions.None, 1000)]
    private static partial Regex Backticks();

    [GeneratedRegex("^(evidence|alert)[0-9]+$", RegexOptions.None, 1000)]
    private static partial Regex NumberAtEnd();
}
