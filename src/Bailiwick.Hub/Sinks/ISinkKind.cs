using System.Text.Json;
using Bailiwick.Hub.Customers;
using Bailiwick.Hub.Outbound;
using Bailiwick.Hub.Vault;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bailiwick.Hub.Sinks;

/// <summary>One kind of sink: what its settings are and how it is made. A kind is a folder here plus one line in <see cref="SinkCatalog"/>.</summary>
public interface ISinkKind
{
    /// <summary>The word on the command line and in the API, for example <c>jsonlines</c>.</summary>
    string Name { get; }

    /// <summary>One sentence for people.</summary>
    string Summary { get; }

    /// <summary>Whether a sink of this kind needs a secret (a token), which is kept in the vault and never in the settings.</summary>
    bool NeedsSecret { get; }

    /// <summary>Reads the settings strictly and lists every fault at once; empty means usable.</summary>
    /// <param name="settings">A JSON object; unknown members are faults.</param>
    IReadOnlyList<string> Validate(JsonElement settings);

    /// <summary>The class a sink with these settings has.</summary>
    SinkClass ClassOf(JsonElement settings);

    /// <summary>Makes the sink. Opens nothing yet.</summary>
    ISink Create(SinkCreation creation);
}

/// <summary>What a kind gets to make a sink.</summary>
/// <param name="Name">The sink's name, unique in this hub.</param>
/// <param name="Settings">The validated settings.</param>
/// <param name="Secret">The sink's secret, if the kind needs one. The sink owns and clears it.</param>
/// <param name="Outbound">The one factory for connections that leave.</param>
/// <param name="Time">The clock.</param>
/// <param name="Clouds">The clouds whose sign-in a kind may use.</param>
public sealed record SinkCreation(string Name, JsonElement Settings, Secret? Secret, OutboundFactory Outbound, TimeProvider Time, CloudCatalog Clouds)
{
    /// <summary>For what a sink does besides delivering, such as deleting old files; what it delivers is never logged.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The secret of a kind that needs one.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    internal Secret NeededSecret => Secret ?? throw new InvalidOperationException($"Sink {Name} has no secret.");

    /// <summary>Makes the client of a sink over HTTP, which is asked for at the first batch.</summary>
    /// <param name="caFile">PEM file of the CAs to trust for the receiver alone; null for the configured ones.</param>
    internal Func<HttpClient> HttpClient(string? caFile) => () => Outbound.CreateHttpClient(SinkFailures.LoadCa(caFile));
}
