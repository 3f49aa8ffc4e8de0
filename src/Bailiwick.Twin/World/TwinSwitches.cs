namespace Bailiwick.Twin.World;

/// <summary>Behaviours that a rehearsal may turn on and off while the twin runs. Thread safe.</summary>
public sealed class TwinSwitches(TwinOptions options)
{
    private volatile bool _strictRefreshRotation = options.StrictRefreshRotation;
    private volatile bool _directoryLimits;
    private volatile int _directoryUnits;
    private long _replicationLag;
    private volatile bool _immediateConsentRevocation = options.ImmediateConsentRevocation;

    /// <summary>True revokes a refresh token's family when one of it is redeemed twice.</summary>
    public bool StrictRefreshRotation
    {
        get => _strictRefreshRotation;
        set => _strictRefreshRotation = value;
    }

    /// <summary>How long an object just made cannot be read back through Graph; zero: at once. Source: directory objects are eventually consistent, field reports.</summary>
    public TimeSpan ReplicationLag
    {
        get => new(Interlocked.Read(ref _replicationLag));
        set => Interlocked.Exchange(ref _replicationLag, value.Ticks);
    }

    /// <summary>True makes the planes refuse tokens whose consent is gone before they expire.</summary>
    public bool ImmediateConsentRevocation
    {
        get => _immediateConsentRevocation;
        set => _immediateConsentRevocation = value;
    }

    /// <summary>True makes the directory throttle. Source: throttling-limits, 2025.</summary>
    public bool DirectoryLimits
    {
        get => _directoryLimits;
        set => _directoryLimits = value;
    }

    /// <summary>Resource units per ten seconds, application and tenant; null: 3500, 5000 or 8000 by the tenant's number of users.</summary>
    public int? DirectoryUnits
    {
        get => _directoryUnits == 0 ? null : _directoryUnits;
        set => _directoryUnits = value ?? 0;
    }
}
