using Bailiwick.Bench;

await Limits.RunAsync();
return 0;
