using System.Globalization;
using System.Text;

namespace Bailiwick.Bench;

/// <summary>Graph alerts of about 3 KB, each different, for figures that need no twin.</summary>
internal static class SampleAlert
{
    public static byte[] Page(int first, int count, DateTimeOffset start)
    {
        var json = new StringBuilder("{\"@odata.context\":\"https://graph.example/v1.0/$metadata#security/alerts_v2\",\"@odata.count\":")
            .Append(count).Append(",\"value\":[");
        for (var i = 0; i < count; i++)
        {
            if (i > 0) json.Append(',');
            Append(json, first + i, start);
        }

        return Encoding.UTF8.GetBytes(json.Append("]}").ToString());
    }

    private static void Append(StringBuilder json, int i, DateTimeOffset start)
    {
        var at = start.AddMilliseconds(i * 10).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var hash = i.ToString("x8", CultureInfo.InvariantCulture);
        json.Append(CultureInfo.InvariantCulture, $$$"""
            {"@odata.type":"#microsoft.graph.security.alert","id":"da6390884{{{i:D10}}}_{{{i * 7}}}","providerAlertId":"da6390884{{{i:D10}}}_{{{i * 7}}}","incidentId":"{{{i / 5}}}","status":"new","severity":"medium","classification":"unknown","determination":"unknown","serviceSource":"microsoftDefenderForEndpoint","detectionSource":"microsoftDefenderForEndpoint","productName":"Microsoft Defender for Endpoint","detectorId":"5f0d6f5c-8e0e-4a0e-9f0a-1d7c2b0e4a11","tenantId":"11111111-2222-3333-4444-555555555555","title":"Scheduled task created by an unusual parent","description":"A scheduled task was created by a process that usually does not create tasks. Attackers use scheduled tasks to come back after a restart. Look at the parent process and at what the task runs.","recommendedActions":"Validate the alert. Look at the process tree. Isolate the device if needed.","category":"Persistence","assignedTo":null,"alertWebUrl":"https://security.microsoft.com/alerts/da6390884{{{i:D10}}}?tid=11111111-2222-3333-4444-555555555555","incidentWebUrl":"https://security.microsoft.com/incidents/{{{i / 5}}}?tid=11111111-2222-3333-4444-555555555555","actorDisplayName":null,"threatDisplayName":null,"threatFamilyName":null,"mitreTechniques":["T1053.005","T1059.001"],"createdDateTime":"{{{at}}}","lastUpdateDateTime":"{{{at}}}","resolvedDateTime":null,"firstActivityDateTime":"{{{at}}}","lastActivityDateTime":"{{{at}}}","comments":[],"systemTags":[],"evidence":[{"@odata.type":"#microsoft.graph.security.deviceEvidence","createdDateTime":"{{{at}}}","verdict":"unknown","remediationStatus":"none","remediationStatusDetails":null,"roles":[],"tags":[],"firstSeenDateTime":"{{{at}}}","mdeDeviceId":"73e7e2de709dff64ef64b1d0c30e67fab{{{hash}}}","azureAdDeviceId":null,"deviceDnsName":"lathe-{{{i % 400}}}.harrowgate.example","osPlatform":"Windows11","osBuild":22631,"version":"23H2","healthStatus":"active","riskScore":"medium","rbacGroupId":75,"rbacGroupName":"Shopfloor","onboardingStatus":"onboarded","defenderAvStatus":"updated","loggedOnUsers":[{"accountName":"m.ortiz","domainName":"HARROWGATE"}]},{"@odata.type":"#microsoft.graph.security.processEvidence","createdDateTime":"{{{at}}}","verdict":"suspicious","remediationStatus":"none","remediationStatusDetails":null,"roles":[],"tags":[],"processId":{{{4000 + (i % 9000)}}},"parentProcessId":668,"processCommandLine":"schtasks.exe /create /sc minute /mo 5 /tn updater{{{i}}} /tr C:\\ProgramData\\upd.exe","processCreationDateTime":"{{{at}}}","parentProcessCreationDateTime":"{{{at}}}","detectionStatus":"detected","mdeDeviceId":"73e7e2de709dff64ef64b1d0c30e67fab{{{hash}}}","imageFile":{"sha1":"5f1e8acedc065031aad553b710838eb366c{{{hash}}}","sha256":"aaaa5f1e8acedc065031aad553b710838eb366cfaa5f1e8acedc06503{{{hash}}}","fileName":"schtasks.exe","filePath":"C:\\Windows\\System32","fileSize":235520},"userAccount":{"accountName":"m.ortiz","domainName":"HARROWGATE","userSid":"S-1-5-21-1001","azureAdUserId":null,"userPrincipalName":"m.ortiz@harrowgate.example"}},{"@odata.type":"#microsoft.graph.security.ipEvidence","createdDateTime":"{{{at}}}","verdict":"unknown","remediationStatus":"none","roles":[],"tags":[],"ipAddress":"192.0.2.{{{i % 250}}}","countryLetterCode":"SE"}]}
            """);
    }
}
