using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Bailiwick.Server.Configuration;

/// <summary>Looks at a configuration as a whole and collects every fault. Opens only the files that the configuration names.</summary>
public static class ConfigValidator
{
    private static readonly TimeSpan MinPoll = TimeSpan.FromSeconds(1);

    /// <summary>All faults; empty means usable. Each is one sentence: what, where, how to fix.</summary>
    public static IReadOnlyList<string> Validate(ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Data)) faults.Add("Data is empty: name a directory, for example /var/lib/bailiwick.");
        CheckUrls(options, faults);
        CheckDatabase(options, faults);
        CheckRest(options, faults);
        foreach (var (name, cloud) in options.Clouds) CheckCloud(name, cloud, options.Profile, faults);
        foreach (var (name, source) in options.Sources) CheckSource(name, source, faults);
        if (options.ReconcileEvery > TimeSpan.Zero && (options.ReconcileEvery < TimeSpan.FromMinutes(1) || options.ReconcileEvery > TimeSpan.FromDays(1)))
            faults.Add($"ReconcileEvery is {Words(options.ReconcileEvery)}: use 1m to 1d, or 0s to compare nothing.");
        return faults;
    }

    /// <summary>Whether a host is this machine by name or by number.</summary>
    public static bool IsLoopback(Uri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri.IsLoopback || uri.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.IdnHost, out var address) && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
    }

    private static void CheckUrls(ServerOptions options, List<string> faults)
    {
        if (options.Urls.Count == 0) faults.Add("Urls is empty: give at least one address such as http://127.0.0.1:8480.");
        var https = false;
        foreach (var text in options.Urls)
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
            {
                faults.Add($"Urls contains \"{text}\": write scheme, host and port only, such as http://127.0.0.1:8480.");
                continue;
            }

            https |= url.Scheme == "https";
            var bindsLoopback = url.IsLoopback;
            if (url.Scheme == "http" && !bindsLoopback && options.Profile == Profile.Production)
            {
                faults.Add($"Urls contains {text}, plain http on an address others can reach: use https with Tls:CertificateFile and Tls:KeyFile, or listen on 127.0.0.1 behind a proxy.");
            }

            if (url.Scheme == "http" && !bindsLoopback && options.Profile != Profile.Production)
            {
                faults.Add($"Urls contains {text}: the {options.Profile.ToString().ToLowerInvariant()} profile listens on 127.0.0.1 only; use http://127.0.0.1:{url.Port}.");
            }
        }

        if (!https) return;
        if (options.TlsCertificateFile is null || options.TlsKeyFile is null)
        {
            faults.Add("Urls contains an https address but no certificate: set Tls:CertificateFile and Tls:KeyFile to PEM files.");
            return;
        }

        CheckOwnerOnly("Tls:KeyFile", options.TlsKeyFile, faults);
        try
        {
            using var certificate = X509Certificate2.CreateFromPemFile(options.TlsCertificateFile, options.TlsKeyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            faults.Add($"Tls:CertificateFile {options.TlsCertificateFile} and Tls:KeyFile {options.TlsKeyFile} cannot be used together: give a PEM certificate and its unencrypted PEM key.");
        }
    }

    private static void CheckDatabase(ServerOptions options, List<string> faults)
    {
        if (options.Database is not null && options.DatabaseFile is not null) faults.Add("Database and DatabaseFile are both set: keep one of them.");
        if (options.Profile == Profile.Production && options.Database?.Contains("password", StringComparison.OrdinalIgnoreCase) == true)
        {
            faults.Add("Database carries a password: put the whole connection string into a file that only its owner can read, and set DatabaseFile to it.");
        }

        if (options.DatabaseFile is { } file) CheckOwnerOnly("DatabaseFile", file, faults);
    }

    private static void CheckRest(ServerOptions options, List<string> faults)
    {
        if (options.Clock is not null && options.Profile == Profile.Production)
        {
            faults.Add("Clock is set in the production profile: a hub for real customers keeps its own time; remove Clock (--clock).");
        }

        if (options.Clock is { } clock && !IsWebAddress(clock)) faults.Add($"Clock is \"{clock}\": write the twin's control address, such as http://127.0.0.1:8491.");
        if (options.Proxy is { } proxy && !IsWebAddress(proxy)) faults.Add($"Proxy is \"{proxy}\": write an address such as http://proxy.example:3128.");
        if (options.OtlpEndpoint is { } otlp && !IsWebAddress(otlp)) faults.Add($"Otlp:Endpoint is \"{otlp}\": write an address such as http://127.0.0.1:4318.");
        foreach (var pair in options.AllowedPrivateEndpoints)
        {
            var colon = pair.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(pair.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture, out var port) || port == 0 || pair.Contains('/', StringComparison.Ordinal))
            {
                faults.Add($"Outbound:AllowedPrivateEndpoints contains \"{pair}\": write an exact host and port, such as 127.0.0.1:6514.");
            }
        }
    }

    private static void CheckCloud(string name, CloudOptions cloud, Profile profile, List<string> faults)
    {
        var where = $"Clouds:{name}";
        CheckPlane($"{where}:Login", cloud.Login, profile, loginOnly: true, faults);
        CheckPlane($"{where}:Graph", cloud.Graph, profile, loginOnly: false, faults);
        CheckPlane($"{where}:Defender", cloud.Defender, profile, loginOnly: false, faults);
        if (cloud.Exporter is { } exporter) CheckPlane($"{where}:Exporter", exporter, profile, loginOnly: false, faults);
        foreach (var (region, own) in cloud.Regions)
        {
            if (own.Defender is { } defender) CheckPlane($"{where}:Regions:{region}:Defender", defender, profile, loginOnly: false, faults);
            if (own.Exporter is { } regional) CheckPlane($"{where}:Regions:{region}:Exporter", regional, profile, loginOnly: false, faults);
        }

        if (profile == Profile.Production && name.Equals("twin", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"{where} names a twin in the production profile: remove it, or start with --profile test.");
        }

        if (cloud.CaFile is not { } ca) return;
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(ca);
            if (certificates.Count == 0) faults.Add($"{where}:CaFile {ca} holds no certificate: give a PEM file with at least one CA certificate.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            faults.Add($"{where}:CaFile {ca} cannot be read as PEM: name an existing, readable file with CA certificates.");
        }
    }

    private static void CheckPlane(string where, string text, Profile profile, bool loginOnly, List<string> faults)
    {
        if (text.Length == 0)
        {
            faults.Add($"{where} is missing: give the address, such as https://host.example.");
            return;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            faults.Add($"{where} is \"{text}\": write an address such as https://host.example, without query and user name.");
            return;
        }

        var loopback = IsLoopback(uri);
        if (loopback && profile == Profile.Production)
        {
            faults.Add($"{where} is {text}, an address of this machine, in the production profile: only a twin lives there; use Microsoft's address, or start with --profile test.");
        }
        else if (uri.Scheme == "http" && loginOnly)
        {
            faults.Add($"{where} is {text}: sign-in needs https in every profile.");
        }
        else if (uri.Scheme == "http" && !loopback)
        {
            faults.Add($"{where} is {text}: plain http is allowed to 127.0.0.1 in the test profile only; use https.");
        }

        if (loginOnly && uri.AbsolutePath != "/") faults.Add($"{where} is {text}: sign-in sits at the root of its origin; leave the path out.");
    }

    private static void CheckSource(string name, SourceOptions source, List<string> faults)
    {
        var where = $"Sources:{name}";
        if (source.PollInterval < MinPoll || source.PollInterval > TimeSpan.FromHours(1)) faults.Add($"{where}:PollInterval is {Words(source.PollInterval)}: use 1s to 1h.");
        if (source.Overlap > TimeSpan.FromDays(1)) faults.Add($"{where}:Overlap is {Words(source.Overlap)}: use 0s to 1d.");
        if (source.Settle > source.Overlap) faults.Add($"{where}:Settle is {Words(source.Settle)}, longer than Overlap ({Words(source.Overlap)}): make Overlap at least as long.");
        if (source.HourlySweep > TimeSpan.FromDays(7)) faults.Add($"{where}:HourlySweep is {Words(source.HourlySweep)}: use 0s (off) to 7d.");
        if (source.DailySweep > TimeSpan.FromDays(30)) faults.Add($"{where}:DailySweep is {Words(source.DailySweep)}: use 0s (off) to 30d.");
    }

    private static void CheckOwnerOnly(string where, string file, List<string> faults)
    {
        if (!File.Exists(file))
        {
            faults.Add($"{where} {file} does not exist: name an existing file.");
            return;
        }

        if (OperatingSystem.IsWindows()) return;
        if ((File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != UnixFileMode.None)
        {
            faults.Add($"{where} {file} can be read by others: run chmod 600 {file}.");
        }
    }

    private static bool IsWebAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");

    private static string Words(TimeSpan span) => span.ToString("c", System.Globalization.CultureInfo.InvariantCulture);
}
