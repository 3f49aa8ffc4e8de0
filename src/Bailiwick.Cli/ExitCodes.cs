namespace Bailiwick.Cli;

/// <summary>What the program's exit codes mean. The same list stands in <c>docs/exit-codes.md</c>.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>A fault of the program or of the hub itself.</summary>
    public const int Unexpected = 1;

    /// <summary>The command line, a file or a value given cannot be used; nothing was changed.</summary>
    public const int Usage = 2;

    /// <summary>The configuration cannot be used; every fault is named.</summary>
    public const int Configuration = 3;

    /// <summary>The hub (or the twin's control address) cannot be reached, or what answers is not one.</summary>
    public const int Unreachable = 4;

    /// <summary>No key, a wrong one, or one that does not allow this.</summary>
    public const int NotAuthorized = 5;

    /// <summary>No such thing, or not the caller's to see.</summary>
    public const int NotFound = 6;

    /// <summary>The name is taken, or the thing changed meanwhile.</summary>
    public const int Conflict = 7;

    /// <summary>Some or all of the single tries failed; each is named.</summary>
    public const int PartlyFailed = 8;

    /// <summary>The data directory, a key file or the database in it cannot be used.</summary>
    public const int DataDirectory = 9;

    /// <summary>Another program listens on the address.</summary>
    public const int PortInUse = 10;

    /// <summary>The hub answers, but cannot do this now: sealed, locked, degraded or full.</summary>
    public const int NotNow = 11;

    /// <summary>Too many requests, even after waiting.</summary>
    public const int TooManyRequests = 12;

    /// <summary>A check found something wrong: a broken audit chain, a receiver that refuses a test.</summary>
    public const int CheckFailed = 13;

    /// <summary>Stopped by Ctrl-C.</summary>
    public const int Stopped = 130;
}
