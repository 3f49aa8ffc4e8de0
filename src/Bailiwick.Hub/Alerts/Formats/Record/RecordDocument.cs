using System.Text.Json;
using Bailiwick.Api;
using V1 = Bailiwick.Api.V1;

namespace Bailiwick.Hub.Alerts.Formats.Record;

/// <summary>
/// One record as the REST API answers for it (<see cref="V1.Alert"/>): the summary a queue shows, without evidence. Who gets it fetches the upstream JSON by
/// tenant and log number.
/// </summary>
internal static class RecordDocument
{
    public static void Write(Utf8JsonWriter json, AlertView view, in AlertRecord record) =>
        JsonSerializer.Serialize(json, AlertRecords.ToRecord(view, record), ApiJson.AlertRecord);
}
