using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Testing;

/// <summary>A real Kestrel on 127.0.0.1 and a free port, answering with one delegate; TLS when a certificate is given.</summary>
public sealed class LocalWeb : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LocalWeb(WebApplication app, bool tls)
    {
        _app = app;
        Port = new Uri(app.Urls.First()).Port;
        Scheme = tls ? "https" : "http";
    }

    public int Port { get; }

    public string Scheme { get; }

    public Uri Address(string path = "/", string host = "127.0.0.1") => new($"{Scheme}://{host}:{Port}{path}");

    public static async Task<LocalWeb> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback,
            0,
            listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            }));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new LocalWeb(app, certificate is not null);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
