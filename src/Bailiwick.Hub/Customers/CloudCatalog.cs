using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Wire;

namespace Bailiwick.Hub.Customers;

/// <summary>
/// The clouds tenants may live in: <c>public</c> and <c>usgov</c> with Microsoft's addresses, and what the configuration adds. Sources:
/// exposed-apis-list (2025-03), improve-request-performance (2024-05), pull-alerts-using-rest-api (2020), gov (2026-01 and 2021). Immutable.
/// </summary>
public sealed class CloudCatalog
{
    private static readonly string[] s_microsoftLogins =
        ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net", "login.microsoftonline.us"];

    private readonly Dictionary<string, Cloud> _clouds = new(StringComparer.Ordinal);

    /// <summary>Reads and checks the configuration.</summary>
    /// <param name="configured">By name; may override single addresses of the built-in clouds. Null for none.</param>
    /// <exception cref="InvalidOperationException">All faults of all clouds in one message.</exception>
    public CloudCatalog(IReadOnlyDictionary<string, CloudOptions>? configured = null)
    {
        var faults = new List<string>();
        var builtIn = BuiltIn();
        var all = configured?.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value, StringComparer.Ordinal) ?? [];
        foreach (var name in builtIn.Keys.Union(all.Keys))
        {
            var merged = Merge(builtIn.GetValueOrDefault(name), all.GetValueOrDefault(name));
            if (CloudReading.Read(name, merged, faults) is { } cloud) _clouds[name] = cloud;
        }

        if (faults.Count > 0) throw new InvalidOperationException(string.Join(" ", faults));
        SignInHosts = _clouds.Values.Select(cloud => cloud.Login.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Names, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _clouds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The only hosts (with port when not 443) that credentials are ever sent to.</summary>
    public IReadOnlySet<string> SignInHosts { get; }

    /// <summary>The built-in clouds with Microsoft's own addresses, as options; a new copy each time.</summary>
    public static Dictionary<string, CloudOptions> BuiltIn() => new(StringComparer.Ordinal) { ["public"] = Public(), ["usgov"] = UsGov() };

    internal static bool IsMicrosoft(Uri login) => s_microsoftLogins.Contains(login.Authority, StringComparer.OrdinalIgnoreCase);

    /// <summary>The cloud of that name, or null.</summary>
    public Cloud? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _clouds.GetValueOrDefault(name.ToLowerInvariant());
    }

    /// <summary>The cloud of that name.</summary>
    /// <exception cref="InvalidOperationException">The configuration does not have it (any more).</exception>
    public Cloud Get(string name) => Find(name)
        ?? throw new InvalidOperationException($"The cloud '{name}' is not configured. Known: {string.Join(", ", Names)}. Add Clouds:{name}:Login, :Graph and :Defender.");

    private static CloudOptions Public()
    {
        var options = new CloudOptions
        {
            Login = "https://login.microsoftonline.com",
            Graph = Planes.GraphResource,
            Defender = "https://api.security.microsoft.com",
            Exporter = "https://wdatp-alertexporter-us.windows.com",
        };
        foreach (var region in new[] { "us", "eu", "uk", "au", "swa" }) options.DefenderRegions[region] = $"https://{region}.api.security.microsoft.com";
        foreach (var region in new[] { "us", "eu", "uk" }) options.ExporterRegions[region] = $"https://wdatp-alertexporter-{region}.windows.com";
        return options;
    }

    private static CloudOptions UsGov()
    {
        var options = new CloudOptions
        {
            Login = "https://login.microsoftonline.us",
            Graph = "https://graph.microsoft.us",
            GraphResource = "https://graph.microsoft.us",
            Defender = "https://api-gov.securitycenter.microsoft.us",
            DefenderResource = "https://api-gov.securitycenter.microsoft.us",
            Exporter = "https://wdatp-alertexporter-us.securitycenter.windows.us",
        };
        options.DefenderRegions["gcc"] = "https://api-gcc.securitycenter.microsoft.us";
        options.ExporterRegions["gcc"] = "https://wdatp-alertexporter-us.gcc.securitycenter.windows.us";
        return options;
    }

    private static CloudOptions Merge(CloudOptions? builtIn, CloudOptions? configured)
    {
        if (builtIn is null || configured is null) return configured ?? builtIn!;
        var merged = new CloudOptions
        {
            Login = configured.Login ?? builtIn.Login,
            Graph = configured.Graph ?? builtIn.Graph,
            Defender = configured.Defender ?? builtIn.Defender,
            Exporter = configured.Exporter ?? builtIn.Exporter,
            GraphResource = configured.GraphResource ?? builtIn.GraphResource,
            DefenderResource = configured.DefenderResource ?? builtIn.DefenderResource,
            ExporterResource = configured.ExporterResource ?? builtIn.ExporterResource,
            ExtraCaFile = configured.ExtraCaFile,
        };

        // Microsoft's regional addresses go with Microsoft's own base only.
        if (configured.Defender is null) Copy(builtIn.DefenderRegions, merged.DefenderRegions);
        if (configured.Exporter is null) Copy(builtIn.ExporterRegions, merged.ExporterRegions);
        Copy(configured.DefenderRegions, merged.DefenderRegions);
        Copy(configured.ExporterRegions, merged.ExporterRegions);
        return merged;
    }

    private static void Copy(IDictionary<string, string> from, IDictionary<string, string> to)
    {
        foreach (var (region, address) in from) to[region] = address;
    }
}

/// <summary>Turns options into a checked cloud; collects faults instead of stopping at the first.</summary>
internal static class CloudReading
{
    public static Cloud? Read(string name, CloudOptions options, List<string> faults)
    {
        var before = faults.Count;
        var login = ReadAddress(name, "Login", options.Login, faults);
        if (login is not null && (login.Scheme != Uri.UriSchemeHttps || login.AbsolutePath != "/"))
            faults.Add($"Clouds:{name}:Login '{options.Login}' must be https and have no path.");
        var graph = ReadAddress(name, "Graph", options.Graph, faults);
        var defender = ReadAddress(name, "Defender", options.Defender, faults);
        var exporter = options.Exporter is null ? null : ReadAddress(name, "Exporter", options.Exporter, faults);
        var defenderRegions = ReadRegions(name, "DefenderRegions", options.DefenderRegions, faults);
        var exporterRegions = ReadRegions(name, "ExporterRegions", options.ExporterRegions, faults);
        var trustedCa = ReadCa(name, options.ExtraCaFile, faults);
        if (faults.Count > before) return null;
        return new Cloud
        {
            Name = name,
            Login = login!,
            Graph = graph!,
            Defender = defender!,
            Exporter = exporter,
            GraphResource = options.GraphResource ?? Planes.GraphResource,
            DefenderResource = options.DefenderResource ?? Planes.DefenderResource,
            ExporterResource = options.ExporterResource ?? Planes.ExporterResource,
            DefenderRegions = defenderRegions,
            ExporterRegions = exporterRegions,
            IsMicrosoft = CloudCatalog.IsMicrosoft(login!),
            TrustedCa = trustedCa,
        };
    }

    private static Dictionary<string, Uri> ReadRegions(string name, string key, IDictionary<string, string> regions, List<string> faults)
    {
        var read = new Dictionary<string, Uri>(StringComparer.OrdinalIgnoreCase);
        foreach (var (region, text) in regions)
        {
            if (ReadAddress(name, $"{key}:{region}", text, faults) is { } address) read[region] = address;
        }

        return read;
    }

    private static Uri? ReadAddress(string name, string key, string? text, List<string> faults)
    {
        if (text is null)
        {
            faults.Add($"Clouds:{name}:{key} is missing; give the base address.");
            return null;
        }

        if (Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
            && address!.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0) return address;
        faults.Add($"Clouds:{name}:{key} '{text}' is not a base address such as https://graph.example.com.");
        return null;
    }

    private static X509Certificate2Collection? ReadCa(string name, string? path, List<string> faults)
    {
        if (path is null) return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
            if (authorities.Count > 0) return authorities;
            faults.Add($"Clouds:{name}:ExtraCaFile '{path}' holds no certificate.");
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            faults.Add($"Clouds:{name}:ExtraCaFile '{path}' cannot be read: {e.Message}");
        }

        return null;
    }
}
