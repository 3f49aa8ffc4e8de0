using Bailiwick.Api;
using Bailiwick.Server.Http;
using Bailiwick.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Bailiwick.Hub.Tests.Server;

public sealed class RequestBudgetTests
{
    [Theory]
    [InlineData(Routes.Alerts, true)]
    [InlineData(Routes.CompatToken, true)]
    [InlineData(Routes.CompatExporterAlerts, true)]
    [InlineData(Routes.CompatDefenderAlerts, true)]
    [InlineData(Routes.HealthLive, false)]
    public async Task Sixty_at_once_and_then_429_with_a_time_except_for_health(string path, bool counted)
    {
        var budget = new RequestBudget(new ManualTime());
        var passed = 0;
        var http = new DefaultHttpContext();
        for (var i = 0; i <= RequestBudget.Burst; i++)
        {
            http = new DefaultHttpContext { Request = { Path = path } };
            await budget.Spend(http, _ =>
            {
                passed++;
                return Task.CompletedTask;
            });
        }

        passed.ShouldBe(counted ? RequestBudget.Burst : RequestBudget.Burst + 1);
        http.Response.StatusCode.ShouldBe(counted ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK);
        if (counted) http.Response.Headers.RetryAfter.ToString().ShouldBe("1");
    }
}
