using System.Text.Json;
using Bailiwick.Hub.Outbound;

namespace Bailiwick.Server.Start;

/// <summary>
/// The hub's clock in rehearsals with time travel: this machine's, moved by as much as the twin's control port says, asked once a second.
/// The production profile refuses it. While the control port is silent the last known distance holds. Thread safe.
/// </summary>
internal sealed class BorrowedClock : TimeProvider, IDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _machine;
    private readonly OutboundFactory _outbound = new(new OutboundOptions { AllowLoopback = true });
    private readonly HttpClient _http;
    private readonly Uri _clock;
    private readonly CancellationTokenSource _stop = new();
    private long _offsetTicks;

    public BorrowedClock(Uri control, TimeProvider machine)
    {
        _machine = machine;
        _clock = new Uri(control, "clock");
        _http = _outbound.CreateHttpClient();
        Following = FollowAsync();
    }

    /// <summary>Ends when the clock is disposed; never throws.</summary>
    public Task Following { get; }

    public override DateTimeOffset GetUtcNow() => _machine.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    public void Dispose()
    {
        _stop.Cancel();
        _http.Dispose();
        _outbound.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await _http.GetAsync(_clock, _stop.Token);
                await using var body = await answer.Content.ReadAsStreamAsync(_stop.Token);
                using var json = await JsonDocument.ParseAsync(body, cancellationToken: _stop.Token);
                var theirs = json.RootElement.GetProperty("now").GetDateTimeOffset();
                Interlocked.Exchange(ref _offsetTicks, (theirs - _machine.GetUtcNow()).Ticks);
                await Task.Delay(AskEvery, _machine, _stop.Token);
            }
            catch (Exception silent) when (silent is HttpRequestException or JsonException or KeyNotFoundException or IOException)
            {
                await Task.Delay(AskEvery, _machine, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                if (_stop.IsCancellationRequested) return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
