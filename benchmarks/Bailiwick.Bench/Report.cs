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

    /// <param name="what">What was measured.</param>
    /// <param name="alerts">How many went through.</param>
    /// <param name="took">From the first to the last.</param>
    /// <param name="cpu">What the measured process spent.</param>
    /// <param name="beside">What another process spent that took part, and which; null for none.</param>
    public static void Rate(string what, long alerts, TimeSpan took, TimeSpan cpu, (string Whose, TimeSpan Cpu)? beside = null)
    {
        var other = beside is { } given ? $" ({given.Whose} {given.Cpu.TotalMicroseconds / alerts:0.0})" : "";
        Console.WriteLine($"{what,-66} {alerts / took.TotalSeconds,10:N0} alerts/s {cpu.TotalMicroseconds / alerts,8:0.0} µs CPU/alert{other}");
    }

    public static void Fact(string what, string value) => Console.WriteLine($"{what,-66} {value}");

    public static void Title(string title) => Console.WriteLine($"\n{title}; load {Load()}");

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
}
