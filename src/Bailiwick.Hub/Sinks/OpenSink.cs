namespace Bailiwick.Hub.Sinks;

/// <summary>A configured sink, ready to be served.</summary>
/// <param name="Name">Its name, unique in this hub.</param>
/// <param name="Class">How firmly it can say "delivered".</param>
/// <param name="Sink">The receiver's side.</param>
public sealed record OpenSink(string Name, SinkClass Class, ISink Sink);
