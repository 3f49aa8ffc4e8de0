using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats;

/// <summary>
/// Every value of a record in columns, the same in all JSON formats. <c>evidence</c> is <c>{type, entry, field, value}</c>: value n belongs to field n of entry
/// n, and <c>type</c> names the type of each entry. <c>properties</c> is <c>{field, value}</c>: what the record itself holds and no other field of the
/// document carries whole. Values are texts, numbers digit for digit; upstream names are values here and never become field names.
/// </summary>
internal static class AlertColumns
{
    private static readonly JsonEncodedText Evidence = JsonEncodedText.Encode("evidence"), Properties = JsonEncodedText.Encode("properties");

    [ThreadStatic]
    private static ColumnText? s_text;

    /// <summary>Writes both into the object that is open; one without values is left out.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="view">The record.</param>
    /// <param name="carried">What stands whole in a field of its own.</param>
    /// <param name="room">How much of it fits; null for all.</param>
    public static void Write(Utf8JsonWriter json, AlertView view, AlertFieldSet carried, DocumentRoom? room = null)
    {
        var text = s_text ??= new ColumnText();
        var chosen = room?.Choose(view, carried);
        if (!view.Evidence.IsEmpty && (chosen is null || chosen.Contains(true))) WriteEvidence(json, view, text, chosen);
        WriteProperties(json, view, carried, text, chosen);
        text.Clear();
    }

    private static void WriteEvidence(Utf8JsonWriter json, AlertView view, ColumnText text, bool[]? chosen)
    {
        var leaves = view.Leaves;
        text.Clear();
        text.Add("{\"type\":["u8);
        foreach (ref readonly var entry in view.Evidence[..Types(view, chosen)]) text.String(view.Utf8(entry.Type));
        text.Add("],\"entry\":["u8);
        for (var i = 0; i < leaves.Length; i++)
        {
            ref readonly var leaf = ref leaves[i];
            if (leaf.Entry >= 0 && Fits(chosen, i)) text.Number(leaf.Entry);
        }

        text.Add("],\"field\":["u8);
        for (var i = 0; i < leaves.Length; i++)
        {
            ref readonly var leaf = ref leaves[i];
            if (leaf.Entry >= 0 && Fits(chosen, i)) text.String(view.Utf8(leaf.Path));
        }

        text.Add("],\"value\":["u8);
        for (var i = 0; i < leaves.Length; i++)
        {
            ref readonly var leaf = ref leaves[i];
            if (leaf.Entry >= 0 && Fits(chosen, i)) text.String(view.Utf8(leaf.Value));
        }

        text.Add("]}"u8);
        json.WritePropertyName(Evidence);
        json.WriteRawValue(text.Written, skipInputValidation: true);
    }

    private static void WriteProperties(Utf8JsonWriter json, AlertView view, AlertFieldSet carried, ColumnText text, bool[]? chosen)
    {
        var leaves = view.Leaves;
        text.Clear();
        text.Add("{\"field\":["u8);
        var begun = text.Written.Length;
        for (var i = 0; i < leaves.Length; i++)
        {
            ref readonly var leaf = ref leaves[i];
            if (leaf.Entry < 0 && !carried.Carries(view, leaf) && Fits(chosen, i)) text.String(view.Utf8(leaf.Path));
        }

        if (text.Written.Length == begun) return;
        text.Add("],\"value\":["u8);
        for (var i = 0; i < leaves.Length; i++)
        {
            ref readonly var leaf = ref leaves[i];
            if (leaf.Entry < 0 && !carried.Carries(view, leaf) && Fits(chosen, i)) text.String(view.Utf8(leaf.Value));
        }

        text.Add("]}"u8);
        json.WritePropertyName(Properties);
        json.WriteRawValue(text.Written, skipInputValidation: true);
    }

    /// <summary>How many types are needed: those up to the last entry that is written.</summary>
    private static int Types(AlertView view, bool[]? chosen)
    {
        if (chosen is null) return view.Evidence.Length;
        var types = 0;
        for (var i = 0; i < chosen.Length; i++)
        {
            if (chosen[i]) types = Math.Max(types, view.Leaves[i].Entry + 1);
        }

        return types;
    }

    private static bool Fits(bool[]? chosen, int leaf) => chosen is null || chosen[leaf];
}

/// <summary>The record's own values that a format writes whole, whatever their length.</summary>
internal sealed class AlertFieldSet
{
    private readonly bool[] _members = new bool[(int)AlertField.Count];

    public AlertFieldSet(params ReadOnlySpan<AlertField> fields)
    {
        foreach (var field in fields) _members[(int)field] = true;
    }

    /// <summary>Whether the leaf need not be repeated: it is the value the format wrote, or an empty text of a detection, which says nothing.</summary>
    public bool Carries(AlertView view, in AlertLeaf leaf)
    {
        if (leaf.Value.Kind != AlertValueKind.Text) return false;
        if (leaf.Value.Length == 0) return view.IsDetection;
        return _members[(int)leaf.Field] && view[leaf.Field] == leaf.Value;
    }
}
