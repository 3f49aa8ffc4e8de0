namespace Bailiwick.Twin.World.Generator;

/// <summary>One link of a scenario's evidence; texts may hold <c>{user} {host} {url} {ip} {domain} {rand} {b64} {payload}</c>.</summary>
internal abstract record Step
{
    private Step() { }

    /// <summary>The device it happened on.</summary>
    public sealed record OnDevice : Step;

    /// <summary>The person concerned.</summary>
    public sealed record ByUser : Step;

    /// <summary>A process, started by the one before or by the parent named.</summary>
    public sealed record Process(string Image, string Path, string CommandLine, string? Parent = null, string? ParentPath = null) : Step;

    /// <summary>A file; without a name it is the campaign's payload.</summary>
    public sealed record File(string? Name, string Path) : Step;

    /// <summary>An address outside.</summary>
    public sealed record Ip : Step;

    /// <summary>A URL outside.</summary>
    public sealed record Url : Step;

    /// <summary>A registry key.</summary>
    public sealed record Key(string Hive, string Path) : Step;

    /// <summary>A registry value.</summary>
    public sealed record Value(string Hive, string Path, string Name, string Data) : Step;

    /// <summary>A mailbox.</summary>
    public sealed record Mailbox : Step;

    /// <summary>A mail message with a subject.</summary>
    public sealed record Message(string Subject) : Step;

    /// <summary>A cloud application by name.</summary>
    public sealed record Cloud(string Name) : Step;

    /// <summary>An OAuth application by name and publisher.</summary>
    public sealed record OAuth(string Name, string Publisher) : Step;
}

/// <summary>A kind of alert: what the product would say, and the chain of evidence that it would show.</summary>
/// <param name="Title">As in the queue.</param>
/// <param name="Category">Tactic, as Defender spells it.</param>
/// <param name="Service">Graph's <c>serviceSource</c>.</param>
/// <param name="Detection">Graph's <c>detectionSource</c>.</param>
/// <param name="Weights">How often informational, low, medium, high.</param>
/// <param name="Techniques">MITRE ATT&amp;CK ids.</param>
/// <param name="Description">One to three sentences.</param>
/// <param name="Steps">Evidence in order.</param>
internal sealed record Scenario(
    string Title, string Category, string Service, string Detection, (int Informational, int Low, int Medium, int High) Weights, string[] Techniques,
    string Description, Step[] Steps)
{
    /// <summary>Malware family for antivirus scenarios.</summary>
    public string? Family { get; init; }

    /// <summary>Threat name of the same.</summary>
    public string? Threat { get; init; }

    /// <summary>An activity group, invented.</summary>
    public string? Actor { get; init; }

    /// <summary>Draws a severity by the weights.</summary>
    public string Severity(ref SeededRandom random)
    {
        var draw = random.Below(Weights.Informational + Weights.Low + Weights.Medium + Weights.High);
        if ((draw -= Weights.Informational) < 0) return "informational";
        if ((draw -= Weights.Low) < 0) return "low";
        return draw - Weights.Medium < 0 ? "medium" : "high";
    }
}
