using System.Buffers;
using System.Text.Json;
using static Bailiwick.Hub.Alerts.Formats.Ecs.EcsNames;

namespace Bailiwick.Hub.Alerts.Formats.Ecs;

/// <summary>
/// One alert version as an Elastic Common Schema 9 document (field list: elastic/ecs <c>generated/csv/fields.csv</c>, read 2026). Arrays stand only where
/// ECS has them; the first device, user, process, file and address fill the single-valued fields, all of them <c>related.*</c>, and every evidence value
/// that is not null stands in <c>bailiwick.evidence</c>, see <see cref="AlertColumns"/>, so nothing is lost and no foreign name becomes a field name.
/// A value that does not fit an ECS field's type or 1,024 bytes stays out of that field only.
/// </summary>
public static partial class EcsDocument
{
    /// <summary>The longest value of a <c>keyword</c> field that receivers index, in bytes.</summary>
    internal const int MaxKeyword = 1024;

    /// <summary>The record's own values that stand under our name, whatever their length.</summary>
    private static readonly (JsonEncodedText Name, AlertField Field)[] s_ours =
    [
        (Title, AlertField.Title), (Status, AlertField.Status), (SeverityName, AlertField.Severity), (Classification, AlertField.Classification),
        (Determination, AlertField.Determination), (AssignedTo, AlertField.AssignedTo), (IncidentId, AlertField.IncidentId),
        (IncidentUrl, AlertField.IncidentWebUrl), (ServiceSource, AlertField.ServiceSource), (DetectionSource, AlertField.DetectionSource),
        (InvestigationState, AlertField.InvestigationState), (ThreatName, AlertField.ThreatName), (ThreatFamily, AlertField.ThreatFamily),
        (Actor, AlertField.Actor), (DeviceId, AlertField.DeviceId), (DeviceGroup, AlertField.DeviceGroup), (Resolved, AlertField.ResolvedAt),
    ];

    private static readonly AlertFieldSet s_carried = new([.. s_ours.Select(pair => pair.Field), AlertField.Description]);

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
    internal static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record, bool original, DocumentRoom? room = null)
    {
        view.Room = room;
        json.WriteStartObject();
        json.WriteString(Timestamp, record.Version.UpdatedAt.UtcDateTime);
        json.WriteStartObject(EcsNames.Ecs);
        json.WriteString(EcsNames.Version, EcsVersion);
        json.WriteEndObject();
        Text(json, Message, view, view[AlertField.Description].Length > 0 ? view[AlertField.Description] : view[AlertField.Title]);
        WriteEvent(json, view, record, original);
        WriteRule(json, view);
        WriteThreat(json, view);
        WriteTags(json, view);
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
        if (room is not { Related: false }) WriteRelated(json, view);
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
        json.WriteString(Dataset, AlertSources.KindOf(record.Version.Source) switch
        {
            RecordKind.Detection => DetectionDataset,
            RecordKind.Incident => IncidentDataset,
            _ => AlertDataset,
        });
        Keyword(json, Provider, view, view[AlertField.ServiceSource].Length > 0 ? view[AlertField.ServiceSource] : view[AlertField.DetectionSource]);
        var url = AlertText.PortalUrl(view, record.Version);
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

    private static void WriteTags(Utf8JsonWriter json, AlertView view)
    {
        if (!view[AlertField.Tag].Exists) return;
        json.WriteStartArray(Tags);
        foreach (ref readonly var leaf in view.Leaves)
        {
            if (leaf.Field == AlertField.Tag && leaf.Entry < 0 && leaf.Value.Length is > 0 and <= MaxKeyword) json.WriteStringValue(view.Utf8(leaf.Value));
        }

        json.WriteEndArray();
    }

    private static void WriteThreat(Utf8JsonWriter json, AlertView view)
    {
        var actor = view[AlertField.Actor].Length is > 0 and <= MaxKeyword ? view[AlertField.Actor] : default;
        var isTactic = AttackTactics.TryFind(view.Utf8(view[AlertField.Category]), out var tactic, out var tacticName);
        var hasTechniques = view[AlertField.Technique].Exists;
        if (!hasTechniques && !isTactic && !actor.Exists) return;
        json.WriteStartObject(Threat);
        if (hasTechniques || isTactic) json.WriteString(Framework, Attack);
        if (isTactic)
        {
            json.WriteStartObject(Tactic);
            json.WriteStartArray(Id);
            json.WriteStringValue(tactic);
            json.WriteEndArray();
            json.WriteStartArray(Name);
            json.WriteStringValue(tacticName);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        if (hasTechniques) WriteTechniques(json, view);
        if (actor.Exists)
        {
            json.WriteStartObject(Group);
            Keyword(json, Name, view, actor);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary><c>T1564.001</c> is the sub-technique; its technique is the part before the dot.</summary>
    private static void WriteTechniques(Utf8JsonWriter json, AlertView view)
    {
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
    }

    private static void WriteOurs(Utf8JsonWriter json, AlertView view, in AlertRecord record)
    {
        json.WriteStartObject(EcsNames.Bailiwick);
        foreach (var (name, field) in s_ours) Text(json, name, view, view[field]);
        AlertColumns.Write(json, view, s_carried, view.Room);
        if (view.Room is { Shortened: > 0 and var shortened }) json.WriteNumber(Shortened, shortened);
        RoutingFields.Write(json, record);
        json.WriteEndObject();
    }
}
