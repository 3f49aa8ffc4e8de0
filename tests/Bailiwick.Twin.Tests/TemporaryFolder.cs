namespace Bailiwick.Twin.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("twin-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
