using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xunit;

namespace Bailiwick.Testing;

/// <summary>
/// A real PostgreSQL, started once for the test run on a free port of 127.0.0.1 in a temporary folder and stopped when the process ends.
/// Absent binaries skip the tests that ask for it, with the reason.
/// </summary>
public static class PostgresServer
{
    private static readonly Lazy<Server> Shared = new(Server.Start);

    /// <summary>A new empty database's connection string.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        Skip.If(FindBinaries() is null, "PostgreSQL is not installed (Debian package postgresql-15); the contract ran on SQLite only.");
        var name = $"t{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(Shared.Value.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return Shared.Value.ConnectionString(name);
    }

    private static string? FindBinaries() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
            : null;

    private sealed class Server
    {
        private Server(int port) => Port = port;

        private int Port { get; }

        public string ConnectionString(string database) =>
            $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Database={database};Username=postgres;Maximum Pool Size=20";

        public static Server Start()
        {
            var bin = FindBinaries()!;
            var folder = Directory.CreateTempSubdirectory("bailiwick-pg-").FullName;
            if (Environment.UserName == "root") Run("chown", "postgres", folder);
            var data = Path.Combine(folder, "data");
            var port = LocalPort.Free();
            AsPostgres(Path.Combine(bin, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8");
            AsPostgres(
                Path.Combine(bin, "pg_ctl"),
                "-D", data, "-w", "-l", Path.Combine(folder, "log"),
                "-o", $"-p {port.ToString(CultureInfo.InvariantCulture)} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200",
                "start");
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                AsPostgres(Path.Combine(bin, "pg_ctl"), "-D", data, "-m", "immediate", "stop");
                Directory.Delete(folder, recursive: true);
            };
            return new Server(port);
        }

        private static void AsPostgres(string program, params string[] arguments)
        {
            if (Environment.UserName == "root") Run("runuser", ["-u", "postgres", "--", program, .. arguments]);
            else Run(program, arguments);
        }

        private static void Run(string program, params string[] arguments)
        {
            // Output goes nowhere: the server inherits the handles, so a pipe would never close.
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cd / && exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments]))!;
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
