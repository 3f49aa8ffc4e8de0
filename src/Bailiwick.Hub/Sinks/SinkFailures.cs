using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Outbound;

namespace Bailiwick.Hub.Sinks;

/// <summary>What went wrong before a receiver answered, sorted once for all sinks. Sentences never carry content, addresses' answers or secrets.</summary>
internal static class SinkFailures
{
    /// <summary>Sorts an exception of connecting, writing or asking; null when it is none of these and must not be caught.</summary>
    public static DeliveryResult.TryLater? OfConnection(Exception exception) => exception switch
    {
        UnusableSettingException unusable => new(DeliveryFailure.Misconfigured, Detail: unusable.Message),
        OutboundRefusedException refused => new(DeliveryFailure.Misconfigured, Detail: refused.Message),
        AuthenticationException or IOException { InnerException: AuthenticationException } => new(DeliveryFailure.Untrusted, Detail: "The receiver's certificate is not trusted, or is for another name."),
        HttpRequestException { InnerException: OutboundRefusedException refused } => new(DeliveryFailure.Misconfigured, Detail: refused.Message),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or HttpRequestException { InnerException: AuthenticationException } =>
            new(DeliveryFailure.Untrusted, Detail: "The receiver's certificate is not trusted, or is for another name."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new(DeliveryFailure.Unreachable, Detail: "The receiver's name does not resolve."),
        HttpRequestException or IOException or SocketException => new(DeliveryFailure.Unreachable, Detail: "The receiver cannot be reached, or the connection broke."),
        OperationCanceledException => new(DeliveryFailure.TimedOut, Detail: "The receiver did not answer in time."),
        ObjectDisposedException => new(DeliveryFailure.Unreachable, Detail: "The connection was closed."),
        _ => null,
    };

    /// <summary>The version cannot be written in the sink's format.</summary>
    public static DeliveryResult.Refused Unencodable(AlertVersion version) =>
        new(DeliveryFailure.Unencodable, $"Log number {version.LogNumber} of tenant {version.Tenant} is not one readable JSON object.");

    /// <summary>Reads the CA certificates of a PEM file.</summary>
    /// <param name="path">The file, or null for none.</param>
    /// <exception cref="UnusableCaFileException">The file cannot be read or holds no certificate.</exception>
    public static X509Certificate2Collection? LoadCa(string? path)
    {
        if (path is null) return null;
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(path);
            return certificates.Count > 0 ? certificates : throw new UnusableCaFileException(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UnusableCaFileException(path);
        }
    }
}

/// <summary>A sink's secret, or a file that its settings name, cannot be used; the message is one sentence for people.</summary>
internal abstract class UnusableSettingException(string sentence) : Exception(sentence);

/// <summary>A sink's CA file cannot be used.</summary>
internal sealed class UnusableCaFileException(string path) : UnusableSettingException($"The CA file {path} cannot be read or holds no certificate in PEM form.");
