using Bailiwick.Cli;

return await BailiwickCli.RunAsync(args, Surroundings.Machine(), CancellationToken.None);
