using Bailiwick.Bench;

var what = args.Length == 0 ? "all" : args[0];
if (what is not ("all" or "limits" or "hub" or "fleet" or "naive"))
{
    Console.Error.WriteLine("Usage: ./bench [all | limits | hub | fleet | naive]");
    return 2;
}

Report.Machine();
if (what is "all" or "limits") await Limits.RunAsync();
if (what is "all" or "hub") await HubAgainstScript.RunAsync();
if (what is "all" or "fleet") await Fleet.RunAsync();
if (what is "all" or "naive") NaiveTable.Run();
return 0;
