using System.Globalization;
using System.Text;
using Bailiwick.Hub.Alerts;

namespace Bailiwick.Simulation.World;

/// <summary>The JSON of a state. One content has several spellings: order of members, white space, escapes, order of the evidence.</summary>
internal static class Spelling
{
    /// <summary>How many spellings a content has.</summary>
    public const int Count = 3;

    private const int Oversize = 20 * 1024;

    /// <summary>Whether bytes are this state in any spelling, with its evidence or, where only that can be listed, without.</summary>
    public static bool Is(State state, ReadOnlySpan<byte> raw)
    {
        for (var spelling = 0; spelling < Count; spelling++)
        {
            if (raw.SequenceEqual(Write(state, spelling, plain: false))) return true;
            if (state.Record.Plant == Plant.UnlistableEvidence && raw.SequenceEqual(Write(state, spelling, plain: true))) return true;
        }

        return false;
    }

    public static byte[] Write(State state, int spelling, bool plain)
    {
        if (plain) return Make(state, spelling, plain: true);
        return state.Spelled[spelling] ??= Make(state, spelling, plain: false);
    }

    private static byte[] Make(State state, int spelling, bool plain)
    {
        var text = new StringBuilder(512);
        var members = Members(state, spelling, plain);
        if (spelling == 1) members.Reverse();
        var (comma, colon) = spelling == 1 ? (", ", ": ") : (",", ":");
        text.Append('{');
        for (var i = 0; i < members.Count; i++) text.Append(i == 0 ? "" : comma).Append('"').Append(members[i].Name).Append('"').Append(colon).Append(members[i].Value);
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    private static List<(string Name, string Value)> Members(State state, int spelling, bool plain)
    {
        var record = state.Record;
        var tenant = record.Plant == Plant.ForeignTenant ? "99999999-0000-0000-0000-000000000000" : record.Feed.Tenant.Id.ToString();
        var title = (spelling == 2 ? "Suspicious \\u2018thing\\u2019 " : "Suspicious ‘thing’ ") + state.Index + (record.Plant == Plant.Oversized ? new string('x', Oversize) : "");
        var status = (state.Index % 3) switch { 0 => "new", 1 => "inProgress", _ => "resolved" };
        var severity = (record.Id.Length + state.Index) % 2 == 0 ? "high" : "medium";
        if (record.Feed.Source == AlertSources.AlertExporter)
        {
            return
            [
                ("AlertTime", Quote(Time(record.Created))), ("FullId", Quote(record.Id)), ("LastProcessedTimeUtc", Quote(Time(state.Updated))),
                ("Severity", "\"High\""), ("AlertTitle", Quote(title)),
            ];
        }

        var isDefender = record.Feed.Source == AlertSources.DefenderAlerts;
        var members = new List<(string Name, string Value)>
        {
            (isDefender ? "aadTenantId" : "tenantId", Quote(tenant)),
            (isDefender ? "alertCreationTime" : "createdDateTime", Quote(Time(record.Created))),
            (isDefender ? "lastUpdateTime" : "lastUpdateDateTime", Quote(Time(state.Updated))),
            ("severity", Quote(severity)),
            ("status", Quote(status)),
            ("title", Quote(title)),
            ("comments", string.Create(CultureInfo.InvariantCulture, $"[{state.Index},1.50]")),
        };
        if (record.Plant != Plant.Unreadable) members.Insert(0, ("id", Quote(record.Id)));
        if (plain && isDefender) return members;
        var evidence = new[] { $$"""{"kind":"device","name":"host-{{record.Id}}"}""", $$"""{"kind":"user","name":"user-{{state.Index}}"}""" };
        if (spelling == 2) Array.Reverse(evidence);
        members.Add(("evidence", $"[{string.Join(',', evidence)}]"));
        return members;
    }

    public static string Time(long ticks) => new DateTime(ticks).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string Quote(string text) => $"\"{text}\"";
}
