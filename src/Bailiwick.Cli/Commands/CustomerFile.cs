using System.Globalization;
using System.Text;
using System.Text.Json;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using CsvHelper;
using CsvHelper.Configuration;

namespace Bailiwick.Cli.Commands;

/// <summary>What is wrong with one line of a file.</summary>
internal sealed record LineFault(int Line, string Reason);

/// <summary>Reads files of customers and checks every line; never stops at the first fault.</summary>
internal static class CustomerFile
{
    private static readonly string[] Columns = ["customer", "tenant_id", "cloud", "region"];

    public static (List<CustomerImportLine> Lines, List<LineFault> Faults) ReadCsv(byte[] bytes)
    {
        var checker = new Checker();
        if (Decode(bytes, checker) is not { } text) return checker.Result();
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            BadDataFound = null,
            MissingFieldFound = null,
            DetectDelimiter = true,
            DetectDelimiterValues = [",", ";", "\t"],
            ShouldSkipRecord = row => row.Row.Parser.Record?.All(string.IsNullOrWhiteSpace) ?? true,
        };
        using var csv = new CsvReader(new StringReader(text), configuration);
        if (!csv.Read() || !csv.ReadHeader())
        {
            checker.Fault(1, "The file is empty: the first line names the columns customer,tenant_id,cloud,region.");
            return checker.Result();
        }

        var heads = csv.HeaderRecord!.Select(head => head.ToLowerInvariant()).ToList();
        foreach (var head in heads.Where(head => !Columns.Contains(head))) checker.Fault(1, $"\"{head}\" is not a column: use customer, tenant_id, cloud, region.");
        foreach (var needed in Columns.Take(2).Where(column => !heads.Contains(column))) checker.Fault(1, $"The column {needed} is missing.");
        if (heads.Distinct(StringComparer.Ordinal).Count() != heads.Count) checker.Fault(1, "A column stands twice.");
        if (checker.HasFaults) return checker.Result();
        while (csv.Read())
        {
            var line = csv.Parser.RawRow - csv.Parser.RawRecord.TrimEnd('\r', '\n').Count(c => c == '\n');
            if (csv.Parser.Count != heads.Count)
            {
                checker.Fault(line, $"{csv.Parser.Count} fields where the first line has {heads.Count}: quote fields that contain a comma.");
                continue;
            }

            checker.Add(line, Field("customer"), Field("tenant_id"), Field("cloud"), Field("region"));
        }

        return checker.Result();

        string? Field(string column) => heads.IndexOf(column) is var at and >= 0 ? csv.GetField(at) : null;
    }

    public static (List<CustomerImportLine> Lines, List<LineFault> Faults) ReadJson(byte[] bytes)
    {
        var checker = new Checker();
        var start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
        var json = bytes.AsSpan(start);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                checker.Fault(1, "The file must be one JSON array of objects with customer, tenant_id, cloud, region.");
                return checker.Result();
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var line = 1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n');
                using var element = JsonDocument.ParseValue(ref reader);
                AddJson(checker, line, element.RootElement);
            }

            if (reader.Read()) checker.Fault(1 + json[..(int)reader.TokenStartIndex].Count((byte)'\n'), "There is more after the end of the array.");
        }
        catch (JsonException e)
        {
            checker.Fault((int)(e.LineNumber ?? 0) + 1, "This is not valid JSON.");
        }

        return checker.Result();
    }

    /// <summary>The hub's faults by field, told by the file's own lines; empty when they are not about lines.</summary>
    public static IReadOnlyList<LineFault> FaultsOf(Problem problem, IReadOnlyList<CustomerImportLine> lines)
    {
        var faults = new List<LineFault>();
        foreach (var (field, reasons) in problem.Errors ?? new Dictionary<string, string[]>())
        {
            var name = field.StartsWith("$.", StringComparison.Ordinal) ? field[2..] : field;
            if (!name.StartsWith("lines[", StringComparison.Ordinal)) continue;
            var close = name.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || !int.TryParse(name.AsSpan(6, close - 6), CultureInfo.InvariantCulture, out var index) || index >= lines.Count) continue;
            faults.AddRange(reasons.Select(reason => new LineFault(lines[index].Line, WithoutLine(reason, lines[index].Line))));
        }

        return faults;
    }

    /// <summary>The hub names the line in its sentence as well; it stands before the colon already.</summary>
    private static string WithoutLine(string reason, int line) => reason.StartsWith($"Line {line}: ", StringComparison.Ordinal) ? reason[$"Line {line}: ".Length..] : reason;

    private static void AddJson(Checker checker, int line, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            checker.Fault(line, "This is not an object with customer, tenant_id, cloud, region.");
            return;
        }

        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        var good = true;
        foreach (var member in element.EnumerateObject())
        {
            var name = member.Name == "tenantId" ? "tenant_id" : member.Name;
            var reason = !Columns.Contains(name) ? $"\"{member.Name}\" is not a member: use customer, tenant_id, cloud, region."
                : member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null) ? $"{member.Name} must be a text."
                : !values.TryAdd(name, member.Value.GetString()) ? $"{member.Name} stands twice." : null;
            if (reason is null) continue;
            checker.Fault(line, reason);
            good = false;
        }

        if (good) checker.Add(line, values.GetValueOrDefault("customer"), values.GetValueOrDefault("tenant_id"), values.GetValueOrDefault("cloud"), values.GetValueOrDefault("region"));
    }

    private static string? Decode(byte[] bytes, Checker checker)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException e)
        {
            checker.Fault(1 + bytes.AsSpan(0, Math.Clamp(e.Index, 0, bytes.Length)).Count((byte)'\n'), "This is not UTF-8: save the file as CSV UTF-8.");
            return null;
        }
    }

    private sealed class Checker
    {
        private readonly List<CustomerImportLine> _lines = [];
        private readonly List<LineFault> _faults = [];
        private readonly Dictionary<TenantId, int> _seen = [];

        public bool HasFaults => _faults.Count > 0;

        public void Fault(int line, string reason) => _faults.Add(new LineFault(line, reason));

        public void Add(int line, string? customer, string? tenant, string? cloud, string? region)
        {
            var before = _faults.Count;
            customer = Blank(customer);
            if (customer is null) Fault(line, "The customer's name is missing.");
            else if (customer.Length > 200) Fault(line, "The customer's name is longer than 200 characters.");
            else if (customer.Any(char.IsControl)) Fault(line, "The customer's name contains a control character.");
            if (Blank(tenant) is not { } text) Fault(line, "The tenant id is missing.");
            else if (!TenantId.TryParse(text, out var id)) Fault(line, $"\"{Output.Words.Short(text, 60)}\" is not a tenant id: write the directory's GUID, never its domain name.");
            else if (!_seen.TryAdd(id, line)) Fault(line, $"Tenant {id} stands on line {_seen[id]} already.");
            else if (CheckPlace(line, Blank(cloud), Blank(region)) && _faults.Count == before) _lines.Add(new CustomerImportLine(line, customer!, id, Blank(cloud), Blank(region)));
        }

        public (List<CustomerImportLine> Lines, List<LineFault> Faults) Result()
        {
            if (_lines.Count == 0 && _faults.Count == 0) Fault(1, "There is no customer in the file.");
            if (_lines.Count > CustomerImport.MaxLines) Fault(_lines[CustomerImport.MaxLines].Line, $"More than {CustomerImport.MaxLines} lines: split the file.");
            return (_lines, _faults);
        }

        private bool CheckPlace(int line, string? cloud, string? region)
        {
            var before = _faults.Count;
            if (cloud is not null && (cloud.Length > 32 || !cloud.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))) Fault(line, "The cloud is not a name such as public.");
            if (region is not null && (region.Length is < 2 or > 4 || !region.All(char.IsAsciiLetterLower))) Fault(line, "The region is not two to four lower-case letters such as eu.");
            return _faults.Count == before;
        }

        private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }
}
