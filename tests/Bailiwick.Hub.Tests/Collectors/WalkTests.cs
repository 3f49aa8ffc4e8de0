using System.Globalization;
using System.Text;
using System.Web;
using Bailiwick.Hub.Alerts;
using Bailiwick.Hub.Collectors;
using Bailiwick.Hub.Collectors.DefenderAlerts;
using Bailiwick.Hub.Collectors.GraphAlerts;
using Bailiwick.Hub.Upstream;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Collectors;

public sealed class WalkTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 11, 0, 0, 0, TimeSpan.Zero);

    public enum Order
    {
        NewestFirst,
        OldestFirst,
        Shuffled,
    }

    public static TheoryData<bool, Order, bool, bool, int> Servers()
    {
        var data = new TheoryData<bool, Order, bool, bool, int>();
        foreach (var graph in (bool[])[true, false])
        {
            foreach (var order in Enum.GetValues<Order>())
            {
                foreach (var links in (bool[])[true, false])
                {
                    foreach (var counts in (bool[])[true, false]) data.Add(graph, order, links, counts, 7);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Every_record_is_seen_whatever_the_server_does(bool graph, Order order, bool links, bool counts, int clamp)
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var server = new Server(seed, graph, order) { Links = links, Counts = counts, Clamp = clamp, MaxSkip = graph ? 500 : int.MaxValue };
            server.AddRows(new Random(seed).Next(0, 160), equalShare: 0.3, maxEqual: 6);
            var (result, seen, completed) = await RunAsync(server, pageSize: 10);
            result.ShouldBeOfType<WalkResult.Clean>($"seed {seed}");
            seen.SetEquals(server.Ids).ShouldBeTrue($"seed {seed}: {server.Ids.Count - seen.Count} of {server.Ids.Count} records missed");
            completed.ShouldBe(1, $"seed {seed}");
        }
    }

    [Fact]
    public async Task More_equal_times_than_a_page_are_read_with_skip()
    {
        var server = new Server(3, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500 };
        server.AddEqual(120);
        var (result, seen, _) = await RunAsync(server, pageSize: 50);
        result.ShouldBeOfType<WalkResult.Clean>();
        seen.Count.ShouldBe(120);
    }

    [Fact]
    public async Task More_equal_times_than_the_server_lists_are_said_aloud()
    {
        var server = new Server(3, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500 };
        server.AddEqual(700);
        var (result, _, completed) = await RunAsync(server, pageSize: 50);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.CannotEnumerate);
        completed.ShouldBe(0);
    }

    [Fact]
    public async Task An_order_that_only_looks_like_time_order_loses_nothing()
    {
        // The first page is in time order by accident, the rest is not: the count gives it away.
        var server = new Server(5, graph: true, Order.Shuffled) { Counts = true, MaxSkip = 500, FirstPageSorted = true };
        server.AddRows(200, 0, 1);
        var (result, seen, _) = await RunAsync(server, pageSize: 20);
        result.ShouldBeOfType<WalkResult.Clean>();
        seen.Count.ShouldBe(200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_failure_on_any_page_is_no_clean_walk(int failAt)
    {
        var server = new Server(2, graph: true, Order.NewestFirst) { Counts = true, FailAt = failAt };
        server.AddRows(80, 0, 1);
        var (result, _, completed) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.Throttled);
        completed.ShouldBe(0);
    }

    [Fact]
    public async Task A_partial_answer_is_stored_but_never_clean()
    {
        var server = new Server(2, graph: true, Order.NewestFirst) { Counts = true, Warning = "206" };
        server.AddRows(5, 0, 1);
        var (result, seen, completed) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.Partial);
        seen.Count.ShouldBe(5);
        completed.ShouldBe(0);
    }

    [Fact]
    public async Task A_continuation_in_a_circle_ends_the_walk()
    {
        var server = new Server(2, graph: true, Order.NewestFirst) { Links = true, Circle = true, Counts = true };
        server.AddRows(50, 0, 1);
        var (result, _, completed) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.BadContinuation);
        completed.ShouldBe(0);
    }

    [Fact]
    public async Task A_poll_asks_once_for_a_page_shorter_than_what_the_server_was_seen_to_list()
    {
        var obstacles = new Obstacles();
        var before = new Server(3, graph: false, Order.NewestFirst);
        before.AddRows(8, 0, 1);
        await RunAsync(before, pageSize: 10, obstacles: obstacles);

        foreach (var (rows, trusts, calls) in ((int, bool, int)[])[(7, true, 1), (8, true, 2), (7, false, 2)])
        {
            var server = new Server(3, graph: false, Order.NewestFirst);
            server.AddRows(rows, 0, 1);
            var (result, seen, _) = await RunAsync(server, pageSize: 10, obstacles: obstacles, trusts: trusts);
            result.ShouldBeOfType<WalkResult.Clean>();
            seen.SetEquals(server.Ids).ShouldBeTrue();
            server.Calls.ShouldBe(calls, $"{rows} records, trusts {trusts}");
        }
    }

    [Fact]
    public async Task A_server_that_begins_to_cut_pages_short_is_caught_by_the_next_walk_that_proves_and_not_trusted_after_it()
    {
        var obstacles = new Obstacles();
        var before = new Server(3, graph: false, Order.NewestFirst);
        before.AddRows(8, 0, 1);
        await RunAsync(before, pageSize: 10, obstacles: obstacles);
        foreach (var (trusts, whole) in ((bool, bool)[])[(true, false), (false, true), (true, true)])
        {
            var server = new Server(3, graph: false, Order.NewestFirst) { Clamp = 4 };
            server.AddRows(30, 0, 1);
            var (_, seen, _) = await RunAsync(server, pageSize: 10, obstacles: obstacles, trusts: trusts);
            seen.SetEquals(server.Ids).ShouldBe(whole);
        }
    }

    [Fact]
    public async Task An_endless_walk_is_given_up()
    {
        var server = new Server(2, graph: false, Order.Shuffled) { Clamp = 1 };
        server.AddRows(100, 0, 1);
        var (result, _, _) = await RunAsync(server, pageSize: 10, maxRequests: 20);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.CannotEnumerate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_that_cannot_be_listed_is_set_aside_and_the_rest_moves_on(bool graph)
    {
        var server = new Server(4, graph, Order.NewestFirst) { Counts = true, Broken = ["id17", "id33"] };
        server.AddRows(60, 0, 1);
        var obstacles = new Obstacles { Narrow = true };
        List<RejectedRecord> setAside = [];
        var (result, seen, completed) = await RunAsync(server, pageSize: 10, obstacles: obstacles, setAside: setAside);
        result.ShouldBeOfType<WalkResult.Clean>();
        completed.ShouldBe(1);
        seen.SetEquals(server.Ids.Except(server.Broken)).ShouldBeTrue();
        setAside.Select(record => record.Reason).ShouldBe(["unlistable", "unlistable"]);
        setAside.Select(record => record.Place).Distinct().Count().ShouldBe(2);

        var before = server.Calls;
        await RunAsync(server, pageSize: 10, obstacles: obstacles);
        (server.Calls - before).ShouldBeLessThan(before / 2, "the next walk goes round what is known");
    }

    [Fact]
    public async Task A_record_listed_again_is_no_obstacle_any_more()
    {
        var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, Broken = ["id3"] };
        server.AddRows(20, 0, 1);
        var obstacles = new Obstacles { Narrow = true };
        await RunAsync(server, pageSize: 10, obstacles: obstacles);
        obstacles.Any.ShouldBeTrue();
        server.Broken.Clear();
        var (_, seen, _) = await RunAsync(server, pageSize: 10, obstacles: obstacles);
        seen.SetEquals(server.Ids).ShouldBeTrue();
        obstacles.Any.ShouldBeFalse();
    }

    [Fact]
    public async Task One_of_several_records_of_one_instant_is_set_aside_alone()
    {
        var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500, Broken = ["id5"] };
        server.AddEqual(9);
        List<RejectedRecord> setAside = [];
        var (result, seen, _) = await RunAsync(server, pageSize: 10, obstacles: new Obstacles { Narrow = true }, setAside: setAside);
        result.ShouldBeOfType<WalkResult.Clean>();
        seen.SetEquals(server.Ids.Except(["id5"])).ShouldBeTrue();
        setAside.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)] // faults that pass
    public async Task A_record_whose_evidence_cannot_be_listed_is_stored_without_it_and_set_aside(int faults)
    {
        var server = new Server(4, graph: false, Order.NewestFirst) { Broken = ["id7"], PlainWorks = true, PlainFaults = faults };
        server.AddRows(20, 0, 1);
        List<RejectedRecord> setAside = [];
        var (result, seen, _) = await RunAsync(server, pageSize: 10, obstacles: new Obstacles { Narrow = true }, setAside: setAside);
        result.ShouldBeOfType<WalkResult.Clean>();
        seen.SetEquals(server.Ids).ShouldBeTrue();
        setAside.Single().Detail.ShouldContain("without its evidence");
    }

    [Fact]
    public async Task A_server_that_is_down_sets_nothing_aside()
    {
        var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, Down = true };
        server.AddRows(20, 0, 1);
        List<RejectedRecord> setAside = [];
        var (result, _, completed) = await RunAsync(server, pageSize: 10, obstacles: new Obstacles { Narrow = true }, setAside: setAside);
        result.ShouldBeOfType<WalkResult.Stopped>().Reason.ShouldBe(UpstreamFailure.ServerError);
        completed.ShouldBe(0);
        setAside.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failing_page_is_not_narrowed_before_it_has_failed_again_and_again()
    {
        var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, Broken = ["id3"] };
        server.AddRows(20, 0, 1);
        var (result, _, _) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Stopped>();
        server.Calls.ShouldBeLessThan(4);
    }

    [Theory]
    [InlineData(Order.NewestFirst)]
    [InlineData(Order.OldestFirst)]
    [InlineData(Order.Shuffled)]
    public async Task A_record_that_moves_up_while_its_page_is_looked_behind_is_not_missed(Order order)
    {
        var server = new Server(4, graph: false, order) { Clamp = 5 };
        server.AddRows(6, 0, 1);
        server.OnCall = (call, _) =>
        {
            if (call == 2) server.RemoveFirst();
        };
        var (result, seen, _) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Clean>();
        server.Ids.Count.ShouldBe(5);
        seen.IsSupersetOf(server.Ids).ShouldBeTrue("the sixth took the fifth place and stood on no page");
    }

    [Theory]
    [InlineData(true, Order.NewestFirst)]
    [InlineData(true, Order.Shuffled)]
    [InlineData(false, Order.NewestFirst)]
    [InlineData(false, Order.Shuffled)]
    public async Task A_record_that_moves_up_while_continuations_are_followed_is_not_missed(bool graph, Order order)
    {
        var server = new Server(4, graph, order) { Clamp = 5, Links = true, Counts = true, MaxSkip = graph ? 500 : int.MaxValue };
        server.AddRows(23, 0, 1);
        server.OnCall = (call, _) =>
        {
            if (call == 3) server.RemoveFirst();
        };
        var (result, seen, completed) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Clean>();
        seen.IsSupersetOf(server.Ids).ShouldBeTrue();
        completed.ShouldBe(1);
    }

    [Fact]
    public async Task Records_of_one_instant_that_move_while_they_are_skipped_through_are_no_clean_walk()
    {
        var server = new Server(3, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500 };
        server.AddEqual(45);
        var moved = false;
        server.OnCall = (_, skip) =>
        {
            if (skip > 0 && !moved) server.RemoveFirst();
            moved |= skip > 0;
        };
        var (result, _, completed) = await RunAsync(server, pageSize: 10);
        result.ShouldBeOfType<WalkResult.Stopped>().NeedsPerson.ShouldBeFalse("the next walk reads them");
        completed.ShouldBe(0);
    }

    [Fact]
    public async Task A_passing_failure_beside_a_record_that_cannot_be_listed_sets_nothing_else_aside()
    {
        var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500, Broken = ["id5"] };
        server.AddEqual(9);
        var failed = false;
        server.Fails = skip => skip == 7 && !failed && (failed = true);
        List<RejectedRecord> setAside = [];
        var (result, seen, _) = await RunAsync(server, pageSize: 10, obstacles: new Obstacles { Narrow = true }, setAside: setAside);
        result.ShouldBeOfType<WalkResult.Clean>();
        failed.ShouldBeTrue();
        seen.SetEquals(server.Ids.Except(["id5"])).ShouldBeTrue();
        setAside.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_cannot_be_listed_has_one_place_whatever_window_it_was_found_from()
    {
        List<RejectedRecord> setAside = [];
        foreach (var later in (long[])[0, 12_345, 7_654_321])
        {
            var server = new Server(4, graph: true, Order.NewestFirst) { Counts = true, MaxSkip = 500, Broken = ["id3"] };
            server.AddRows(20, 0, 1);
            await RunAsync(server, pageSize: 10, obstacles: new Obstacles { Narrow = true }, setAside: setAside, later: TimeSpan.FromTicks(later));
        }

        setAside.Count.ShouldBe(3);
        setAside.Select(record => record.Place).Distinct().Count().ShouldBe(1);
    }

    private static async Task<(WalkResult Result, HashSet<string> Seen, int Completed)> RunAsync(
        Server server, int pageSize, int maxRequests = 5000, Obstacles? obstacles = null, List<RejectedRecord>? setAside = null, TimeSpan later = default, bool trusts = false)
    {
        IAlertSource source = server.Graph ? new GraphAlertSource() : new DefenderAlertSource();
        var options = new CollectorOptions { PageSize = pageSize, MaxRequestsPerWalk = maxRequests };
        var walk = new Walk(server.GetAsync, source, new Uri("https://plane.example"), options, obstacles ?? new Obstacles()) { TrustsShortPages = trusts };
        var seen = new HashSet<string>();
        var completed = 0;
        var result = await walk.RunAsync(
            new TimeWindow(Start - later, Start.AddHours(1)),
            (page, last) =>
            {
                completed.ShouldBe(0, "nothing is stored after the page that completes the walk");
                foreach (var alert in page.Alerts) seen.Add(alert.Id!);
                if (last) completed++;
                page.Dispose();
                return Task.CompletedTask;
            },
            CancellationToken.None);
        setAside?.AddRange(walk.SetAside);
        return (result, seen, completed);
    }

    /// <summary>A list endpoint with the habits documented and observed of the real ones.</summary>
    private sealed class Server(int seed, bool graph, Order order)
    {
        private readonly Random _random = new(seed);
        private readonly List<(string Id, DateTimeOffset At)> _rows = [];
        private int _calls;

        public bool Graph { get; } = graph;

        public bool Links { get; init; }

        public bool Circle { get; init; }

        public bool Counts { get; init; }

        public bool FirstPageSorted { get; init; }

        public int Clamp { get; init; } = int.MaxValue;

        public int MaxSkip { get; init; } = int.MaxValue;

        public int FailAt { get; init; } = -1;

        public string? Warning { get; init; }

        /// <summary>Records that make every page they are on fail.</summary>
        public HashSet<string> Broken { get; init; } = [];

        /// <summary>Whether a broken record can be listed without its expansions.</summary>
        public bool PlainWorks { get; init; }

        /// <summary>How many calls without expansions fail first.</summary>
        public int PlainFaults { get; set; }

        /// <summary>No answer is ever a page.</summary>
        public bool Down { get; set; }

        public int Calls => _calls;

        /// <summary>Told of each call before it is answered: how many there were, and its <c>$skip</c>.</summary>
        public Action<int, int> OnCall { get; set; } = (_, _) => { };

        /// <summary>Whether a call for one record at a place fails.</summary>
        public Func<int, bool> Fails { get; set; } = _ => false;

        public HashSet<string> Ids => [.. _rows.Select(row => row.Id)];

        public void AddRows(int count, double equalShare, int maxEqual)
        {
            while (_rows.Count < count)
            {
                var at = Start.AddTicks(_random.NextInt64(TimeSpan.FromHours(1).Ticks));
                var equal = _random.NextDouble() < equalShare ? _random.Next(1, maxEqual) : 1;
                for (var i = 0; i < equal && _rows.Count < count; i++) _rows.Add(($"id{_rows.Count}", at));
            }

            var shuffled = _rows.ToArray();
            _random.Shuffle(shuffled);
            _rows.Clear();
            _rows.AddRange(order switch
            {
                Order.NewestFirst => shuffled.OrderByDescending(row => row.At),
                Order.OldestFirst => shuffled.OrderBy(row => row.At),
                _ => shuffled.AsEnumerable(),
            });
        }

        /// <summary>The first record is updated now: it leaves the window.</summary>
        public void RemoveFirst() => _rows.RemoveAt(0);

        public void AddEqual(int count)
        {
            for (var i = 0; i < count; i++) _rows.Add(($"id{i}", Start.AddMinutes(30)));
        }

        public Task<PageAnswer> GetAsync(Uri address, bool behind, CancellationToken cancellationToken)
        {
            if (_calls++ == FailAt) return Task.FromResult<PageAnswer>(new PageAnswer.TryLater(UpstreamFailure.Throttled, "429"));
            if (Down) return Task.FromResult<PageAnswer>(new PageAnswer.TryLater(UpstreamFailure.ServerError, "500"));
            var query = HttpUtility.ParseQueryString(address.Query);
            var parts = query["$filter"]!.Split(' ');
            var from = DateTimeOffset.Parse(parts[2], CultureInfo.InvariantCulture);
            var to = DateTimeOffset.Parse(parts[6], CultureInfo.InvariantCulture);
            var top = Math.Min(int.Parse(query["$top"]!, CultureInfo.InvariantCulture), Clamp);
            var skip = int.Parse(query["$skip"] ?? "0", CultureInfo.InvariantCulture);
            OnCall(_calls, skip);
            if (top == 1 && Fails(skip)) return Task.FromResult<PageAnswer>(new PageAnswer.TryLater(UpstreamFailure.ServerError, "500"));
            if (!Graph && query["$expand"] is null && PlainFaults-- > 0) return Task.FromResult<PageAnswer>(new PageAnswer.TryLater(UpstreamFailure.TimedOut, "hangs"));
            if (skip > MaxSkip && query["link"] is null) return Task.FromResult<PageAnswer>(new PageAnswer.Refused(UpstreamFailure.BadRequest, "$skip"));
            var matching = _rows.Where(row => row.At >= from && row.At < to).ToList();
            IEnumerable<(string Id, DateTimeOffset At)> rows = matching.Skip(skip).Take(top);
            if (FirstPageSorted && _calls == 1) rows = rows.OrderByDescending(row => row.At);
            var listed = rows.ToList();
            if (listed.Any(row => Broken.Contains(row.Id)) && !(PlainWorks && query["$expand"] is null))
                return Task.FromResult<PageAnswer>(new PageAnswer.TryLater(UpstreamFailure.ServerError, "500"));
            var json = new StringBuilder("{");
            if (Counts && Graph) json.Append(CultureInfo.InvariantCulture, $"\"@odata.count\":{matching.Count},");
            if (Links && skip + listed.Count < matching.Count)
            {
                var next = Circle ? 10 : skip + listed.Count;
                json.Append(CultureInfo.InvariantCulture, $"\"@odata.nextLink\":\"https://plane.example/x?$filter={Uri.EscapeDataString(query["$filter"]!)}&$top={query["$top"]}&$skip={next}&link=1\",");
            }

            var (time, id) = Graph ? ("lastUpdateDateTime", "id") : ("lastUpdateTime", "id");
            json.Append("\"value\":[").AppendJoin(',', listed.Select(row => $"{{\"{id}\":\"{row.Id}\",\"{time}\":\"{row.At:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}\"}}")).Append("]}");
            var bytes = Encoding.UTF8.GetBytes(json.ToString());
            var buffer = UpstreamPage.Pool.Rent(bytes.Length);
            bytes.CopyTo(buffer, 0);
            IAlertSource source = Graph ? new GraphAlertSource() : new DefenderAlertSource();
            return Task.FromResult<PageAnswer>(new PageAnswer.Page(UpstreamPage.Read(buffer, bytes.Length, source.Shape), Warning));
        }
    }
}
