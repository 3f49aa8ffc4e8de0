using System.Globalization;
using Bailiwick.Bench;

var what = args.Length == 0 ? "all" : args[0];
var alerts = 200_000;
if (what is not ("all" or "limits" or "hub" or "sinks" or "restart" or "fleet" or "backlog" or "twin" or "year" or "naive") || args.Length > 2
    || (args.Length == 2 && (what is not ("backlog" or "twin") || !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out alerts) || alerts < 1000)))
{
    Console.Error.WriteLine("Usage: ./bench [all | limits | hub | sinks | restart | fleet | backlog [ALERTS] | twin [ALERTS] | year | naive]");
    return 2;
}

Report.Machine();
if (what is "all" or "limits") await Limits.RunAsync();
if (what is "all" or "hub") await HubAgainstScript.RunAsync();
if (what is "all" or "sinks") await EachSink.RunAsync();
if (what is "all" or "restart") await Restart.RunAsync();
if (what is "all" or "fleet") await Fleet.RunAsync();
if (what is "all" or "backlog") await Backlog.RunAsync(alerts);
if (what is "all" or "twin" or "year") await TwinYear.RunAsync();
if (what is "all" or "twin") await TwinScale.RunAsync(args.Length == 2 ? alerts : 1_000_000);
if (what is "all" or "naive") await NaiveTable.RunAsync();
return 0;
