using System.Net;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Models.ODataErrors;

namespace Bailiwick.Twin.Tests.Graph.Directory;

/// <summary>Delta rounds and <c>$batch</c> through Microsoft.Graph.</summary>
public sealed class DeltaAndBatchTests(DirectoryTwin people) : IClassFixture<DirectoryTwin>
{
    [Fact]
    public async Task A_delta_round_gives_everything_and_the_next_one_what_changed()
    {
        var graph = await people.GraphAsync(people.Twin.Birch);
        var group = (await graph.Groups.PostAsync(GroupTests.Security("Watched")))!;
        var first = (await graph.Groups.Delta.GetAsDeltaGetResponseAsync())!;

        await graph.Groups[group.Id].PatchAsync(new Group { Description = "changed" });
        var second = (await graph.Groups.Delta.WithUrl(first.OdataDeltaLink!).GetAsDeltaGetResponseAsync())!;
        await graph.Groups[group.Id].DeleteAsync();
        var third = (await graph.Groups.Delta.WithUrl(second.OdataDeltaLink!).GetAsDeltaGetResponseAsync())!;
        var fourth = (await graph.Groups.Delta.WithUrl(third.OdataDeltaLink!).GetAsDeltaGetResponseAsync())!;

        first.Value!.ShouldContain(known => known.Id == group.Id);
        second.Value!.Single().Description.ShouldBe("changed");
        third.Value!.Single().AdditionalData.ShouldContainKey("@removed");
        fourth.Value!.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_of_another_run_is_gone_and_a_mangled_one_is_refused()
    {
        var graph = await people.GraphAsync(people.Twin.Birch);
        await using var other = await RunningTwin.StartAsync(new TwinOptions { Seed = 99 });
        var link = (await graph.Users.Delta.GetAsDeltaGetResponseAsync())!.OdataDeltaLink!;
        var token = Uri.UnescapeDataString(link.Split("deltatoken=")[1]);
        var text = System.Text.Encoding.ASCII.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token)).Split('|');
        text[1] = "00000000";
        var foreign = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.ASCII.GetBytes(string.Join('|', text)));

        var gone = await Should.ThrowAsync<ODataError>(() => graph.Users.Delta.WithUrl(link.Replace(link.Split("deltatoken=")[1], foreign, StringComparison.Ordinal)).GetAsDeltaGetResponseAsync());
        var wrong = await Should.ThrowAsync<ODataError>(() => graph.Users.Delta.WithUrl(link[..^4]).GetAsDeltaGetResponseAsync());

        (gone.ResponseStatusCode, gone.Error!.Code).ShouldBe((410, "syncStateNotFound"));
        wrong.ResponseStatusCode.ShouldBe(400);
    }

    [Fact]
    public async Task A_batch_is_answered_item_by_item_and_what_depends_on_a_failure_fails()
    {
        var graph = await people.GraphAsync(people.Twin.Alder);
        var batch = new BatchRequestContentCollection(graph);
        var read = await batch.AddBatchRequestStepAsync(graph.Users["adam@alder.example"].ToGetRequestInformation());
        var make = await batch.AddBatchRequestStepAsync(graph.Groups.ToPostRequestInformation(GroupTests.Security("From a batch")));
        var missing = await batch.AddBatchRequestStepAsync(graph.Groups[Guid.NewGuid().ToString()].ToGetRequestInformation());

        var answers = await graph.Batch.PostAsync(batch);

        (await answers.GetResponseByIdAsync<User>(read)).DisplayName.ShouldBe("Adam Admin");
        (await answers.GetResponseByIdAsync<Group>(make)).DisplayName.ShouldBe("From a batch");
        (await answers.GetResponsesStatusCodesAsync())[missing].ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"/groups/00000000-0000-0000-0000-000000000001"},{"id":"2","method":"GET","url":"/me","dependsOn":["1"]}]}""", 200, "424")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"/users"},{"id":"1","method":"GET","url":"/users"}]}""", 400, "not unique")]
    [InlineData("""{"requests":[]}""", 400, "1 to 20")]
    [InlineData("""{"requests":[{"id":"1","method":"POST","url":"/groups","body":{}}]}""", 400, "Content-Type")]
    [InlineData("""{"requests":[{"id":"1","method":"GET","url":"/users?$top=5000"}]}""", 200, "Invalid page size")]
    [InlineData("""[]""", 400, "Unable to read JSON")]
    public async Task A_batch_that_is_wrong_says_so(string body, int status, string text)
    {
        using var http = await people.HttpAsync(people.Twin.Alder);

        using var answer = await http.PostAsync("$batch", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(text);
    }
}
