namespace Bailiwick.Twin.World;

/// <summary>Behaviours that a rehearsal may turn on and off while the twin runs. Thread safe.</summary>
public sealed class TwinSwitches(TwinOptions options)
{
    private volatile bool _strictRefreshRotation = options.StrictRefreshRotation;
    private volatile bool _immediateConsentRevocation = options.ImmediateConsentRevocation;

    /// <summary>True revokes a refresh token's family when one of it is redeemed twice.</summary>
    public bool StrictRefreshRotation
    {
        get => _strictRefreshRotation;
        set => _strictRefreshRotation = value;
    }

    /// <summary>True makes the planes refuse tokens whose consent is gone before they expire.</summary>
    public bool ImmediateConsentRevocation
    {
        get => _immediateConsentRevocation;
        set => _immediateConsentRevocation = value;
    }
}
