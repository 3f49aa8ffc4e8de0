using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Bailiwick.Server.Configuration;

/// <summary>Turns file, environment and flags into <see cref="ServerOptions"/>.</summary>
public static class ServerConfiguration
{
    private const string Prefix = "BAILIWICK_";

    private static readonly string[] TopNames =
        ["Data", "Urls", "Hosts", "Profile", "Database", "DatabaseFile", "Proxy", "Clock", "ReconcileEvery", "Clouds", "Sources", "Tls", "Otlp", "Outbound"];

    private static readonly string[] CloudNames = ["Login", "Graph", "Defender", "Exporter", "CaFile", "Regions"];

    private static readonly string[] SourceNames = ["Enabled", "PollInterval", "Overlap", "Settle", "HourlySweep", "DailySweep"];

    private static readonly string[] TlsNames = ["CertificateFile", "KeyFile"];

    private static readonly string[] OtlpNames = ["Endpoint"];

    private static readonly string[] OutboundNames = ["AllowedPrivateEndpoints", "AllowedPorts"];

    /// <summary>Every setting by its full name; <c>&lt;name&gt;</c> stands for a cloud or a source, <c>&lt;region&gt;</c> for a region.</summary>
    public static IReadOnlyList<string> SettingNames { get; } =
    [
        .. TopNames.Except(["Clouds", "Sources", "Tls", "Otlp", "Outbound"]),
        .. TlsNames.Select(name => $"Tls:{name}"),
        .. OtlpNames.Select(name => $"Otlp:{name}"),
        .. OutboundNames.Select(name => $"Outbound:{name}"),
        .. CloudNames.Except(["Regions"]).Select(name => $"Clouds:<name>:{name}"),
        "Clouds:<name>:Regions:<region>:Defender",
        "Clouds:<name>:Regions:<region>:Exporter",
        .. SourceNames.Select(name => $"Sources:<name>:{name}"),
    ];

    /// <summary>Reads everything and checks it.</summary>
    /// <param name="file">A JSON file (comments and trailing commas allowed), or null.</param>
    /// <param name="environment">The environment variables; only those beginning with <c>BAILIWICK_</c> are looked at.</param>
    /// <param name="flags">Settings by their configuration name, such as <c>Data</c> or <c>Clouds:twin:Login</c>; they win.</param>
    /// <exception cref="ConfigurationException">All faults at once.</exception>
    public static ServerOptions Load(string? file, IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> flags)
    {
        var faults = new List<string>();
        var builder = new ConfigurationBuilder();
        if (file is not null && ReadFile(file, faults) is { } fromFile)
        {
            CheckNames(fromFile, file, faults);
            builder.AddConfiguration(fromFile);
        }

        ArgumentNullException.ThrowIfNull(environment);
        builder.AddInMemoryCollection(environment
            .Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(pair => KeyValuePair.Create(pair.Key[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value)));
        CheckNames(new ConfigurationBuilder().AddInMemoryCollection(flags.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build(), "a flag", faults);
        builder.AddInMemoryCollection(flags.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
        var options = Bind(builder.Build(), faults);
        faults.AddRange(ConfigValidator.Validate(options));
        return faults.Count > 0 ? throw new ConfigurationException(faults) : options;
    }

    private static IConfigurationRoot? ReadFile(string file, List<string> faults)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return new ConfigurationBuilder().AddJsonStream(stream).Build();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            faults.Add($"The configuration file {file} does not exist: name an existing file with --config, or leave the flag out.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"The configuration file {file} cannot be read: give this user the right to read it.");
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidDataException)
        {
            var where = (e as JsonException ?? e.InnerException as JsonException)?.LineNumber is { } line ? $" near line {line + 1}" : "";
            faults.Add($"The configuration file {file} is not valid JSON{where}: correct it there.");
        }

        return null;
    }

    private static void CheckNames(IConfiguration file, string path, List<string> faults)
    {
        foreach (var section in file.GetChildren())
        {
            if (!Known(section, TopNames, path, faults)) continue;
            string[]? inner = section.Key.ToUpperInvariant() switch
            {
                "TLS" => TlsNames,
                "OTLP" => OtlpNames,
                "OUTBOUND" => OutboundNames,
                _ => null,
            };
            if (inner is not null)
            {
                foreach (var child in section.GetChildren()) Known(child, inner, path, faults);
            }

            var named = section.Key.Equals("Clouds", StringComparison.OrdinalIgnoreCase) ? CloudNames
                : section.Key.Equals("Sources", StringComparison.OrdinalIgnoreCase) ? SourceNames : null;
            if (named is null) continue;
            foreach (var child in section.GetChildren().SelectMany(entry => entry.GetChildren())) Known(child, named, path, faults);
        }
    }

    private static bool Known(IConfigurationSection section, string[] names, string path, List<string> faults)
    {
        if (names.Contains(section.Key, StringComparer.OrdinalIgnoreCase)) return true;
        faults.Add($"{section.Path} in {path} is not a setting: use one of {string.Join(", ", names)}.");
        return false;
    }

    private static ServerOptions Bind(IConfiguration from, List<string> faults)
    {
        var options = new ServerOptions();
        options.Data = from["Data"] ?? options.Data;
        options.Urls = List(from, "Urls") ?? options.Urls;
        options.Hosts = List(from, "Hosts") ?? options.Hosts;
        options.Database = Blank(from["Database"]);
        options.DatabaseFile = Blank(from["DatabaseFile"]);
        options.Proxy = Blank(from["Proxy"]);
        options.Clock = Blank(from["Clock"]);
        options.ReconcileEvery = Span(from, "ReconcileEvery", options.ReconcileEvery, faults);
        options.OtlpEndpoint = Blank(from["Otlp:Endpoint"]);
        options.TlsCertificateFile = Blank(from["Tls:CertificateFile"]);
        options.TlsKeyFile = Blank(from["Tls:KeyFile"]);
        options.AllowedPrivateEndpoints = List(from, "Outbound:AllowedPrivateEndpoints") ?? options.AllowedPrivateEndpoints;
        if (List(from, "Outbound:AllowedPorts") is { } ports) options.AllowedPorts = Ports(ports, faults);
        if (from["Profile"] is { } profile)
        {
            if (Enum.TryParse<Profile>(profile, ignoreCase: true, out var known) && !int.TryParse(profile, CultureInfo.InvariantCulture, out _)) options.Profile = known;
            else faults.Add($"Profile is {Show(profile)}: use production, test or demo.");
        }

        foreach (var section in from.GetSection("Clouds").GetChildren()) BindCloud(section, options);
        foreach (var section in from.GetSection("Sources").GetChildren()) BindSource(section, options, faults);
        return options;
    }

    private static void BindCloud(IConfigurationSection from, ServerOptions options)
    {
        if (!options.Clouds.TryGetValue(from.Key, out var cloud)) options.Clouds[from.Key] = cloud = new CloudOptions();
        if (from["Login"] is not null || from["Graph"] is not null || from["Defender"] is not null) cloud.Regions.Clear();
        cloud.Login = from["Login"] ?? cloud.Login;
        cloud.Graph = from["Graph"] ?? cloud.Graph;
        cloud.Defender = from["Defender"] ?? cloud.Defender;
        cloud.Exporter = from["Exporter"] ?? cloud.Exporter;
        cloud.CaFile = from["CaFile"] ?? cloud.CaFile;
        foreach (var region in from.GetSection("Regions").GetChildren())
        {
            cloud.Regions[region.Key] = new RegionOptions { Defender = Blank(region["Defender"]), Exporter = Blank(region["Exporter"]) };
        }
    }

    private static void BindSource(IConfigurationSection from, ServerOptions options, List<string> faults)
    {
        if (!options.Sources.TryGetValue(from.Key, out var source))
        {
            faults.Add($"Sources:{Show(from.Key)} is not a source of this program: use one of {string.Join(", ", options.Sources.Keys)}.");
            return;
        }

        if (from["Enabled"] is { } enabled)
        {
            if (bool.TryParse(enabled, out var on)) source.Enabled = on;
            else faults.Add($"{from.Path}:Enabled is {Show(enabled)}: use true or false.");
        }

        source.PollInterval = Span(from, "PollInterval", source.PollInterval, faults);
        source.Overlap = Span(from, "Overlap", source.Overlap, faults);
        source.Settle = Span(from, "Settle", source.Settle, faults);
        source.HourlySweep = Span(from, "HourlySweep", source.HourlySweep, faults);
        source.DailySweep = Span(from, "DailySweep", source.DailySweep, faults);
    }

    private static TimeSpan Span(IConfiguration from, string name, TimeSpan otherwise, List<string> faults)
    {
        if (from[name] is not { } text) return otherwise;
        if (Duration.TryParse(text, out var span)) return span;
        faults.Add($"{(from is IConfigurationSection section ? $"{section.Path}:" : "")}{name} is {Show(text)}: write a time such as 30s, 5m, 24h, 7d or 00:00:30.");
        return otherwise;
    }

    private static List<int> Ports(string[] texts, List<string> faults)
    {
        var ports = new List<int>();
        foreach (var text in texts)
        {
            if (ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) && port > 0) ports.Add(port);
            else faults.Add($"Outbound:AllowedPorts contains {Show(text)}: write port numbers from 1 to 65535, such as 443.");
        }

        return ports;
    }

    private static string[]? List(IConfiguration from, string name)
    {
        var section = from.GetSection(name);
        if (section.Value is { } joined) return joined.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var items = section.GetChildren().Select(child => child.Value).OfType<string>().ToArray();
        return items.Length > 0 ? items : null;
    }

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private static string Show(string text) => $"\"{text}\"";
}

/// <summary>Lengths of time as people write them.</summary>
public static class Duration
{
    /// <summary>Reads <c>30s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>, <c>500ms</c> or <c>hh:mm:ss</c>; never negative.</summary>
    public static bool TryParse(string? text, out TimeSpan span)
    {
        span = default;
        if (string.IsNullOrWhiteSpace(text)) return false;
        text = text.Trim();
        if (text.Contains(':', StringComparison.Ordinal)) return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) && span >= TimeSpan.Zero;
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c)).Count();
        if (digits == 0 || !int.TryParse(text.AsSpan(0, digits), CultureInfo.InvariantCulture, out var number)) return false;
        TimeSpan? unit = text[digits..].Trim().ToUpperInvariant() switch
        {
            "MS" => TimeSpan.FromMilliseconds(1),
            "S" => TimeSpan.FromSeconds(1),
            "M" or "MIN" => TimeSpan.FromMinutes(1),
            "H" => TimeSpan.FromHours(1),
            "D" => TimeSpan.FromDays(1),
            _ => null,
        };
        if (unit is null || number > 100_000) return false;
        span = unit.Value * number;
        return true;
    }
}
