namespace Bailiwick.Server.Configuration;

/// <summary>The configuration cannot be used. Each fault is one sentence: what, where, how to fix.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>At least one; every fault found, not only the first.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>The data directory or a file in it cannot be used. The message is one sentence: what, where, how to fix.</summary>
public sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another program listens on the address. The message is one sentence: which, and how to choose another.</summary>
public sealed class PortInUseException(string message, Exception? inner = null) : Exception(message, inner);
