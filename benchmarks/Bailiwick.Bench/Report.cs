using System.Runtime.InteropServices;

namespace Bailiwick.Bench;

/// <summary>Prints figures, one a line.</summary>
internal static class Report
{
    public static void Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        Console.WriteLine($"{model ?? RuntimeInformation.OSArchitecture.ToString()}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, load {Load()}");
    }

    public static void Rate(string what, long alerts, TimeSpan took, TimeSpan cpu) =>
        Console.WriteLine($"{what,-66} {alerts / took.TotalSeconds,10:N0} alerts/s {cpu.TotalMicroseconds / alerts,8:0.0} µs CPU/alert");

    public static void Fact(string what, string value) => Console.WriteLine($"{what,-66} {value}");

    public static void Title(string title) => Console.WriteLine($"\n{title}");

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
}
