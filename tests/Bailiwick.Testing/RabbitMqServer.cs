using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Bailiwick.Receivers;
using Xunit;

namespace Bailiwick.Testing;

/// <summary>
/// A real RabbitMQ, started once for the test run on free ports of 127.0.0.1 in a temporary folder, and gone when the process ends. Users: <see cref="User"/>
/// may do everything, <see cref="Reader"/> may publish nowhere. An absent broker skips the tests that ask for it, with the reason.
/// </summary>
public sealed class RabbitMqServer
{
    /// <summary>The password of both users.</summary>
    public const string Password = "canary-7f3e-password";

    public const string User = "writer";

    public const string Reader = "reader";

    private static readonly Lazy<Task<RabbitMqServer>> s_shared = new(StartAsync);

    /// <summary>Kept, since its input must stay open.</summary>
    private static Process? s_shell;

    private RabbitMqServer(string folder, int port, int tlsPort)
    {
        Folder = folder;
        Port = port;
        TlsPort = tlsPort;
    }

    public string Folder { get; }

    public int Port { get; }

    public int TlsPort { get; }

    /// <summary>PEM file of the CA that issued the TLS certificate.</summary>
    public string CaFile => Path.Combine(Folder, "ca.pem");

    /// <summary>The server of this test run; the first caller waits for its start, some ten seconds.</summary>
    /// <exception cref="SkipException">RabbitMQ is not installed.</exception>
    public static Task<RabbitMqServer> SharedOrSkipAsync()
    {
        Skip.If(FindScripts() is null, "RabbitMQ is not installed (Debian: rabbitmq-server).");
        return s_shared.Value;
    }

    private static string? FindScripts() =>
        Directory.Exists("/usr/lib/rabbitmq/lib")
            ? Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").Select(folder => Path.Combine(folder, "sbin")).FirstOrDefault(Directory.Exists)
            : null;

    private static async Task<RabbitMqServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("bailiwick-rabbitmq-").FullName;
        using (var authority = new LocalAuthority(TimeProvider.System))
        using (var certificate = authority.IssueForLoopback())
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), authority.CertificatePem + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem() + "\n");
            await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        }

        var (port, tls, distribution, epmd) = (LocalPort.Free(), LocalPort.Free(), LocalPort.Free(), LocalPort.Free());
        await File.WriteAllTextAsync(Path.Combine(folder, "rabbitmq.conf"), Configuration(folder, port, tls));
        await File.WriteAllTextAsync(Path.Combine(folder, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "definitions.json"), Definitions());
        Start(
            Path.Combine(FindScripts()!, "rabbitmq-server"),
            new Dictionary<string, string>
            {
                ["RUNNING_UNDER_SYSTEMD"] = "true", // the script then becomes the broker instead of standing before it, so that killing it works
                ["HOME"] = folder,
                ["LANG"] = "C.UTF-8",
                ["RABBITMQ_NODENAME"] = $"bw{Text(port)}@localhost",
                ["RABBITMQ_USE_LONGNAME"] = "false",
                ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq"),
                ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
                ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(folder, "none"),
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
                ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
                ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "plugins"),
                ["RABBITMQ_DIST_PORT"] = Text(distribution),
                ["ERL_EPMD_PORT"] = Text(epmd),
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
            });
        await Until.TrueAsync(() => LocalPort.Answers(port) && LocalPort.Answers(tls), "RabbitMQ listens", TimeSpan.FromSeconds(120));
        return new RabbitMqServer(folder, port, tls);
    }

    private static string Configuration(string folder, int port, int tls) => $"""
        listeners.tcp.1 = 127.0.0.1:{Text(port)}
        listeners.ssl.1 = 127.0.0.1:{Text(tls)}
        ssl_options.cacertfile = {folder}/ca.pem
        ssl_options.certfile = {folder}/cert.pem
        ssl_options.keyfile = {folder}/key.pem
        load_definitions = {folder}/definitions.json
        loopback_users = none
        max_message_size = 1000000
        vm_memory_high_watermark.absolute = 1GB
        disk_free_limit.absolute = 50MB
        log.console = false
        log.file.level = warning

        """;

    private static string Definitions() => JsonSerializer.Serialize(new
    {
        vhosts = new[] { new { name = "/" } },
        users = new[] { Account(User), Account(Reader) },
        permissions = new[]
        {
            new { user = User, vhost = "/", configure = ".*", write = ".*", read = ".*" },
            new { user = Reader, vhost = "/", configure = "", write = "", read = ".*" },
        },
    });

    private static object Account(string name)
    {
        byte[] salt = [1, 2, 3, 4];
        byte[] hashed = [.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(Password)])];
        return new { name, password_hash = Convert.ToBase64String(hashed), hashing_algorithm = "rabbit_password_hashing_sha256", tags = "" };
    }

    /// <summary>
    /// Starts the broker and its port mapper below a shell that waits for the end of its input: that comes when this process ends, however it ends, and then
    /// the shell kills both and removes the folder. A test host is not given the time to do it itself.
    /// </summary>
    private static void Start(string program, Dictionary<string, string> environment)
    {
        const string Script = """
            exec >/dev/null 2>&1
            cd /
            epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 -relaxed_command_check &
            mapper=$!
            "$1" &
            broker=$!
            read -r line
            kill -9 $broker $mapper
            wait
            rm -rf "$HOME"
            """;
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", program]) { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        s_shell = Process.Start(start);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
