using System.Buffers;
using System.Text.Json;
using static Bailiwick.Hub.Alerts.Formats.Ecs.EcsNames;

namespace Bailiwick.Hub.Alerts.Formats.Ecs;

/// <summary>
/// One alert version as an Elastic Common Schema 9 document (field list: elastic/ecs <c>generated/csv/fields.csv</c>, read 2026). Arrays stand only where
/// ECS has them; the first device, user, process, file and address fill the single-valued fields, all of them <c>related.*</c>, and every evidence value
/// that is not null stands in <c>bailiwick.evidence</c> as <c>{entry, type, field, value}</c>, so nothing is lost and no foreign name becomes a field name.
/// A value that does not fit an ECS field's type or 1,024 bytes stays out of that field only.
/// </summary>
public static partial class EcsDocument
{
    /// <summary>The longest value of a <c>keyword</c> field that receivers index, in bytes.</summary>
    internal const int MaxKeyword = 1024;

    /// <summary>The alert's own values that stand under our name, whatever their length; <see cref="Properties"/> does not repeat them.</summary>
    private static readonly (JsonEncodedText Name, AlertField Field)[] s_ours =
    [
        (Title, AlertField.Title), (Status, AlertField.Status), (SeverityName, AlertField.Severity), (Classification, AlertField.Classification),
        (Determination, AlertField.Determination), (AssignedTo, AlertField.AssignedTo), (IncidentId, AlertField.IncidentId),
        (IncidentUrl, AlertField.IncidentWebUrl), (ServiceSource, AlertField.ServiceSource), (DetectionSource, AlertField.DetectionSource),
        (InvestigationState, AlertField.InvestigationState), (ThreatName, AlertField.ThreatName), (ThreatFamily, AlertField.ThreatFamily),
        (Actor, AlertField.Actor), (DeviceId, AlertField.DeviceId), (DeviceGroup, AlertField.DeviceGroup), (Resolved, AlertField.ResolvedAt),
    ];

    /// <summary>Writes the document, without a line end.</summary>
    /// <param name="output">Receives UTF-8 JSON in one line.</param>
    /// <param name="record">What to write.</param>
    /// <param name="original">Whether <c>event.original</c> repeats the upstream JSON as one string.</param>
    /// <exception cref="UnreadableAlertException">The stored bytes are not one JSON object.</exception>
    public static void Write(IBufferWriter<byte> output, in AlertRecord record, bool original = false)
    {
        using var view = AlertView.Rent(record.Version.Raw);
        var json = JsonOutput.Rent(output);
        Write(json, view, record, original);
        JsonOutput.Return(json);
    }

    /// <summary>Writes the document as one value of an open writer.</summary>
    internal static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record, bool original)
    {
        json.WriteStartObject();
        json.WriteString(Timestamp, record.Version.UpdatedAt.UtcDateTime);
        json.WriteStartObject(EcsNames.Ecs);
        json.WriteString(EcsNames.Version, EcsVersion);
        json.WriteEndObject();
        Text(json, Message, view, view[AlertField.Description].Length > 0 ? view[AlertField.Description] : view[AlertField.Title]);
        WriteEvent(json, view, record, original);
        WriteRule(json, view);
        WriteTechniques(json, view);
        json.WriteStartObject(Observer);
        json.WriteString(Vendor, EcsNames.Microsoft);
        var product = AlertText.Product(view, record.Version);
        if (product.Length <= MaxKeyword) json.WriteString(Product, product);
        json.WriteEndObject();
        json.WriteStartObject(Organization);
        json.WriteString(Id, record.Customer.Value);
        json.WriteString(Name, record.CustomerName);
        json.WriteEndObject();
        WriteEntities(json, view);
        WriteRelated(json, view);
        WriteOurs(json, view, record);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, AlertView view, in AlertRecord record, bool original)
    {
        json.WriteStartObject(Event);
        json.WriteString(Kind, Alert);
        var category = view.Utf8(view[AlertField.Category]);
        json.WriteStartArray(Category);
        json.WriteStringValue(category.SequenceEqual("Malware"u8) || category.SequenceEqual("Ransomware"u8) ? Malware : Intrusion);
        json.WriteEndArray();
        json.WriteStartArray(EcsNames.Type);
        json.WriteStringValue(Info);
        json.WriteEndArray();
        if (record.Version.AlertId.Length <= MaxKeyword) json.WriteString(Id, record.Version.AlertId);
        json.WriteNumber(EcsNames.Severity, AlertText.SeverityOfTen(view));
        Keyword(json, Code, view, view[AlertField.DetectorId]);
        Date(json, Created, view, view[AlertField.CreatedAt]);
        Date(json, Start, view, view[AlertField.FirstActivityAt]);
        Date(json, End, view, view[AlertField.LastActivityAt]);
        json.WriteString(Module, ModuleValue);
        json.WriteString(Dataset, DatasetValue);
        Keyword(json, Provider, view, view[AlertField.ServiceSource].Length > 0 ? view[AlertField.ServiceSource] : view[AlertField.DetectionSource]);
        var url = AlertText.PortalUrl(record.Version);
        if (url.Length <= MaxKeyword) json.WriteString(Url, url);
        if (original) json.WriteString(Original, view.Json);
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, AlertView view)
    {
        json.WriteStartObject(Rule);
        Keyword(json, Id, view, view[AlertField.DetectorId]);
        Keyword(json, Name, view, view[AlertField.Title]);
        var category = view[AlertField.Category];
        if (!view.Utf8(category).SequenceEqual("null"u8)) Keyword(json, Category, view, category); // Defender once wrote the word
        json.WriteEndObject();
    }

    /// <summary><c>T1564.001</c> is the sub-technique; its technique is the part before the dot.</summary>
    private static void WriteTechniques(Utf8JsonWriter json, AlertView view)
    {
        if (!view[AlertField.Technique].Exists) return;
        json.WriteStartObject(Threat);
        json.WriteString(Framework, Attack);
        json.WriteStartObject(Technique);
        json.WriteStartArray(Id);
        var written = new DistinctTexts();
        var subs = 0;
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field != AlertField.Technique || leaf.Entry >= 0 || leaf.Value.Kind != AlertValueKind.Text || leaf.Value.Length > MaxKeyword) continue;
            var id = view.Utf8(leaf.Value);
            var dot = id.IndexOf((byte)'.');
            if (dot >= 0) subs++;
            if (dot > 0) id = id[..dot];
            if (written.Add(id)) json.WriteStringValue(id);
        }

        json.WriteEndArray();
        if (subs > 0)
        {
            json.WriteStartObject(Subtechnique);
            json.WriteStartArray(Id);
            foreach (ref readonly var leaf in view.Leaves)
            {
                if (leaf.Field != AlertField.Technique || leaf.Entry >= 0 || leaf.Value.Length > MaxKeyword) continue;
                if (view.Utf8(leaf.Value).Contains((byte)'.')) json.WriteStringValue(view.Utf8(leaf.Value));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        written.Dispose();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOurs(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        json.WriteStartObject(EcsNames.Bailiwick);
        foreach (var (name, field) in s_ours) Text(json, name, view, view[field]);
        WriteLeaves(json, view, evidence: true);
        WriteLeaves(json, view, evidence: false);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
    }

    /// <summary>Every evidence value; and, apart, every value of the alert that no field above carries exactly.</summary>
    private static void WriteLeaves(Utf8JsonWriter json, AlertView view, bool evidence)
    {
        json.WriteStartArray(evidence ? Evidence : Properties);
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Entry >= 0 != evidence || (!evidence && IsCarried(view, leaf))) continue;
            json.WriteStartObject();
            if (evidence)
            {
                json.WriteNumber(Entry, leaf.Entry);
                json.WriteString(EcsNames.Type, view.Utf8(view.Evidence[leaf.Entry].Type));
            }

            json.WriteString(Field, view.Utf8(leaf.Path));
            var value = view.Utf8(leaf.Value);
            json.WriteString(Value, value);
            if (leaf.Value.Kind == AlertValueKind.Boolean) json.WriteBoolean(EcsNames.Boolean, value[0] == 't');
            else if (leaf.Value.Kind == AlertValueKind.Number && IsFinite(value)) WriteNumber(json, Number, value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static bool IsCarried(AlertView view, in AlertLeaf leaf)
    {
        if (leaf.Value.Kind != AlertValueKind.Text || view[leaf.Field] != leaf.Value) return false;
        if (leaf.Field == AlertField.Description) return leaf.Value.Length > 0;
        foreach (var (_, field) in s_ours)
        {
            if (field == leaf.Field) return true;
        }

        return false;
    }
}
