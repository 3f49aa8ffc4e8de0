using System.IO.Compression;
using System.Text;

namespace Bailiwick.Twin.Portal.Siem;

/// <summary>What a connector needs to know of one tenant.</summary>
/// <param name="Tenant">Tenant id.</param>
/// <param name="Application">Client id of the connector's application.</param>
/// <param name="Origin">The twin's origin.</param>
internal sealed record ConnectorAddresses(Guid Tenant, Guid Application, string Origin)
{
    /// <summary>The resource tokens are asked for. Source: pull-alerts 2020.</summary>
    public const string Resource = "https://graph.windows.net";

    /// <summary>Where people sign in.</summary>
    public string Authorize => $"{Origin}/{Tenant:D}/oauth2/authorize";

    /// <summary>Where tokens come from.</summary>
    public string Token => $"{Origin}/{Tenant:D}/oauth2/token";

    /// <summary>Where alerts come from.</summary>
    public string Alerts => $"{Origin}/exporter/api/alerts";
}

/// <summary>
/// The files that the SIEM page hands out. Keys of the ArcSight properties: configure-arcsight 2016; its field mapping: api-portal-mapping 2020, written in the
/// form of the vendor's JSON parsers, for Microsoft's literal text is not published. The Splunk file's layout is the twin's own.
/// </summary>
internal static class ConnectorFiles
{
    /// <summary>Redirect URI of the ArcSight connector's own sign-in.</summary>
    public const string Redirect = "https://localhost:44300/wdatpconnector";

    private static readonly IReadOnlyList<(string Json, string Field)> Mapping =
    [
        ("AlertTitle", "name"), ("Severity", "deviceSeverity"), ("Category", "deviceEventCategory"), ("Source", "sourceServiceName"), ("MachineName", "sourceHostName"),
        ("MachineDomain", "sourceDnsDomain"), ("FileName", "fileName"), ("FilePath", "filePath"), ("Sha1", "fileHash"), ("Sha256", "deviceCustomString6"), ("Md5", "deviceCustomString5"),
        ("UserDomain", "sourceNtDomain"), ("UserName", "sourceUserName"), ("LogOnUsers", "sourceUserId"), ("ThreatName", "deviceCustomString1"), ("IpAddress", "sourceAddress"),
        ("Url", "requestUrl"), ("AlertId", "externalId"), ("AlertTime", "deviceReceiptTime"), ("Actor", "deviceCustomString4"), ("LinkToWDATP", "flexString1"),
    ];

    private static readonly IReadOnlyList<(string Json, string Field)> Switches = [("RemediationIsSuccess", "deviceCustomNumber2"), ("WasExecutingWhileDetected", "deviceCustomNumber1")];

    /// <summary>The ArcSight pair in one archive; the secret is never inside, it is written in by hand.</summary>
    public static byte[] ArcSight(ConnectorAddresses addresses)
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "WDATP-connector.properties", Properties(addresses));
            Add(zip, "WDATP-connector.jsonparser.properties", Parser());
        }

        return buffer.ToArray();
    }

    /// <summary>The Splunk form's values. Source: configure-splunk 2020.</summary>
    public static byte[] Splunk(ConnectorAddresses addresses) => Encoding.UTF8.GetBytes($"""
        # Splunk REST API input for one tenant. Write the client secret and the refresh token in by hand.
        endpoint_url={addresses.Alerts}
        http_method=GET
        authentication_type=oauth2
        oauth2_access_token=
        oauth2_refresh_token=
        oauth2_token_refresh_url={addresses.Token}
        oauth2_client_id={addresses.Application:D}
        oauth2_client_secret=
        response_type=Json
        response_handler=JSONArrayHandler
        sourcetype=_json

        """);

    /// <summary>Everything that <em>Save details to file</em> keeps. Source: enable-siem 2018-12.</summary>
    public static byte[] Details(ConnectorAddresses addresses, string secret) => Encoding.UTF8.GetBytes($"""
        client_id={addresses.Application:D}
        client_secret={secret}
        authorization_server_url={addresses.Authorize}
        token_url={addresses.Token}
        resource={ConnectorAddresses.Resource}
        alert_url={addresses.Alerts}

        """);

    private static string Properties(ConnectorAddresses addresses) => $"""
        client_id={addresses.Application:D}
        client_secret=
        auth_url={addresses.Authorize}?resource={Uri.EscapeDataString(ConnectorAddresses.Resource)}
        token_url={addresses.Token}
        redirect_uri={Redirect}
        scope=
        reauthenticate=true

        """;

    private static string Parser()
    {
        var text = new StringBuilder("trigger.node.location=/\n");
        var all = Mapping.Concat(Switches).ToList();
        text.Append($"token.count={all.Count}\n\n");
        for (var i = 0; i < all.Count; i++)
        {
            text.Append($"token[{i}].name={all[i].Json}\ntoken[{i}].location={all[i].Json}\ntoken[{i}].type={(all[i].Json == "AlertTime" ? "TimeStamp" : all[i].Json == "IpAddress" ? "IPAddress" : "String")}\n");
            if (all[i].Json == "AlertTime") text.Append($"token[{i}].format=yyyy-MM-dd'T'HH\\:mm\\:ss.SSSSSSS'Z'\n");
        }

        text.Append('\n');
        foreach (var (json, field) in Mapping) text.Append($"event.{field}={json}\n");
        foreach (var (json, field) in Switches) text.Append($"event.{field}=__ifThenElse({json},\"true\",\"1\",\"0\")\n");
        text.Append("event.deviceVendor=__stringConstant(\"Microsoft\")\nevent.deviceProduct=__stringConstant(\"Microsoft Defender ATP\")\nevent.deviceVersion=__stringConstant(\"2.0\")\n");
        return text.ToString();
    }

    private static void Add(ZipArchive zip, string name, string text)
    {
        using var writer = new StreamWriter(zip.CreateEntry(name).Open(), new UTF8Encoding(false));
        writer.Write(text);
    }
}
