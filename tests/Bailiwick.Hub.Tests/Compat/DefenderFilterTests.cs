using Bailiwick.Hub.Compat;
using Dapper;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Compat;

public sealed class DefenderFilterTests
{
    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("severity", "one of eq, ne, gt, ge, lt, le")]
    [InlineData("severity eq", "a value")]
    [InlineData("severity eq High", "'High'")]
    [InlineData("severity eq 'Dreadful'", "'High'")]
    [InlineData("severity gt 'Low'", "eq or ne")]
    [InlineData("title eq 'x'", "alertCreationTime, lastUpdateTime")]
    [InlineData("lastUpdateTime ge '2026-03-01T06:00:00Z'", "without quotes")]
    [InlineData("lastUpdateTime ge 2026-13-01T06:00:00Z", "a time")]
    [InlineData("lastUpdateTime ge null", "a time")]
    [InlineData("incidentId eq '7'", "without quotes")]
    [InlineData("(status eq 'New'", "')'")]
    [InlineData("status eq 'New')", "or the end")]
    [InlineData("status eq 'New", "single quotes")]
    [InlineData("contains(id,'x')", "alertCreationTime")]
    [InlineData("status eq 'New' not", "or the end")]
    [InlineData("status eq 'New'; DROP TABLE alerts", "or the end")]
    public void A_filter_that_cannot_be_read_is_refused_with_the_place(string filter, string expected) =>
        Should.Throw<DefenderFilterException>(() => DefenderFilterParser.Parse(filter)).Message.ShouldContain(expected);

    [Fact]
    public void A_refusal_repeats_nothing_of_the_filter() =>
        Should.Throw<DefenderFilterException>(() => DefenderFilterParser.Parse("canary7f3e eq 'x'")).Message.ShouldNotContain("canary7f3e");

    [Fact]
    public void And_binds_closer_than_or_and_parentheses_closer_than_both()
    {
        Sql("id eq 'a' or id eq 'b' and id eq 'c'").ShouldBe("(a.alert_id = @f0 OR (a.alert_id = @f1 AND a.alert_id = @f2))");
        Sql("(id eq 'a' or id eq 'b') and id eq 'c'").ShouldBe("((a.alert_id = @f0 OR a.alert_id = @f1) AND a.alert_id = @f2)");
    }

    [Fact]
    public void Values_travel_as_parameters_and_never_in_the_text()
    {
        var values = new DynamicParameters();
        var sql = DefenderFilterParser.Parse("id eq 'x'' OR 1=1 --' and status eq 'inprogress' and alertCreationTime lt 2026-03-01").ToSql(values);
        sql.ShouldBe("((a.alert_id = @f0 AND a.status = @f1) AND a.created_at < @f2)");
        values.Get<object>("f0").ShouldBe("x' OR 1=1 --");
        values.Get<object>("f1").ShouldBe(2L);
        values.Get<object>("f2").ShouldBe(new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);
    }

    [Fact]
    public void Nesting_and_length_have_a_limit()
    {
        Should.Throw<DefenderFilterException>(() => DefenderFilterParser.Parse(new string('(', 100) + "id eq 'a'" + new string(')', 100)));
        Should.Throw<DefenderFilterException>(() => DefenderFilterParser.Parse(string.Join(" or ", Enumerable.Repeat("id eq 'a'", 51))));
        Should.Throw<DefenderFilterException>(() => DefenderFilterParser.Parse(new string(' ', 5000)));
    }

    private static string Sql(string filter) => DefenderFilterParser.Parse(filter).ToSql(new DynamicParameters());
}
