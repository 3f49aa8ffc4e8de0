using System.Collections.Immutable;

namespace Bailiwick.Twin.World;

public sealed partial class TwinDirectory
{
    private ImmutableDictionary<Guid, TwinApp> _ownApps = ImmutableDictionary<Guid, TwinApp>.Empty;

    /// <summary>Makes one of the twin's own pages known to sign-in. It is in no list, nobody consents to it, and it is forgotten at the end.</summary>
    internal void AddOwnApp(TwinApp app)
    {
        lock (_gate) _ownApps = _ownApps.SetItem(app.AppId, app);
    }

    /// <summary>True for the twin's own pages, which as first-party applications need no consent. Source: first-party apps page, 2025.</summary>
    internal bool IsOwnApp(Guid appId) => _ownApps.ContainsKey(appId);
}
