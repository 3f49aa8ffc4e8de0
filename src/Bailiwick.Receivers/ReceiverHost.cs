using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bailiwick.Receivers;

/// <summary>A web server on 127.0.0.1 for one receiver; prints nothing, and stops without waiting for requests that are open.</summary>
internal sealed class ReceiverHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ReceiverHost(WebApplication app) => _app = app;

    /// <summary>The address, without path.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts listening.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="certificate">Server certificate for https; null speaks http.</param>
    /// <param name="around">Stands around every answer; null for none.</param>
    /// <param name="answer">Answers each request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ReceiverHost> StartAsync(int port, X509Certificate2? certificate, Func<HttpContext, RequestDelegate, Task>? around, RequestDelegate answer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 512L << 20;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        if (around is not null) app.Use(around);
        app.Run(answer);
        await app.StartAsync(cancellationToken);
        var bound = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return new ReceiverHost(app) { Url = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{bound}") };
    }

    /// <summary>A request's body, unpacked when it is gzip.</summary>
    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        var body = new MemoryStream();
        if (context.Request.Headers.ContentEncoding.ToString() == "gzip")
        {
            await using var gzip = new GZipStream(context.Request.Body, CompressionMode.Decompress);
            await gzip.CopyToAsync(body, context.RequestAborted);
        }
        else
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }

        return body.ToArray();
    }

    /// <summary>Answers with a JSON object.</summary>
    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        var answer = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(answer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using (var now = new CancellationTokenSource())
        {
            await now.CancelAsync();
            await _app.StopAsync(now.Token);
        }

        await _app.DisposeAsync();
    }
}
