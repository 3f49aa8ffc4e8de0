using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Bailiwick.Twin.OData;
using Bailiwick.Twin.World;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Graph.Directory;

/// <summary>
/// Secrets and certificates of registrations. A secret lives two years where nothing else is said; its value is in the answer and nowhere else.
/// Source: application-addpassword, application-removepassword, keycredential resource type, 2024.
/// </summary>
internal static class ApplicationCredentials
{
    private const int SecretBytes = 30;
    private const int HintLength = 3;
    private const int DefaultYears = 2;
    private static readonly DateTimeOffset LastEnd = new(2299, 12, 31, 0, 0, 0, TimeSpan.Zero);

    private static readonly EntityType Password = new(
        "passwordCredential", Edm.Text("displayName", 256), Edm.Time("startDateTime"), Edm.Time("endDateTime"), Edm.Text("customKeyIdentifier") with { ReadOnly = true }, Edm.Text("hint") with { ReadOnly = true },
        Edm.Text("keyId") with { ReadOnly = true }, Edm.Text("secretText") with { ReadOnly = true });

    private static readonly EntityType AddParameters = new("addPassword", Edm.Complex("passwordCredential", Password));
    private static readonly EntityType RemoveParameters = new("removePassword", Edm.Id("keyId") with { Required = true });

    /// <summary>A new secret as <c>addPassword</c> asks for it.</summary>
    /// <exception cref="GraphRefusal">It would end before it begins, or too far ahead.</exception>
    public static (TwinSecret Kept, string Value) Draw(JsonObject sent, DateTimeOffset now)
    {
        var wanted = AddParameters.ReadNew(sent)["passwordCredential"] as JsonObject;
        var start = Time(wanted, "startDateTime") ?? now;
        if (start > LastEnd) throw InvalidEnd();
        var end = Time(wanted, "endDateTime") ?? start.AddYears(DefaultYears);
        if (end <= start || end > LastEnd) throw InvalidEnd();
        var value = Base64Url.Encode(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new TwinSecret(Guid.NewGuid(), SecretDigest.Of(value), value[..HintLength], end) { StartsAt = start, DisplayName = wanted?["displayName"]?.GetValue<string>() }, value);
    }

    /// <summary>The id that <c>removePassword</c> names.</summary>
    public static Guid ReadKeyId(JsonObject sent) => Guid.Parse(RemoveParameters.ReadNew(sent)["keyId"]!.GetValue<string>());

    /// <summary>The whole new list of certificates; one named by its <c>keyId</c> without its key stays as it is.</summary>
    /// <exception cref="GraphRefusal">A credential is no certificate that verifies.</exception>
    public static IReadOnlyList<TwinCertificate> Read(JsonArray list, IReadOnlyList<TwinCertificate> present)
    {
        List<TwinCertificate> read = [];
        foreach (var item in list)
        {
            var credential = (JsonObject)item!;
            Guid? id = credential["keyId"]?.GetValue<string>() is { } text ? Guid.Parse(text) : null;
            var kept = present.FirstOrDefault(known => known.KeyId == id);
            if (kept is not null && credential["key"] is null)
            {
                read.Add(credential["displayName"] is { } name ? kept with { DisplayName = name.GetValue<string>() } : kept);
                continue;
            }

            read.Add(New(credential, id));
        }

        return read.Select(certificate => certificate.KeyId).Distinct().Count() == read.Count ? read : throw GraphRefusal.BadRequest("KeyCredentials with the same keyId exist twice.");
    }

    private static TwinCertificate New(JsonObject credential, Guid? id)
    {
        if (credential["type"]?.GetValue<string>() != "AsymmetricX509Cert" || credential["usage"]?.GetValue<string>() != "Verify")
            throw GraphRefusal.BadRequest("Key credential type must be 'AsymmetricX509Cert' and its usage 'Verify'.");
        TwinCertificate certificate;
        try
        {
            var bytes = Convert.FromBase64String(credential["key"]?.GetValue<string>() ?? "");
            certificate = TwinDirectory.ReadCertificate(bytes.AsSpan().StartsWith("-----"u8) ? System.Text.Encoding.ASCII.GetString(bytes) : PemEncoding.WriteString("CERTIFICATE", bytes));
        }
        catch (Exception fault) when (fault is FormatException or TwinDirectoryException)
        {
            throw GraphRefusal.BadRequest("Key credential value is invalid: it must be the base64 of a certificate.");
        }

        var (start, end) = (Time(credential, "startDateTime") ?? certificate.StartsAt, Time(credential, "endDateTime") ?? certificate.EndsAt);
        if (end > certificate.EndsAt || end <= start) throw GraphRefusal.BadRequest("Key credential end date is invalid: it must lie after its start and not after the certificate's own.", "KeyCredentialsInvalidEndDate");
        return certificate with { KeyId = id ?? certificate.KeyId, StartsAt = start, EndsAt = end, DisplayName = credential["displayName"]?.GetValue<string>() };
    }

    private static DateTimeOffset? Time(JsonObject? body, string name) => body?[name]?.GetValue<string>() is { } text && WireTime.TryParse(text, out var ticks) ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private static GraphRefusal InvalidEnd() => GraphRefusal.BadRequest("Password credential end date is invalid: it must lie after its start and before the year 2300.", "PasswordCredentialsInvalidEndDate");
}
