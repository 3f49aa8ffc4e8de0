using System.Text;
using Bailiwick.Twin.World.Alerts;

namespace Bailiwick.Twin.Tests.World.Alerts;

public sealed class JsonEditTests
{
    [Theory]
    [InlineData("""{ "a" : 1e5 , "status":"new","x":"\u00e5\/" }""", """{ "a" : 1e5 , "status":"resolved","x":"\u00e5\/" }""")]
    [InlineData("""{"status":{"deep":["status"]},"z":1}""", """{"status":"resolved","z":1}""")]
    [InlineData("{}", """{"status":"resolved"}""")]
    [InlineData("{\"a\":{\"status\":1}\n}", "{\"a\":{\"status\":1},\"status\":\"resolved\"\n}")]
    public void Only_the_value_named_is_changed(string before, string after) =>
        Text(JsonEdit.Set(Encoding.UTF8.GetBytes(before), ("status", "\"resolved\""))).ShouldBe(after);

    [Theory]
    [InlineData("""{"comments":[]}""", """{"comments":[{"c":1}]}""")]
    [InlineData("""{"comments":[ {"c":0} ],"a":1}""", """{"comments":[ {"c":0} ,{"c":1}],"a":1}""")]
    [InlineData("""{"comments":null}""", """{"comments":[{"c":1}]}""")]
    [InlineData("""{"a":1}""", """{"a":1,"comments":[{"c":1}]}""")]
    public void An_item_goes_to_the_end_of_its_array(string before, string after) =>
        Text(JsonEdit.Append(Encoding.UTF8.GetBytes(before), "comments", """{"c":1}""")).ShouldBe(after);

    private static string Text(byte[] json) => Encoding.UTF8.GetString(json);
}
