using System.CommandLine;
using Bailiwick.Api.V1;
using Bailiwick.Cli.Output;

namespace Bailiwick.Cli.Commands;

/// <summary><c>bailiwick app add</c>: an app registration with its credential, which comes from a file or standard input.</summary>
internal static class AppAddCommand
{
    public static Command Create(BailiwickCli cli)
    {
        var name = new Argument<string>("NAME") { Description = "Its name here, such as provider" };
        var clientId = new Option<string>("--client-id") { Description = "Application (client) id", Required = true, HelpName = "GUID" };
        var secretFile = new Option<string?>("--secret-file") { Description = "File with the client secret, or - for standard input", HelpName = "PATH" };
        var certificateFile = new Option<string?>("--certificate-file") { Description = "PEM file with certificate and unencrypted private key, or -", HelpName = "PATH" };
        var expires = TimeOption.Create("--secret-expires", "Until when the secret lives, if known");
        var command = new Command("add", "Add an app registration") { name, clientId, secretFile, certificateFile, expires };
        return cli.Asks(command, async (hub, parsed, terminal, cancellationToken) =>
        {
            if (!Guid.TryParseExact(parsed.GetRequiredValue(clientId), "D", out var client))
            {
                throw new UsageException($"--client-id {parsed.GetValue(clientId)} is not a GUID: copy the application (client) id from the app registration.");
            }

            var (secretFrom, certificateFrom) = (parsed.GetValue(secretFile), parsed.GetValue(certificateFile));
            if (secretFrom is null == certificateFrom is null) throw new UsageException("Give exactly one of --secret-file and --certificate-file.");
            var application = new NewApplication(
                parsed.GetRequiredValue(name),
                client,
                secretFrom is null ? null : await InputFiles.ReadSecretAsync(cli.Surroundings, secretFrom, "client secret", cancellationToken),
                certificateFrom is null ? null : await InputFiles.ReadSecretAsync(cli.Surroundings, certificateFrom, "certificate", cancellationToken),
                parsed.GetValue(expires));
            var added = await hub.AddApplicationAsync(application, cancellationToken);
            terminal.Answer(added, () => terminal.Say($"Added {added.Name}, client {added.ClientId}, {Words.Camel(added.Credential)}."));
            return ExitCodes.Ok;
        });
    }
}
