using System.Text.Json;

namespace Bailiwick.Twin.Control;

/// <summary>What was done to a twin through its control port, so that another twin of the same seed comes to the same world.</summary>
/// <param name="Seed">Seed of the twin that was recorded.</param>
/// <param name="StartedAt">Reading of its virtual clock at the first step.</param>
/// <param name="Complete">False when steps were too many or too large to keep: such a scenario cannot be played.</param>
/// <param name="Steps">In order.</param>
public sealed record Scenario(int Seed, DateTimeOffset StartedAt, bool Complete, IReadOnlyList<ScenarioStep> Steps);

/// <summary>One control request that changed something.</summary>
/// <param name="At">The virtual clock when it came; playing moves the clock there first.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">JSON body as sent; null where there was none.</param>
/// <param name="Text">The body where it is not one JSON document, such as a record per line.</param>
public sealed record ScenarioStep(DateTimeOffset At, string Method, string Path, JsonElement? Body = null, string? Text = null);

/// <summary>How a played scenario went.</summary>
/// <param name="Steps">Steps played.</param>
/// <param name="Refused">Steps that were refused, with the twin's sentence; such a step changed nothing.</param>
/// <param name="Now">The virtual clock afterwards.</param>
public sealed record PlayedScenario(int Steps, IReadOnlyList<string> Refused, DateTimeOffset Now);
