using System.Text.Json;

namespace Bailiwick.Twin.Tests;

internal static class Jwt
{
    public static JsonElement Claims(string token) => Part(token, 1);

    public static JsonElement Header(string token) => Part(token, 0);

    public static string? Text(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;

    public static string[] List(this JsonElement element, string name) => element.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static JsonElement Part(string token, int at) => JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[at])).RootElement;
}
