using Bailiwick.Hub.Telemetry;
using Bailiwick.Server.Configuration;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Bailiwick.Server.Telemetry;

/// <summary>Sends metrics and traces to an OpenTelemetry collector over OTLP/HTTP. Registered only when an address is configured: nothing leaves otherwise.</summary>
internal sealed class OtlpExport(ServerOptions options) : IHostedService, IDisposable
{
    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var endpoint = options.OtlpEndpoint!.TrimEnd('/');
        var resource = ResourceBuilder.CreateDefault().AddService("bailiwick", serviceVersion: BailiwickServer.Version);
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Meters.Prefix + "*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime")
            .AddOtlpExporter(exporter => Aim(exporter, endpoint + "/v1/metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource([.. Activities.All, "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"])
            .AddOtlpExporter(exporter => Aim(exporter, endpoint + "/v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _metrics?.Dispose();
        _traces?.Dispose();
        _metrics = null;
        _traces = null;
    }

    private static void Aim(OtlpExporterOptions exporter, string address)
    {
        exporter.Endpoint = new Uri(address);
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
    }
}
