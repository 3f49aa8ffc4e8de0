using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Bailiwick.Api.V1;

namespace Bailiwick.Api;

/// <summary>How the REST records look as JSON: camelCase members, enum members as camelCase words, times as ISO 8601 in UTC.</summary>
public static class ApiJson
{
    /// <summary>
    /// For what a client sends to the hub: unknown members, duplicate members, missing members, null where none is allowed and wrong types are
    /// faults; nesting up to 64. Also used for writing answers.
    /// </summary>
    public static JsonSerializerOptions Strict { get; } = Make(new JsonSerializerOptions(JsonSerializerDefaults.Strict));

    /// <summary>For what the hub answers: a newer hub's additional members are passed over.</summary>
    public static JsonSerializerOptions Tolerant { get; } = Make(new JsonSerializerOptions(JsonSerializerDefaults.General));

    /// <summary>As <see cref="Tolerant"/>, indented, for people.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(new JsonSerializerOptions(JsonSerializerDefaults.General) { WriteIndented = true });

    /// <summary>Makes other options (those of a web host) read and write as <see cref="Strict"/> does.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 64;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
    }

    /// <summary>How the hub writes one alert of its answers.</summary>
    public static JsonTypeInfo<Alert> AlertRecord { get; } = Of<Alert>(Strict);

    /// <summary>The metadata of one record in these options.</summary>
    internal static JsonTypeInfo<T> Of<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions Make(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.MaxDepth = 64;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.TypeInfoResolver = ApiJsonContext.Default;
        options.MakeReadOnly();
        return options;
    }
}

/// <summary>Source-generated metadata of every REST record.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Page<Customer>))]
[JsonSerializable(typeof(NewCustomer))]
[JsonSerializable(typeof(NewTenant))]
[JsonSerializable(typeof(CustomerImport))]
[JsonSerializable(typeof(CustomerImportResult))]
[JsonSerializable(typeof(Page<Application>))]
[JsonSerializable(typeof(NewApplication))]
[JsonSerializable(typeof(Page<Connection>))]
[JsonSerializable(typeof(ConnectAppOnly))]
[JsonSerializable(typeof(ConnectOutcomes))]
[JsonSerializable(typeof(BeginCode))]
[JsonSerializable(typeof(CodeLink))]
[JsonSerializable(typeof(Page<Alert>))]
[JsonSerializable(typeof(AlertDetail))]
[JsonSerializable(typeof(Page<Sink>))]
[JsonSerializable(typeof(NewSink))]
[JsonSerializable(typeof(SinkRouting))]
[JsonSerializable(typeof(SinkTest))]
[JsonSerializable(typeof(Page<SinkKind>))]
[JsonSerializable(typeof(Page<Feed>))]
[JsonSerializable(typeof(NewFeed))]
[JsonSerializable(typeof(FeedBatch))]
[JsonSerializable(typeof(FeedReceipt))]
[JsonSerializable(typeof(FeedConfirmed))]
[JsonSerializable(typeof(Page<DeadLetter>))]
[JsonSerializable(typeof(DeadLetterSelection))]
[JsonSerializable(typeof(DeadLetterDiscard))]
[JsonSerializable(typeof(DeadLettersDiscard))]
[JsonSerializable(typeof(DeadLetterCount))]
[JsonSerializable(typeof(Page<ApiKey>))]
[JsonSerializable(typeof(NewApiKey))]
[JsonSerializable(typeof(CreatedApiKey))]
[JsonSerializable(typeof(Page<AuditRecord>))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(FleetStatus))]
[JsonSerializable(typeof(Page<TenantStatus>))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
