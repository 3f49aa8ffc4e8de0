using System.Diagnostics;
using Bailiwick.Testing;

namespace Bailiwick.Twin.Tests;

public sealed class DocumentTests
{
    [SkippableFact]
    public async Task The_recipe_for_curl_gets_tokens()
    {
        Skip.IfNot(File.Exists("/usr/bin/curl") && File.Exists("/bin/bash"), "needs curl and bash");
        using var folder = new TempDirectory();
        await using var host = await TwinHost.StartAsync(new TwinOptions(), default);
        var document = await File.ReadAllTextAsync(Repository.Path("docs", "twin.md"));
        var recipe = document.Split("```sh\n")[1].Split("```")[0]
            .Replace("PORT2", host.ControlAddress.Port.ToString(), StringComparison.Ordinal)
            .Replace("PORT", host.Address.Port.ToString(), StringComparison.Ordinal);
        File.Copy(host.CaFile, Path.Combine(folder.Path, "ca.pem"));
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };

        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync("set -e\n" + recipe);
        shell.StandardInput.Close();
        var errors = shell.StandardError.ReadToEndAsync();
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();

        (await errors).ShouldBeEmpty();
        output.ShouldContain("\"refresh_token\":\"");
        output.ShouldContain("\"resource\":\"https://graph.windows.net\"");
    }
}
