using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Bailiwick.Twin;

/// <summary>Whose name stands as issuer in tokens and metadata.</summary>
public enum IssuerMode
{
    /// <summary>The twin's own origin, so that no token can be mistaken for a real one.</summary>
    OwnHost,

    /// <summary>Microsoft's spelling (<c>https://sts.windows.net/{tid}/</c>); accepted only together with a proxy port.</summary>
    Microsoft,
}

/// <summary>How a twin starts. Everything listens on 127.0.0.1 only.</summary>
public sealed class TwinOptions
{
    /// <summary>Where <c>twin.db</c> and the certificates live; created with mode 0700. Null keeps the world in memory and the CA file in a temporary folder that is removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The TLS port of all planes; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The port of the control API (plain HTTP); 0 takes a free one.</summary>
    public int ControlPort { get; init; }

    /// <summary>The port of the CONNECT proxy that answers for Microsoft's host names; 0 takes a free one, null switches it off.</summary>
    public int? ProxyPort { get; init; }

    /// <summary>The relay that notification mail goes to, as <c>host:port</c>, plain SMTP; null sends none.</summary>
    public string? Smtp { get; init; }

    /// <summary>Seed of all invented data.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>True revokes the whole family when a refresh token is redeemed twice; false keeps old tokens good, as Entra does. The control API can change it.</summary>
    public bool StrictRefreshRotation { get; init; }

    /// <summary>True makes the planes refuse tokens whose consent or service principal is gone at once instead of at their expiry. The control API can change it.</summary>
    public bool ImmediateConsentRevocation { get; init; }

    /// <summary>Whose name stands as issuer.</summary>
    public IssuerMode IssuerMode { get; init; }

    /// <summary>Lifetime of access tokens; null draws 60 to 90 minutes for each, as Entra does.</summary>
    public TimeSpan? AccessTokenLifetime { get; init; }

    /// <summary>The machine's clock, on which the virtual clock runs.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Stands around every answer on the TLS port, behind the faults; a test stops requests in it. Null for none.</summary>
    public Func<HttpContext, RequestDelegate, Task>? Around { get; init; }

    /// <summary>All mistakes in these options in one message, or null.</summary>
    public string? Validate()
    {
        List<string> faults = [];
        if (Port is < 0 or > 65535) faults.Add($"Port {Port} is not between 0 and 65535.");
        if (ControlPort is < 0 or > 65535) faults.Add($"ControlPort {ControlPort} is not between 0 and 65535.");
        if (ProxyPort is < 0 or > 65535) faults.Add($"ProxyPort {ProxyPort} is not between 0 and 65535.");
        if (Smtp is not null && ReadRelay(Smtp) is null) faults.Add($"Smtp '{Smtp}' is not host:port.");
        if (IssuerMode == IssuerMode.Microsoft && ProxyPort is null) faults.Add("IssuerMode Microsoft needs a ProxyPort: outside proxy mode the twin signs with its own name only.");
        if (AccessTokenLifetime is { } lifetime && (lifetime < TimeSpan.FromSeconds(1) || lifetime > TimeSpan.FromDays(1))) faults.Add($"AccessTokenLifetime {lifetime} is not between 1 second and 1 day.");
        return faults.Count == 0 ? null : string.Join(' ', faults);
    }

    /// <summary>Reads the relay's address; null when it is none.</summary>
    internal static (string Host, int Port)? ReadRelay(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(text[..colon]) != UriHostNameType.Unknown && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? (text[..colon].Trim('[', ']'), port)
            : null;
    }
}
