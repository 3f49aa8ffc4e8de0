using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Tokens;

namespace Bailiwick.Hub.Collectors;

/// <summary>Why a (tenant, source) is not whole and well. Closed; also the word on the wire.</summary>
public enum CoverageCause
{
    /// <summary>Nobody has connected the tenant, or somebody disconnected it.</summary>
    NotConnected,

    /// <summary>The customer is paused.</summary>
    Paused,

    /// <summary>The source is switched off in the configuration.</summary>
    Disabled,

    /// <summary>The tenant's cloud or region has no address for the source.</summary>
    NoAddress,

    /// <summary>A row was changed outside the hub and is not used.</summary>
    RowChanged,

    /// <summary>The source asks for a pause (429).</summary>
    Throttled,

    /// <summary>The source or the sign-in service fails, hangs, tears answers or is not reached.</summary>
    SourceUnavailable,

    /// <summary>The source says that its answers are not complete.</summary>
    PartialAnswers,

    /// <summary>The customer took the consent back, or disabled the application.</summary>
    ConsentRevoked,

    /// <summary>The sign-in behind the connection ended: a person signs in again.</summary>
    SignInEnded,

    /// <summary>The provider's own secret or certificate is not accepted.</summary>
    CredentialRefused,

    /// <summary>The permission for this source is missing.</summary>
    PermissionMissing,

    /// <summary>The tenant's licence does not include the source.</summary>
    LicenceMissing,

    /// <summary>The person behind the connection no longer sees alerts that were collected before.</summary>
    RoleNarrowed,

    /// <summary>The source no longer shows alerts that were collected before.</summary>
    AlertsGone,

    /// <summary>The source holds records that it does not list.</summary>
    CannotEnumerate,

    /// <summary>The source refuses the request for another reason.</summary>
    RequestRefused,

    /// <summary>The hub itself failed.</summary>
    HubFailed,

    /// <summary>No failure is known: the collector has not caught up yet.</summary>
    CatchingUp,

    /// <summary>The first run's way back has not come this far yet.</summary>
    FirstRun,
}

/// <summary>A cause with its sentence.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Detail">One sentence for people; may quote a person's reason: encode before showing.</param>
/// <param name="Since">Since when, UTC.</param>
public sealed record CoverageTrouble(CoverageCause Cause, string Detail, DateTimeOffset Since);

/// <summary>From what is known of a collector to the cause; pure.</summary>
internal static class CoverageCauses
{
    public static CoverageTrouble? Find(CoverageFacts facts)
    {
        var (connection, state, pause) = (facts.Connection, facts.State, facts.Pause);
        if (!facts.IsIntact) return new CoverageTrouble(CoverageCause.RowChanged, TenantRecord.NotIntact, facts.AddedAt);
        if (connection is null) return new CoverageTrouble(CoverageCause.NotConnected, "The tenant is not connected: an engineer connects it.", facts.Checkpoint?.WalkedAt ?? facts.AddedAt);
        if (pause is not null) return new CoverageTrouble(CoverageCause.Paused, $"Paused until {pause.Until.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {pause.Reason}", pause.At);
        if (state is { Reason: { } reason, FailingSince: { } since } && reason != HoldReasons.Paused) return new CoverageTrouble(CauseOf(reason, connection), state.Detail ?? reason, since);
        if (state is null && connection.State != ConnectionState.Connected)
            return new CoverageTrouble(OfRefusal(connection), connection.LastDetail ?? "The sign-in service refuses.", facts.Checkpoint?.WalkedAt ?? connection.ProvenAt);
        return state is { Gone: > 0, GoneSince: { } missing } ? OfGone(state.Gone, connection, missing) : null;
    }

    private static CoverageTrouble OfGone(int count, TenantConnection connection, DateTimeOffset since)
    {
        var alerts = count == 1 ? "1 alert that was collected before is" : $"{count} alerts that were collected before are";
        return connection.Flow == ConnectionFlow.AuthorizationCode
            ? new CoverageTrouble(
                CoverageCause.RoleNarrowed, $"{alerts} not shown any more: the person's roles or device groups were probably narrowed; the customer's administrator can say.", since)
            : new CoverageTrouble(
                CoverageCause.AlertsGone, $"{alerts} not shown any more though nothing says that they changed: suppressed or removed in the tenant; the customer's administrator can say.", since);
    }

    private static CoverageCause CauseOf(string reason, TenantConnection connection) => reason switch
    {
        HoldReasons.Disabled => CoverageCause.Disabled,
        HoldReasons.NoAddress => CoverageCause.NoAddress,
        HoldReasons.RowChanged => CoverageCause.RowChanged,
        HoldReasons.HubFailed => CoverageCause.HubFailed,
        nameof(Upstream.UpstreamFailure.Throttled) => CoverageCause.Throttled,
        nameof(Upstream.UpstreamFailure.Partial) => CoverageCause.PartialAnswers,
        nameof(Upstream.UpstreamFailure.Unauthorized) => CoverageCause.ConsentRevoked,
        nameof(Upstream.UpstreamFailure.Forbidden) => CoverageCause.PermissionMissing,
        nameof(Upstream.UpstreamFailure.NotLicensed) => CoverageCause.LicenceMissing,
        nameof(Upstream.UpstreamFailure.TokenRefused) => OfRefusal(connection),
        nameof(Upstream.UpstreamFailure.TooLarge) or nameof(Upstream.UpstreamFailure.CannotEnumerate) => CoverageCause.CannotEnumerate,
        nameof(Upstream.UpstreamFailure.BadRequest) or nameof(Upstream.UpstreamFailure.BadContinuation) => CoverageCause.RequestRefused,
        _ => CoverageCause.SourceUnavailable,
    };

    /// <summary>By the OAuth error alone, as <see cref="TokenErrors"/> does.</summary>
    private static CoverageCause OfRefusal(TenantConnection connection) => connection.LastError switch
    {
        "invalid_client" => CoverageCause.CredentialRefused,
        "unauthorized_client" or "consent_required" => CoverageCause.ConsentRevoked,
        "invalid_resource" => CoverageCause.LicenceMissing,
        "invalid_grant" or "interaction_required" or "login_required" or "no_tokens_found" or "user_null" when connection.Flow == ConnectionFlow.AuthorizationCode => CoverageCause.SignInEnded,
        _ => CoverageCause.ConsentRevoked,
    };
}
