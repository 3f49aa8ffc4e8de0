using System.CommandLine;
using Bailiwick.Api;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick key add</c>: the new key goes straight into a file that only its owner can read.</summary>
internal static class KeyAddCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME") { Description = "What it is for" };
        var role = new Option<string>("--role") { Description = "owner, engineer, analyst, approver, auditor or customerAdministrator", Required = true };
        var customers = new Option<string[]>("--customer") { Description = "Name or id; may be repeated; all customers if left out", HelpName = "CUSTOMER" };
        var days = new Option<int?>("--days") { Description = "Days it lives, 1 to 365 (90)" };
        var file = new Option<string>("--out") { Description = "The new file to write the key to", Required = true, HelpName = "PATH" };
        return cli.Asks(new Command("add", "Make an API key and write it to a file") { name, role, customers, days, file }, async (hub, parsed, terminal, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(file);
            if (File.Exists(path)) throw new UsageException($"The file {path} exists already: name a new one with --out.");
            var reached = new List<CustomerId>();
            foreach (var text in parsed.GetValue(customers) ?? []) reached.Add(await Ids.CustomerAsync(hub, text, cancellationToken));
            await using var target = NewOwnerOnlyFile(path); // before asking: a key that cannot be written down must not be made
            try
            {
                var created = await hub.AddKeyAsync(new NewApiKey(parsed.GetRequiredValue(name), parsed.GetRequiredValue(role), reached.Count > 0 ? reached : null, parsed.GetValue(days)), cancellationToken);
                await target.WriteAsync(System.Text.Encoding.ASCII.GetBytes(created.Secret + "\n"), CancellationToken.None);
                terminal.Answer(new Page<ApiKey>([created.Key]), () => terminal.Say($"Made key {created.Key.Id} ({created.Key.Role}), until {Words.Time(created.Key.ExpiresAt)}; it stands in {path}."));
                return ExitCodes.Ok;
            }
            catch
            {
                File.Delete(path);
                throw;
            }
        });
    }

    private static FileStream NewOwnerOnlyFile(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"The key file {path} cannot be made: name a new file in a directory this user can write.");
        }
    }
}
