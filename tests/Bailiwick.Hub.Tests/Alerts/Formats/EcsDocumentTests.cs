using System.Buffers;
using System.Text;
using System.Text.Json;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Alerts.Formats;
using Bailiwick.Hub.Alerts.Formats.Ecs;
using Bailiwick.Hub.Tests.Samples;
using Bailiwick.Testing;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Alerts.Formats;

public sealed class EcsDocumentTests
{
    [Fact]
    public void Every_other_value_of_an_alert_stands_somewhere_too()
    {
        var document = Document(SampleAlerts.Own()[0]).RootElement;
        var properties = SourceValues.Columns(document.GetProperty("bailiwick"), "properties");
        properties.ShouldContain(("someLaterField.nested", "kept"));
        properties.ShouldContain(("someLaterField.nested", "17"));
        properties.ShouldContain(("mitreTechniques", "T1053.005"));
    }

    [SkippableFact]
    public void Fields_and_arrays_are_those_of_the_schema()
    {
        var fields = SchemaFields(SharedData.FolderOrSkip());
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Hostile(), .. SampleAlerts.Odd(), .. SampleAlerts.RealOrSkip()])
        {
            using var document = Document(version);
            Check(document.RootElement, "", fields);
        }
    }

    [Fact]
    public void The_document_of_a_graph_alert_reads_as_written()
    {
        using var document = Document(SampleAlerts.Own().First(version => version.AlertId == "da639088500000000001_77"));
        var root = document.RootElement;
        Text(root, "event", "kind").ShouldBe("alert");
        root.GetProperty("event").GetProperty("severity").GetInt32().ShouldBe(8);
        Text(root, "rule", "name").ShouldBe("Hidden file ran on a build server");
        root.GetProperty("threat").GetProperty("technique").GetProperty("id")[0].GetString().ShouldBe("T1564");
        root.GetProperty("threat").GetProperty("technique").GetProperty("subtechnique").GetProperty("id")[0].GetString().ShouldBe("T1564.001");
        Text(root, "host", "name").ShouldBe("press-03.harrowgate.example");
        root.GetProperty("host").GetProperty("ip").EnumerateArray().Select(ip => ip.GetString()).ShouldBe(["10.4.2.9", "fe80::1"]);
        Text(root, "process", "executable").ShouldBe(@"C:\Program Files\temp\sensor.exe");
        root.GetProperty("process").GetProperty("pid").GetInt32().ShouldBe(4780);
        root.GetProperty("file").GetProperty("size").GetInt64().ShouldBe(6136392);
        Text(root, "destination", "ip").ShouldBe("2001:db8::7:1");
        Text(root, "registry", "hive").ShouldBe("HKLM");
        Text(root, "organization", "name").ShouldBe(SampleAlerts.CustomerName);
        root.GetProperty("event").TryGetProperty("original", out _).ShouldBeFalse();
        var ours = root.GetProperty("bailiwick");
        ours.EnumerateObject().Select(member => member.Name).TakeLast(9)
            .ShouldBe(["key", "tenant_id", "customer_id", "customer", "source", "log_number", "alert_id", "version_updated", "replayed"]);
        root.EnumerateObject().Last().Name.ShouldBe("bailiwick");
    }

    [Fact]
    public void Original_is_written_on_request_and_equals_the_upstream_text()
    {
        var version = SampleAlerts.Own()[0];
        using var document = JsonDocument.Parse(Write(version, original: true));
        Text(document.RootElement, "event", "original").ShouldBe(Encoding.UTF8.GetString(version.Raw.Span));
    }

    [Fact]
    public void The_document_of_a_Defender_alert_is_the_golden_file()
    {
        var written = Encoding.UTF8.GetString(Write(SampleAlerts.Own()[0]));
        var golden = SampleAlerts.FilePath("golden-defender.ecs.json");
        GoldenFile.ShouldMatch(golden, written);
    }

    [Fact]
    public void Foreign_names_never_become_field_names()
    {
        var version = SampleAlerts.Version("""{"id":"x","bailiwick":{"key":"forged"},"@timestamp":"forged","evidence":[{"bailiwick.key":"forged","host":{"name":"forged"}}]}"""u8.ToArray(), 5);
        using var document = Document(version);
        Text(document.RootElement, "bailiwick", "key").ShouldBe(version.Key);
        document.RootElement.TryGetProperty("host", out _).ShouldBeFalse();
        document.RootElement.EnumerateObject().Count(member => member.Name is "bailiwick" or "@timestamp").ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"id\":1")]
    [InlineData("{} {}")]
    [InlineData("null")]
    public void What_is_no_JSON_object_is_refused(string raw) =>
        Should.Throw<UnreadableAlertException>(() => Write(SampleAlerts.Version(Encoding.UTF8.GetBytes(raw), 1)));

    [Fact]
    public void No_document_holds_a_line_end()
    {
        foreach (var version in (AlertVersion[])[.. SampleAlerts.Own(), .. SampleAlerts.Hostile(), SampleAlerts.Version("{\n \"id\":\r\n 1 }"u8.ToArray(), 1)])
        {
            Write(version, original: true).ShouldNotContain((byte)'\n');
            var raw = new ArrayBufferWriter<byte>();
            AlertFormats.Raw.Write(raw, Record(version));
            raw.WrittenSpan.IndexOfAny((byte)'\n', (byte)'\r').ShouldBe(-1);
            using var parsed = JsonDocument.Parse(raw.WrittenMemory);
            Text(parsed.RootElement, "bailiwick", "key").ShouldBe(version.Key);
        }
    }

    private static void Check(JsonElement value, string path, Dictionary<string, (string Type, bool Array)> fields)
    {
        foreach (var member in value.EnumerateObject())
        {
            var name = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (name == "bailiwick") continue;
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                Check(member.Value, name, fields);
                continue;
            }

            fields.ShouldContainKey(name);
            (member.Value.ValueKind == JsonValueKind.Array).ShouldBe(fields[name].Array, name);
            foreach (var item in fields[name].Array ? member.Value.EnumerateArray().ToArray() : [member.Value])
            {
                item.ValueKind.ShouldBe(fields[name].Type == "long" ? JsonValueKind.Number : JsonValueKind.String, name);
                if (fields[name].Type == "ip") System.Net.IPAddress.TryParse(item.GetString(), out _).ShouldBeTrue(name);
                if (fields[name].Type == "date") item.TryGetDateTimeOffset(out _).ShouldBeTrue(name);
                if (fields[name].Type == "keyword" && name is not ("event.original" or "organization.name")) item.GetString()!.Length.ShouldBeLessThanOrEqualTo(1024, name);
            }
        }
    }

    private static Dictionary<string, (string Type, bool Array)> SchemaFields(string shared)
    {
        var fields = new Dictionary<string, (string, bool)>();
        foreach (var line in File.ReadLines(Path.Combine(shared, "schemas", "ecs-fields.csv")).Skip(1))
        {
            var cells = line.Split(',', 8);
            if (cells.Length > 6) fields[cells[3]] = (cells[4], cells[6] == "array");
        }

        fields.Count.ShouldBeGreaterThan(1000);
        return fields;
    }

    private static string? Text(JsonElement root, string set, string field) => root.GetProperty(set).GetProperty(field).GetString();

    private static AlertRecord Record(AlertVersion version) => new(version, SampleAlerts.Customer, SampleAlerts.CustomerName);

    private static JsonDocument Document(AlertVersion version) => JsonDocument.Parse(Write(version));

    private static byte[] Write(AlertVersion version, bool original = false)
    {
        var output = new ArrayBufferWriter<byte>();
        EcsDocument.Write(output, Record(version), original);
        return output.WrittenSpan.ToArray();
    }
}
