using System.Text.Json;

namespace Bailiwick.Hub.Alerts.Formats.Ecs;

/// <summary>The field names of an ECS document, escaped once. No name ever comes from an alert.</summary>
internal static class EcsNames
{
    public static readonly JsonEncodedText Timestamp = Of("@timestamp"), Ecs = Of("ecs"), Version = Of("version"), Message = Of("message"), Event = Of("event"),
        Kind = Of("kind"), Category = Of("category"), Type = Of("type"), Id = Of("id"), Code = Of("code"), Severity = Of("severity"), Created = Of("created"),
        Start = Of("start"), End = Of("end"), Dataset = Of("dataset"), Module = Of("module"), Provider = Of("provider"), Url = Of("url"),
        Original = Of("original"), Rule = Of("rule"), Name = Of("name"), Threat = Of("threat"), Framework = Of("framework"), Technique = Of("technique"),
        Subtechnique = Of("subtechnique"), Observer = Of("observer"), Vendor = Of("vendor"), Product = Of("product"), Organization = Of("organization"),
        Host = Of("host"), Hostname = Of("hostname"), Domain = Of("domain"), Os = Of("os"), Platform = Of("platform"), Ip = Of("ip"), User = Of("user"),
        Email = Of("email"), FullName = Of("full_name"), Process = Of("process"), Pid = Of("pid"), Executable = Of("executable"),
        CommandLine = Of("command_line"), Hash = Of("hash"), Sha1 = Of("sha1"), Sha256 = Of("sha256"), Md5 = Of("md5"), Parent = Of("parent"),
        File = Of("file"), Path = Of("path"), Directory = Of("directory"), Size = Of("size"), CodeSignature = Of("code_signature"),
        SubjectName = Of("subject_name"), Source = Of("source"), Destination = Of("destination"), Port = Of("port"), Full = Of("full"),
        Registry = Of("registry"), Hive = Of("hive"), Key = Of("key"), Value = Of("value"), Data = Of("data"), Strings = Of("strings"),
        Subject = Of("subject"), MessageId = Of("message_id"), LocalId = Of("local_id"), From = Of("from"), Sender = Of("sender"), To = Of("to"),
        Address = Of("address"), Related = Of("related"), Hosts = Of("hosts"), Bailiwick = Of("bailiwick"), Title = Of("title"), Status = Of("status"),
        SeverityName = Of("severity_name"), Classification = Of("classification"), Determination = Of("determination"), AssignedTo = Of("assigned_to"),
        IncidentId = Of("incident_id"), IncidentUrl = Of("incident_url"), DetectionSource = Of("detection_source"), ServiceSource = Of("service_source"),
        ThreatName = Of("threat_name"), ThreatFamily = Of("threat_family"), Actor = Of("actor"), Resolved = Of("resolved"),
        InvestigationState = Of("investigation_state"), DeviceGroup = Of("device_group"), DeviceId = Of("device_id"), Tactic = Of("tactic"), Group = Of("group"), Tags = Of("tags"), Shortened = Of("shortened");

    public static readonly JsonEncodedText EcsVersion = Of("9.4.0"), Alert = Of("alert"), Info = Of("info"), Intrusion = Of("intrusion_detection"),
        Malware = Of("malware"), AlertDataset = Of("bailiwick.alert"), DetectionDataset = Of("bailiwick.detection"),
        IncidentDataset = Of("bailiwick.incident"), ModuleValue = Of("bailiwick"), Attack = Of("MITRE ATT&CK"), Microsoft = Of("Microsoft");

    private static JsonEncodedText Of(string name) => JsonEncodedText.Encode(name, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
}
